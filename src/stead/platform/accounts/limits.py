"""Count tries in the database, so that the limit holds exactly, whatever number of workers asks.

A try takes its number before anything is checked, in one statement: of a hundred at once, LIMIT are checked and the
rest are refused. The count belongs to the pair of address and account, so nobody can lock a colleague out from
elsewhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from stead.platform import encryption
from stead.platform.accounts.factor_models import SignInTry
from stead.platform.refusals import Refusal

LIMIT = 10
WINDOW = timedelta(minutes=15)

_COUNT = """
insert into platform_signintry as t (key, tries, since) values (%(key)s, 1, %(at)s)
on conflict (key) do update set
  tries = case when t.since <= %(start)s then 1 else t.tries + 1 end,
  since = case when t.since <= %(start)s then %(at)s else t.since end
returning tries
"""


class TooManyTries(Refusal):
    status = 429
    words = "Too many tries from here. Wait 15 minutes, or use a passkey. Nothing of yours is locked elsewhere."


def _key(kind: str, who: str, address: str) -> str:
    return encryption.blind_index(f"{kind}|{who}|{address}")


def count_try(kind: str, who: str, address: str, at: datetime) -> None:
    """Take one try of the pair, or refuse when LIMIT were taken within WINDOW."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": _key(kind, who, address), "at": at, "start": at - WINDOW})
        (tries,) = cursor.fetchone()
    if tries > LIMIT:
        raise TooManyTries()


def forget_tries(kind: str, who: str, address: str) -> None:
    """Start the pair's count anew, after a success."""
    SignInTry.objects.filter(key=_key(kind, who, address)).delete()
