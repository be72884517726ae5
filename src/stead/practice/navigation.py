"""The room Seats in the bar."""

from stead.platform.web import palette
from stead.platform.web.navigation import Entry, declare, declare_tab
from stead.platform.web.palette import Deed

declare(Entry("seats", "Seats", "practice_seats", "practice.read", group="practice", letter="S"))
declare_tab("seats", Entry("chart", "Chart", "practice_seats", "practice.read"))
declare_tab("seats", Entry("absences", "Absences", "practice_absences", "practice.read"))
declare_tab("seats", Entry("people", "People", "setup_people", "practice.read"))
declare_tab("seats", Entry("locations", "Locations", "practice_locations", "practice.read"))
declare_tab("seats", Entry("setup", "Set up", "setup", "setup.read"))

palette.declare(
    Deed(
        "Record an absence",
        "practice_absences",
        "practice.record_absence",
        also="away ill holiday vacation",
        part="record",
    )
)
palette.declare(
    Deed("Say who needs a second step", "security", "security.set", also="security passkey two factor", part="ask")
)
palette.declare(Deed("Open records in an emergency", "glass", "glass.break", also="break the glass"))
