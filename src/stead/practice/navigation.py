"""The room Seats in the bar."""

from stead.platform.web.navigation import Entry, declare, declare_tab

declare(Entry("seats", "Seats", "practice_seats", "practice.read", group="practice", letter="S"))
declare_tab("seats", Entry("chart", "Chart", "practice_seats", "practice.read"))
declare_tab("seats", Entry("absences", "Absences", "practice_absences", "practice.read"))
