"""The rooms Today, Numbers and Rhythm in the bar; the last pages of the room Seats."""

from stead.platform.web import palette
from stead.platform.web.navigation import Entry, declare, declare_tab
from stead.platform.web.palette import Deed

declare(Entry("today", "Today", "today", "home.read", letter="T"))
declare_tab("today", Entry("overview", "Overview", "today", "home.read"))
declare(Entry("numbers", "Numbers", "numbers_scorecard", "numbers.read", group="practice", letter="N"))
declare_tab("numbers", Entry("scorecard", "Scorecard", "numbers_scorecard", "numbers.read"))
declare_tab("numbers", Entry("definitions", "Definitions", "numbers_definitions", "numbers.read"))
declare(Entry("rhythm", "Rhythm", "rhythm_meeting", "rhythm.read", group="practice", letter="R"))
declare_tab("rhythm", Entry("meeting", "Weekly meeting", "rhythm_meeting", "rhythm.read"))
declare_tab("rhythm", Entry("issues", "Issues", "rhythm_issues", "rhythm.read"))
declare_tab("rhythm", Entry("decisions", "Decisions", "rhythm_decisions", "rhythm.read"))
declare_tab("rhythm", Entry("todos", "To-dos", "rhythm_todos", "rhythm.read"))
declare_tab("seats", Entry("absence", "What would stall", "seats_absence", "absence.preview"))
# Pages of the platform, which knows no rooms; they stand last among the pages of Seats.
declare_tab("seats", Entry("tokens", "API tokens", "api_tokens", "tokens.manage"))
declare_tab("seats", Entry("security", "Signing in", "security", "security.set"))
palette.declare(Deed("Make an API token", "api_tokens", "tokens.manage", also="program key access", part="make"))

palette.declare(Deed("Raise an issue", "rhythm_issues", "issues.raise", also="problem meeting", part="raise"))
palette.declare(Deed("Make a to-do", "rhythm_todos", "todos.make", also="task new", part="make"))
palette.declare(Deed("See what would stall", "seats_absence", "absence.preview", also="away holiday vacation ill"))
