"""Who may ask for care, work the intake queue, and open the patient's own page."""

from stead.platform.actors import STAFF_ROLES
from stead.platform.permissions import declare, open_by_link

declare("intake.ask", "ask for care", "public", *STAFF_ROLES, "system")
declare("intake.read", "see requests and the intake queue", "owner", "manager", "front_desk", "intake", "clinician")
declare("intake.verify", "accept or return documents", "manager", "front_desk", "intake", "biller")
declare("intake.invite", "invite a patient to their own page", "manager", "front_desk", "intake", "system")
declare("intake.enter", "open one's own page by an invitation", "public")
declare("intake.send", "send a document", "patient", "front_desk", "intake", "manager", "system")
declare("intake.write", "write to the practice", "patient", "system")
declare(
    "intake.screen", "say that a request is urgent", "owner", "manager", "front_desk", "intake", "clinician", "system"
)
declare("intake.take_safety", "take a safety request", *STAFF_ROLES)
declare("intake.settle_safety", "say what came of a safety request", "owner", "clinician")
declare("intake.set_safety", "set how long each person has to answer a safety request", "owner", "manager")
declare("intake.ring", "tell the next person of a safety request", "system")
declare("intake.export", "export the queue of intake, its documents and safety requests", "owner", "manager", "intake")
open_by_link("intake.send")
open_by_link("intake.write")
