"""Who may publish agreements, sign them, and see what was signed."""

from stead.platform.actors import STAFF_ROLES, Role
from stead.platform.permissions import declare, open_by_link

SIGNERS: tuple[Role, ...] = ("patient", "front_desk", "intake", "manager", "system")

declare("agreements.publish", "publish the wording of an agreement", "owner", "manager", "system")
declare(
    "agreements.sign", "sign an agreement or record a signature", "patient", "front_desk", "intake", "manager", "system"
)
declare("agreements.revoke", "take a signature back", *SIGNERS)
declare("agreements.read", "see what was signed", *STAFF_ROLES)
declare("agreements.export", "export the list of signatures", "owner", "manager", "intake")
open_by_link("agreements.sign")
