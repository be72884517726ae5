"""Count sendings of the public form per network address, in the database, so that every web process counts together.

The address itself is not kept: a keyed hash of it is, for a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from stead.intake import rules
from stead.intake.models import RequestAttempt
from stead.platform.encryption import blind_index
from stead.platform.tenancy import context


def count_attempt(address: str, at: datetime, *, urgent: bool = False) -> None:
    """Note one sending, or refuse with TooManyRequests. Refused ones are not noted: waiting an hour always helps.

    Somebody who may be in danger shares an address with a whole school or shelter: they get through much longer.
    """
    known = blind_index(f"{context.practice_id()}|{address}")
    RequestAttempt.objects.filter(at__lt=at - timedelta(days=1)).delete()
    sent = RequestAttempt.objects.filter(address_hash=known, at__gt=at - timedelta(hours=1)).count()
    rules.check_rate(sent, urgent=urgent)
    RequestAttempt.objects.create(address_hash=known, at=at)
