"""Who may see and change patients."""

from stead.platform import permissions
from stead.platform.actors import STAFF_ROLES, Role

DESK: tuple[Role, ...] = ("owner", "manager", "front_desk", "intake")

permissions.declare("patients.read", "see patients' records", *STAFF_ROLES, "system")
permissions.declare("patients.export", "export lists of patients and visits", "owner", "manager")
permissions.declare("patients.register", "register a patient", *DESK, "system", "public")
permissions.declare("patients.edit", "change a patient's record", *DESK, "biller", "system")
permissions.declare("patients.relate", "say who may act for a patient", *DESK, "system")
permissions.declare("patients.give_address", "say where a patient lives", *DESK, "patient", "system")
permissions.declare("patients.record_consent", "record how a patient may be reached", *DESK, "patient", "system")
permissions.open_by_link("patients.give_address")
