"""Who may read playbooks, work cases, and let a gate pass."""

from stead.platform import permissions
from stead.platform.actors import STAFF_ROLES

permissions.declare("playbooks.read", "read playbooks and gates", *STAFF_ROLES, "system")
permissions.declare("playbooks.publish", "publish playbooks and gates", "owner", "manager", "system")
permissions.declare("gates.override", "let a gate pass with a reason", "owner", "manager")
permissions.declare("cases.read", "see cases", *STAFF_ROLES, "system")
permissions.declare("cases.open", "open a case", *STAFF_ROLES, "patient", "public", "system")
permissions.declare("cases.give_item", "give what a case asks for", *STAFF_ROLES, "patient", "public", "system")
permissions.declare("cases.work", "work on cases", *STAFF_ROLES, "system")
permissions.declare("cases.move", "let cases move by themselves", *STAFF_ROLES, "patient", "public", "system")
permissions.declare("tasks.work", "work on tasks", *STAFF_ROLES, "system")
permissions.declare("cases.export", "export lists of cases and tasks", "owner", "manager", "intake")
permissions.open_by_link("cases.give_item")
