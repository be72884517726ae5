"""Check a password without telling, by its answer or its time, whether the account exists; and judge a new one.

Source: NIST SP 800-63B-4: at least 15 characters where a password is all there is, 8 beside a second factor, 64 and
more allowed, compared against a blocklist, no rule of composition, no forced change.
"""

from __future__ import annotations

from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext, gettext_noop

from stead.platform.accounts.models import Account
from stead.platform.refusals import InvalidInput

ALONE = 15
WITH_SECOND_FACTOR = 8
LONGEST = 256
_SHORT_ALONE = gettext_noop(
    "Use at least %(least)d characters while there is no second step. Four random words do well."
)
_SHORT_BESIDE = gettext_noop("Use at least %(least)d characters beside your second step. Four random words do well.")
_OURS = ("stead", "practice", "counseling", "password", "welcome", "therapy")


class PasswordRefused(InvalidInput):
    words = "Choose another password."


def find_by_password(email: str, password: str) -> Account | None:
    """Return the active account if the password is right."""
    account = Account.objects.filter(email=email.strip().lower(), is_active=True).first()
    if account is None:
        make_password(password)  # spends the same time as a check
        return None
    return account if check_password(password, account.password) else None


@cache
def _blocked() -> frozenset[str]:
    """Return 20,000 common passwords: the list that Django ships, so nothing is fetched."""
    from django.contrib.auth.password_validation import CommonPasswordValidator

    return frozenset(CommonPasswordValidator().passwords)


def check_new(password: str, *, email: str, second_factor: bool) -> None:
    """Refuse a password that is too short, too long, common, or little more than the account's or our own name."""
    least = WITH_SECOND_FACTOR if second_factor else ALONE
    if len(password) < least:
        short = gettext(_SHORT_BESIDE if second_factor else _SHORT_ALONE)
        raise PasswordRefused(short % {"least": least}, field="password")
    if len(password) > LONGEST:
        raise PasswordRefused(gettext("Use at most %(most)d characters.") % {"most": LONGEST}, field="password")
    if _is_guessable(password.lower(), email.lower()):
        raise PasswordRefused(
            gettext("This password is among those that are tried first. Four random words do well."), field="password"
        )


def _is_guessable(password: str, email: str) -> bool:
    core = password.strip("0123456789!?.-_ ")
    common = password in _blocked() or core in _blocked() or core in _OURS
    half = len(password) // 2
    repeated = len(set(password)) < 4 or (len(password) % 2 == 0 and password[:half] == password[half:] and half < 12)
    return common or repeated or core in (email, email.partition("@")[0])


def set_password(account: Account, password: str, *, second_factor: bool) -> None:
    """Judge the password and keep its hash. Every other session of the account ends with this."""
    check_new(password, email=account.email, second_factor=second_factor)
    account.set_password(password)
    account.save(update_fields=["password"])
