"""The only writers of playbooks, gates, cases, items, tasks and timers."""

from stead.processes.actions.alerts import mark_case, take_task
from stead.processes.actions.cases import (
    CaseClosed,
    close_case,
    hand_over_case,
    note_arrival,
    open_case,
    reconsider_case,
    reopen_case,
    reroute_cases,
)
from stead.processes.actions.items import accept_item, ask_item, receive_item, return_item, waive_item
from stead.processes.actions.playbooks import (
    publish_library,
    publish_playbook,
    retire_playbook,
    save_playbook_draft,
)
from stead.processes.actions.tasks import ask_to_mend, complete_task, create_task
from stead.processes.actions.timers import fire_timers

__all__ = [
    "CaseClosed",
    "accept_item",
    "ask_item",
    "ask_to_mend",
    "close_case",
    "complete_task",
    "create_task",
    "fire_timers",
    "hand_over_case",
    "mark_case",
    "note_arrival",
    "open_case",
    "publish_library",
    "publish_playbook",
    "receive_item",
    "reconsider_case",
    "reopen_case",
    "reroute_cases",
    "retire_playbook",
    "return_item",
    "save_playbook_draft",
    "take_task",
    "waive_item",
]
