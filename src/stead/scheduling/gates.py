"""What the practice's gates are asked before a visit is booked or a patient checked in."""

from __future__ import annotations

from datetime import datetime

from stead.platform.actors import Actor
from stead.processes import gates
from stead.processes.gates import OverrideRequest
from stead.scheduling.models import Appointment


def ask(action: str, draft: Appointment, *, by: Actor, at: datetime, override: OverrideRequest | None = None) -> None:
    """Ask the gates of the action; they refuse with GateRefused. The draft carries its patient, service and places."""
    gates.ask(action, subjects(draft), by=by, at=at, override=override)


def subjects(draft: Appointment) -> dict[str, object]:
    return {"patient": draft.patient, "appointment": draft}
