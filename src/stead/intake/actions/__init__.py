"""Take in what people ask, send and write, let them onto their own page, and answer who may be in danger.

One module per noun; the doors are gathered here, so that callers write `intake.actions.send_document(...)`.
"""

from stead.intake.actions.documents import send_document
from stead.intake.actions.messages import ask_practice
from stead.intake.actions.requests import (
    invite_patient,
    note_sign_in_made,
    receive_request,
    renew_invitation,
    try_invitation,
)
from stead.intake.actions.safety import (
    note_safety_task_done,
    pass_safety_alarm_on,
    raise_safety_alarm,
    ring_safety_alarm,
    set_safety_minutes,
    settle_safety_alarm,
    take_safety_alarm,
)
from stead.intake.actions.urgent import mark_urgent, say_urgent_late

__all__ = [
    "ask_practice",
    "invite_patient",
    "mark_urgent",
    "note_safety_task_done",
    "note_sign_in_made",
    "pass_safety_alarm_on",
    "raise_safety_alarm",
    "receive_request",
    "renew_invitation",
    "ring_safety_alarm",
    "say_urgent_late",
    "send_document",
    "set_safety_minutes",
    "settle_safety_alarm",
    "take_safety_alarm",
    "try_invitation",
]
