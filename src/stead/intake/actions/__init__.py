"""Take in what people ask, send and write, and let them onto their own page.

One module per noun; the doors are gathered here, so that callers write `intake.actions.send_document(...)`.
"""

from stead.intake.actions.documents import send_document
from stead.intake.actions.messages import ask_practice
from stead.intake.actions.requests import count_wrong_birth_date, invite_patient, receive_request, use_invitation

__all__ = [
    "ask_practice",
    "count_wrong_birth_date",
    "invite_patient",
    "receive_request",
    "send_document",
    "use_invitation",
]
