"""The intake room in the bar, and its pages."""

from stead.platform.web.navigation import Entry, declare, declare_tab

declare(Entry("intake", "Intake", "intake_queue", "intake.read", letter="I"))
declare_tab("intake", Entry("queue", "Queue", "intake_queue", "intake.read"))
declare_tab("intake", Entry("safety", "Safety", "intake_safety", "intake.take_safety"))
declare_tab("intake", Entry("documents", "Documents", "intake_documents", "intake.read"))
declare_tab("intake", Entry("forms", "Forms", "forms_agreements", "agreements.read"))
