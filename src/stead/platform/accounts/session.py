"""From a session to an account and a membership: who is here, in which practice, and for how long still.

Django's own authentication middleware needs its user, group and permission tables; Stead has one account table and its
own permissions, so these few lines take its place. A session ends after 15 minutes without the person doing something,
and after 12 hours in any case (NIST SP 800-63B-4, AAL3). What a page does by itself (the live stream, a live part
reading itself again) is not the person doing something. A changed password ends every other session at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal

from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from stead.platform import clock
from stead.platform.accounts import second_step
from stead.platform.accounts.devices import device_words
from stead.platform.accounts.factor_models import LinkVisit, SignedIn
from stead.platform.accounts.models import Account, Membership

STAMP_KEY = "stamp"
SIGNED_IN_KEY = "signed_in"
PASSWORD_ALONE = "password"  # noqa: S105  a way of signing in, not a secret
IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
WRITTEN_EVERY = timedelta(seconds=10)
"""`seen_at` is written at most this often; the logoff may come early by as much, never late."""


def stamp(account: Account) -> str:
    """Return what the session keeps of the password."""
    return salted_hmac("stead.session", account.password, algorithm="sha256").hexdigest()


def sign_in(
    request: HttpRequest, account: Account, membership: Membership | None = None, way: str = PASSWORD_ALONE
) -> SignedIn:
    """Start a session for the account. Nothing of the earlier one is carried over, its key least of all."""
    sign_out(request)
    request.session.create()
    now = clock.now()
    row = SignedIn.objects.create(
        account=account,
        membership=membership,
        session_key=request.session.session_key or "",
        started_at=now,
        seen_at=now,
        device=device_words(request.headers.get("User-Agent", "")),
        way=way,
    )
    request.session[SIGNED_IN_KEY] = str(row.id)
    request.session[STAMP_KEY] = stamp(account)
    return row


def choose_membership(request: HttpRequest, membership: Membership) -> None:
    """Go on as this membership of the account."""
    here = SignedIn.objects.filter(id=request.session[SIGNED_IN_KEY], account_id=membership.account_id)
    here.update(membership=membership)
    request.__dict__.pop("_signed_in", None)


def sign_out(request: HttpRequest) -> None:
    """End the session of an account, or the visit by a link, that this browser holds."""
    end(request.session.get(SIGNED_IN_KEY))
    if request.session.session_key:
        LinkVisit.objects.filter(session_key=request.session.session_key).delete()
    request.session.flush()
    request.__dict__.pop("_signed_in", None)
    request.__dict__.pop("_link_visit", None)


def end(signed_in_id: str | None) -> None:
    """End one session, here or elsewhere: the next request with it is nobody's."""
    if signed_in_id:
        SignedIn.objects.filter(id=signed_in_id).delete()


def find_signed_in(request: HttpRequest) -> SignedIn | None:
    """Return the living session, read afresh once in each request: who has left is out at once."""
    if not hasattr(request, "_signed_in"):
        request._signed_in = _living(request)  # type: ignore[attr-defined]  # kept for the length of the request
    return request._signed_in  # type: ignore[attr-defined,no-any-return]


def _living(request: HttpRequest) -> SignedIn | None:
    chosen: str | None = request.session.get(SIGNED_IN_KEY)
    if not chosen:
        return None
    row = (
        SignedIn.objects.select_related("account", "membership__practice")
        .filter(id=chosen, session_key=request.session.session_key, account__is_active=True)
        .first()
    )
    now = clock.now()
    if row is None or not constant_time_compare(request.session.get(STAMP_KEY, ""), stamp(row.account)):
        return None
    if now - row.seen_at >= IDLE or now - row.started_at >= ABSOLUTE:
        row.delete()
        return None
    _remember_activity(request, row, now)
    return row


def _remember_activity(request: HttpRequest, row: SignedIn, now: datetime) -> None:
    if now - row.seen_at >= WRITTEN_EVERY and not is_by_itself(request):
        SignedIn.objects.filter(id=row.id).update(seen_at=now)


def is_by_itself(request: HttpRequest) -> bool:
    """Say whether the page asks by itself: the stream, or a live part that is its own source and target in htmx."""
    if "text/event-stream" in request.headers.get("Accept", ""):
        return True
    source = request.headers.get("HX-Source", "")
    return request.method == "GET" and bool(source) and source == request.headers.get("HX-Target")


def find_account(request: HttpRequest) -> Account | None:
    row = find_signed_in(request)
    return row.account if row else None


def signed_in(request: HttpRequest, kind: Literal["staff", "patient"]) -> Membership | None:
    """Return the living membership of the session, or None."""
    row = find_signed_in(request)
    membership = row.membership if row else None
    if membership is None or membership.kind != kind or membership.ended_at is not None:
        return None
    return membership


def lacks_second_step(request: HttpRequest) -> bool:
    """Answer whether this session came in by a password alone where the seat asks for more."""
    membership = _by_password_alone(request)
    return membership is not None and second_step.is_asked(membership, clock.now())


def will_lack_second_step(request: HttpRequest) -> date | None:
    """Return the day ahead from which this session's way in no longer opens the seat; None if there is none."""
    membership = _by_password_alone(request)
    day = second_step.asked_from(membership) if membership else None
    return day if membership and day and day > second_step.local_day(membership.practice, clock.now()) else None


def _by_password_alone(request: HttpRequest) -> Membership | None:
    row = find_signed_in(request)
    return row.membership if row is not None and row.way == PASSWORD_ALONE else None


def note_second_step(request: HttpRequest, way: str) -> None:
    """Note that the person of this session has just proved a second step, by setting one up."""
    row = find_signed_in(request)
    if row is not None and row.way == PASSWORD_ALONE:
        SignedIn.objects.filter(id=row.id).update(way=way)
        request.__dict__.pop("_signed_in", None)


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
