"""From a session to an account and a membership: who is here, in which practice.

Django's own authentication middleware needs its user, group and permission tables; Stead has one account table and its
own permissions, so these few lines take its place. The session remembers a keyed hash of the password: a changed
password ends every other session at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from stead.platform.accounts.models import Account, Membership

ACCOUNT_KEY = "account"
STAMP_KEY = "stamp"
MEMBERSHIP_KEY = "membership"


def stamp(account: Account) -> str:
    """Return what the session keeps of the password."""
    return salted_hmac("stead.session", account.password, algorithm="sha256").hexdigest()


def sign_in(request: HttpRequest, account: Account, membership: Membership | None = None) -> None:
    """Start a session for the account; the session's key changes, so an old one cannot be carried over."""
    request.session.cycle_key()
    request.session[ACCOUNT_KEY] = str(account.id)
    request.session[STAMP_KEY] = stamp(account)
    request.session.pop(MEMBERSHIP_KEY, None)
    if membership is not None:
        request.session[MEMBERSHIP_KEY] = str(membership.id)


def sign_out(request: HttpRequest) -> None:
    request.session.flush()


def find_account(request: HttpRequest) -> Account | None:
    """Return the living account of the session, read afresh on each request: who has left is out at once."""
    chosen: str | None = request.session.get(ACCOUNT_KEY)
    account = Account.objects.filter(id=chosen, is_active=True).first() if chosen else None
    if account is None or not constant_time_compare(request.session.get(STAMP_KEY, ""), stamp(account)):
        return None
    return account


def signed_in(request: HttpRequest, kind: Literal["staff", "patient"]) -> Membership | None:
    """Return the living membership of the session, or None."""
    chosen: str | None = request.session.get(MEMBERSHIP_KEY)
    account = find_account(request) if chosen else None
    if account is None:
        return None
    living = Membership.objects.select_related("practice").filter(account=account, kind=kind, ended_at=None)
    return living.filter(id=chosen).first() if chosen else None


class Nobody:
    """Stands in `request.user` for libraries that ask whether somebody is signed in."""

    is_authenticated = False
    is_active = False
    pk = None


def account_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Set `request.user` for libraries; Stead's own doors ask `signed_in`."""
    from django.utils.functional import SimpleLazyObject

    def run(request: HttpRequest) -> HttpResponseBase:
        request.user = SimpleLazyObject(lambda: find_account(request) or Nobody())  # type: ignore[assignment]
        return get_response(request)

    return run
