"""The intake room in the bar, and its pages."""

from stead.platform.web import palette
from stead.platform.web.navigation import Entry, declare, declare_tab
from stead.platform.web.palette import Deed

declare(Entry("intake", "Intake", "intake_queue", "intake.read", letter="I"))
declare_tab("intake", Entry("queue", "Queue", "intake_queue", "intake.read"))
declare_tab("intake", Entry("safety", "Safety", "intake_safety", "intake.take_safety"))
declare_tab("intake", Entry("documents", "Documents", "intake_documents", "intake.read"))
declare_tab("intake", Entry("forms", "Forms", "forms_agreements", "agreements.read"))

palette.declare(Deed("Look at documents", "intake_documents", "intake.verify", also="accept photo card"))
palette.declare(Deed("Publish a wording", "forms_publish", "agreements.publish", also="agreement consent form"))
