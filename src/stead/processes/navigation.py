"""The room Playbooks in the bar, with what runs by them."""

from stead.platform.web import palette
from stead.platform.web.navigation import Entry, declare, declare_tab
from stead.platform.web.palette import Deed

declare(Entry("playbooks", "Playbooks", "processes_playbooks", "playbooks.read", group="practice", letter="P"))
declare_tab("playbooks", Entry("library", "Library", "processes_playbooks", "playbooks.read"))
declare_tab("playbooks", Entry("cases", "Cases", "processes_cases", "cases.read"))
declare_tab("playbooks", Entry("gates", "Gates", "processes_gates", "playbooks.read"))
declare_tab("playbooks", Entry("work", "My work", "processes_work", "tasks.work"))

palette.declare(Deed("Write a playbook", "processes_playbook_write", "playbooks.publish", also="process new"))
