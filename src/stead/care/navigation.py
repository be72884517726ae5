"""The room of care in the bar."""

from stead.platform.web.navigation import Entry, declare, declare_tab

declare(Entry("care", "Care", "care_day", "care.read", letter="E"))
declare_tab("care", Entry("day", "My day", "care_day", "care.read"))
declare_tab("care", Entry("due", "Notes due", "care_due", "care.read"))
