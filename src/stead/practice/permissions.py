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
