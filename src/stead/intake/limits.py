"""Count sendings of the public form per network address, in the database, so that every web process counts together.

The address itself is not kept: a keyed hash of it is, for a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from stead.intake import rules
from stead.intake.models import RequestAttempt
from stead.platform.encryption import blind_index
from stead.platform.tenancy import context


def check_attempt(address: str, at: datetime, *, urgent: bool = False) -> None:
    """Refuse with TooManyRequests after too many in an hour; waiting an hour always helps.

    Somebody who may be in danger shares an address with a whole school or shelter: they get through much longer.
    """
    sent = RequestAttempt.objects.filter(address_hash=_hash(address), at__gt=at - timedelta(hours=1)).count()
    rules.check_rate(sent, urgent=urgent)


def note_attempt(address: str, at: datetime) -> None:
    """Count one request that was taken in. Corrections of a mistyped form are not counted."""
    RequestAttempt.objects.filter(at__lt=at - timedelta(days=1)).delete()
    RequestAttempt.objects.create(address_hash=_hash(address), at=at)


def _hash(address: str) -> str:
    return blind_index(f"{context.practice_id()}|{address}")
