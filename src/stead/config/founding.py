"""Make a practice in the directory with its first member of staff; cut API tokens."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from stead.platform import actors, clock
from stead.platform.accounts.models import Account, ApiToken, Membership, Practice
from stead.platform.accounts.tokens import issue_token
from stead.platform.identifiers import new_id
from stead.platform.journal import write as journal
from stead.platform.tenancy import context
from stead.practice.actions import install_seats, set_profile
from stead.practice.models import Location, Seat, SeatHolding, StaffMember
from stead.practice.terms import ProfileDetails

OWNER_ROLES = ("owner", "manager")
WEEK = {day: ["08:00", "18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


_TAKEN = "There is a practice “{}” already. Choose another short name with --slug."


class PracticeExists(RuntimeError):
    """The short name is taken."""


@dataclass(frozen=True)
class Founding:
    """What a practice begins with. `preset` names the seats; without one there is the owner's alone. A `clinician`
    is an owner who treats patients, as nobody gives themselves a role later."""

    name: str
    slug: str
    time_zone: str
    owner_name: str
    owner_email: str
    profile: ProfileDetails | None = None
    preset: str = ""
    clinician: bool = False

    @property
    def roles(self) -> list[str]:
        return [*OWNER_ROLES, "clinician"] if self.clinician else list(OWNER_ROLES)


def found_practice(said: Founding) -> tuple[Practice, str | None]:
    """Create the practice with its owner, the owner's seat, a first location and an account; return the first password.

    The tenant's rows come first and the directory's row last: a kill in between leaves rows that no address reaches,
    and the same command runs again. An account that exists keeps its password (None): people may own several.
    """
    if Practice.objects.filter(slug=said.slug).exists():
        raise PracticeExists(_TAKEN.format(said.slug))
    practice_id, person_id = new_id(), new_id()
    with context.acting(practice_id, actors.system(), kind="worker"):
        _furnish(said, practice_id, person_id)
    with _refusing_taken(said.slug), transaction.atomic():
        practice = Practice.objects.create(id=practice_id, name=said.name, slug=said.slug, time_zone=said.time_zone)
        account, password = _account(said.owner_email)
        Membership.objects.create(
            account=account, practice=practice, kind="staff", person_id=person_id, name=said.owner_name,
            roles=said.roles,
        )  # fmt: skip
    return practice, password


@contextmanager
def _refusing_taken(slug: str) -> Iterator[None]:
    """Say in words that another command took the short name in the meantime; any other breach rises."""
    try:
        yield
    except IntegrityError as error:
        if "slug" not in str(error):
            raise
        raise PracticeExists(_TAKEN.format(slug)) from None


def _furnish(said: Founding, practice_id: UUID, person_id: UUID) -> None:
    at, by = clock.now(), actors.system()
    location = Location.objects.create(name=said.name[:100], time_zone=said.time_zone, hours=WEEK)
    owner = StaffMember.objects.create(
        id=person_id, name=said.owner_name, email=said.owner_email, roles=said.roles, home_location_id=location.id,
        is_practitioner=said.clinician,
    )  # fmt: skip
    seat = Seat.objects.create(key="owner", name="Owner", duties=["Everything, until other seats are held"])
    today = at.astimezone(ZoneInfo(said.time_zone)).date()
    SeatHolding.objects.create(seat_id=seat.id, staff_id=owner.id, from_date=today)
    journal.write("practice.founded", by=by, at=at, subject=owner)
    if said.profile is not None:
        set_profile(practice=practice_id, by=by, at=at, details=said.profile)
    if said.preset:
        install_seats(practice=practice_id, by=by, at=at, preset=said.preset)


def _account(email: str) -> tuple[Account, str | None]:
    known = Account.objects.filter(email=email.strip().lower()).first()
    if known is not None:
        return known, None
    password = "-".join(secrets.token_hex(3) for _ in range(4))
    return Account.objects.create(email=email.strip().lower(), password=make_password(password)), password


def cut_token(
    practice: Practice, email: str, name: str, scopes: list[str], life: timedelta
) -> tuple[str, ApiToken] | None:
    """Cut a token from the rights of a member of staff; None if the address has no living membership there."""
    member = Membership.objects.filter(
        practice=practice, account__email=email.strip().lower(), kind="staff", ended_at=None
    ).first()
    if member is None:
        return None
    by = actors.system()
    with context.acting(practice.id, by):
        row, text = issue_token(
            practice=practice.id, by=by, at=clock.now(), person_id=member.person_id, name=name, scopes=scopes,
            days=life.days,
        )  # fmt: skip
    return text, row
