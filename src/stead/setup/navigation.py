"""What people do here by name. The tabs People and Set up stand beside the chart, which declares them."""

from stead.platform.web import palette
from stead.platform.web.palette import Deed

palette.declare(
    Deed("Invite somebody", "setup_people", "staff.invite", also="hire new staff user account", part="invite")
)
palette.declare(Deed("End somebody's work here", "setup_people", "staff.end", also="dismiss leave fire offboard"))
palette.declare(Deed("Close a day", "setup_closed_days", "practice.configure", also="holiday closure", part="close"))
palette.declare(Deed("Add a location", "setup_places", "practice.configure", also="office site address", part="add"))
palette.declare(Deed("Change the practice profile", "setup_profile", "practice.configure", also="npi tax address"))
