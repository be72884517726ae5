"""Who may change the practice itself."""

from stead.platform import permissions

permissions.declare(
    "practice.read", "see the seats", "owner", "manager", "front_desk", "intake", "clinician", "biller", "system"
)
permissions.declare("practice.configure", "set up places, people and seats", "owner", "manager", "system")
permissions.declare("practice.assign_seat", "name who holds a seat", "owner", "manager", "system")
permissions.declare(
    "practice.record_absence", "record an absence", "owner", "manager", "front_desk", "intake", "clinician", "biller",
    "system",
)  # fmt: skip
permissions.declare("practice.export", "export lists of seats, people, locations and absences", "owner", "manager")
permissions.declare("staff.read", "see how people here sign in", "owner", "manager")
permissions.declare("staff.invite", "invite somebody to work here", "owner", "manager")
permissions.declare("staff.set_roles", "change somebody's roles", "owner", "manager")
permissions.declare("staff.end", "end somebody's work here", "owner", "manager")
permissions.declare("staff.end_due", "end access whose day has come", "system")
