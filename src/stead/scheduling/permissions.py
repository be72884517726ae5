"""Who may see and change the book."""

from stead.platform import permissions
from stead.platform.actors import STAFF_ROLES, Role

DESK: tuple[Role, ...] = ("owner", "manager", "front_desk")

permissions.declare("calendar.read", "see the calendar", *STAFF_ROLES, "system")
permissions.declare("calendar.set_up", "set up services and working hours", "owner", "manager", "system")
permissions.declare("appointments.book", "book a visit", *DESK, "intake", "clinician", "patient", "system")
permissions.declare("appointments.overbook", "overbook a time on purpose", *DESK, "clinician")
permissions.declare("appointments.check_in", "check a patient in", *DESK, "clinician", "patient", "system")
permissions.declare("appointments.run_session", "start and finish a session", *DESK, "clinician", "system")
permissions.declare("appointments.cancel", "cancel a visit", *DESK, "intake", "clinician", "patient", "system")
