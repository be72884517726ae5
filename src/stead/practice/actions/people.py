"""Who works here: their record, their roles, their licenses, and the end of their work."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from stead.platform.accounts import memberships
from stead.platform.actions import action
from stead.platform.actors import STAFF_ROLES, Actor
from stead.platform.journal.write import write
from stead.platform.refusals import Conflict, InvalidInput
from stead.practice import queries
from stead.practice.actions.rows import check_named, get_row, saved
from stead.practice.actions.seats import drop_backups, end_holdings
from stead.practice.models import License, Location, StaffMember
from stead.practice.rules import EndBeforeStart, LastOwner, check_may_end, check_may_set_roles, check_npi
from stead.practice.terms import PersonDetails, StaffDetails


class GoneAlready(Conflict):
    words = "Their work here has ended already. Nothing was changed."


@action("create_staff_member", permission="practice.configure", words="add a member of staff")
def create_staff_member(*, practice: UUID, by: Actor, at: datetime, details: StaffDetails) -> StaffMember:
    """Add somebody who works here. An import may bring a number that is no NPI of ours; claims check it again."""
    check_named(details.name)
    _check_roles(details.roles)
    check_may_set_roles(by.id, by.roles, None, (), details.roles)
    if details.npi and not (details.npi.isdigit() and len(details.npi) == 10):
        raise InvalidInput("An NPI has 10 digits.", field="npi")
    if details.home_location_id:
        get_row(Location, details.home_location_id)
    values = dataclasses.asdict(details) | {"roles": list(details.roles), "languages": list(details.languages)}
    member = saved(StaffMember(**values))
    write("staff_member.created", by=by, at=at, subject=member, practitioner=member.is_practitioner, roles=member.roles)
    return member


def _check_roles(roles: Collection[str]) -> None:
    if strange := sorted(set(roles) - set(STAFF_ROLES)):
        raise InvalidInput(f"{strange[0]} is no role of staff.", field="roles")


@action("change_staff_member", permission="practice.configure", words="change a member of staff")
def change_staff_member(
    *, practice: UUID, by: Actor, at: datetime, staff_id: UUID, details: PersonDetails
) -> StaffMember:
    """Write somebody's name, credentials and numbers anew. The e-mail stays: links that open the account go there."""
    person = get_row(StaffMember, staff_id, lock=True)
    check_named(details.name)
    if details.npi:
        check_npi(details.npi)
    if details.home_location_id:
        get_row(Location, details.home_location_id)
    wanted = dataclasses.asdict(details) | {"name": details.name.strip(), "languages": list(details.languages)}
    changed = {name: [getattr(person, name), new] for name, new in wanted.items() if getattr(person, name) != new}
    for name, value in wanted.items():
        setattr(person, name, value)
    saved(person, changed=True)
    if "name" in changed:
        memberships.rename(person.id, person.name)
    write("staff_member.changed", by=by, at=at, subject=person, changed=changed)
    return person


@action("set_roles", permission="staff.set_roles", words="change somebody's roles")
def set_roles(*, practice: UUID, by: Actor, at: datetime, staff_id: UUID, roles: Collection[str]) -> StaffMember:
    """Give somebody other roles, from their next page on; what they sign in with follows by the database itself.

    Refuses one's own, the owner's role to whoever is no owner, and the last owner's loss of it.
    """
    wanted = [role for role in STAFF_ROLES if role in roles]
    _check_roles(roles)
    if not wanted:
        raise InvalidInput("Name at least one role, or end their work here.", field="roles")
    owners = _locked_owners()
    person = get_row(StaffMember, staff_id, lock=True)
    if person.ended_date is not None and person.ended_date <= queries.practice_day(at):
        raise GoneAlready(field="roles")
    was = list(person.roles)
    check_may_set_roles(by.id, by.roles, person.id, was, wanted)
    if "owner" in was and "owner" not in wanted:
        _check_owner_remains(owners, person)
    person.roles = wanted
    person.save(update_fields=["roles"])
    write("staff_member.roles_changed", by=by, at=at, subject=person, was=was, roles=wanted)
    return person


def _locked_owners() -> list[StaffMember]:
    """Take the owners' turn: of two owners who end each other at once, the second finds one owner left."""
    rows = StaffMember.objects.get_queryset().select_for_update().filter(roles__contains=["owner"], ended_date=None)
    return list(rows.order_by("id"))


def _check_owner_remains(owners: list[StaffMember], person: StaffMember) -> None:
    """Refuse unless another owner works here and can sign in: one who was only invited opens nothing yet."""
    others = [owner.id for owner in owners if owner.id != person.id]
    if not memberships.living(others):
        raise LastOwner()


@action("end_staff_member", permission="staff.end", words="end somebody's work here")
def end_staff_member(
    *, practice: UUID, by: Actor, at: datetime, staff_id: UUID, last_date: date, at_once: bool = False
) -> StaffMember:
    """End somebody's work after their last day, or at once: then the rest of today is not theirs any more.

    Seats are given up from the first day without them. Sessions, tokens and membership end in this transaction where
    that day has come, else by a job when it comes. Visits in the book stay: somebody rebooks them.
    """
    today = queries.practice_day(at)
    owners = _locked_owners()
    person = get_row(StaffMember, staff_id, lock=True)
    if person.ended_date is not None and person.ended_date <= today:
        raise GoneAlready(field="last_date")
    check_may_end(by.id, by.roles, person.id, person.roles)
    if "owner" in person.roles:
        _check_owner_remains(owners, person)
    gone_from = today if at_once else last_date + timedelta(days=1)
    if person.started_date is not None and gone_from < person.started_date:
        raise EndBeforeStart(field="last_date")
    was, person.ended_date = person.ended_date, gone_from
    person.save(update_fields=["ended_date"])
    end_holdings(by, at, person, gone_from)
    now = gone_from <= today
    if now:
        drop_backups(practice=practice, by=by, at=at, staff_id=person.id)
        memberships.end(person.id, at)
    write(
        "staff_member.ended", by=by, at=at, subject=person, first_day_without=str(gone_from), was=str(was or ""),
        access="ended" if now else "until then",
    )  # fmt: skip
    return person


@action("withdraw_staff_member", permission="staff.invite", words="take somebody back who never began")
def withdraw_staff_member(*, practice: UUID, by: Actor, at: datetime, staff_id: UUID) -> StaffMember:
    """Undo that somebody was added who has never signed in: from today they are not counted among the people."""
    person = get_row(StaffMember, staff_id, lock=True)
    if memberships.ever([person.id]):
        raise Conflict("They have signed in here. End their work instead.")
    check_may_set_roles(by.id, by.roles, person.id, person.roles, ())
    today = queries.practice_day(at)
    person.ended_date = today
    person.save(update_fields=["ended_date"])
    end_holdings(by, at, person, today)
    drop_backups(practice=practice, by=by, at=at, staff_id=person.id)
    write("staff_member.withdrawn", by=by, at=at, subject=person)
    return person


@action("note_access_ended", permission="staff.end_due", words="end access whose day has come")
def note_access_ended(*, practice: UUID, by: Actor, at: datetime, staff_id: UUID) -> StaffMember:
    """Write down that somebody's last day is over; whoever calls this ends what they sign in with beside it."""
    person = get_row(StaffMember, staff_id, lock=True)
    drop_backups(practice=practice, by=by, at=at, staff_id=person.id)
    write("staff_member.access_ended", by=by, at=at, subject=person)
    return person


@action("add_license", permission="practice.configure", words="add a state license")
def add_license(
    *, practice: UUID, by: Actor, at: datetime, staff_id: UUID, state: str, number: str, expires_date: date
) -> License:
    """Add or renew a practitioner's license of one state. The line keeps what stood there before."""
    get_row(StaffMember, staff_id, lock=True)
    if not (len(state) == 2 and state.isalpha()):
        raise InvalidInput("A state has two letters, such as KY.", field="state")
    if not number.strip():
        raise InvalidInput("A license has a number.", field="number")
    before = License.objects.filter(staff_id=staff_id, state=state.upper()).first()
    was = {"number": before.number, "expires_date": str(before.expires_date)} if before else {}
    license_, _ = License.objects.update_or_create(
        staff_id=staff_id, state=state.upper(), defaults={"number": number.strip(), "expires_date": expires_date}
    )
    write(
        "license.added", by=by, at=at, subject=license_, staff=str(staff_id), state=license_.state,
        number=license_.number, expires_date=str(expires_date), was=was,
    )  # fmt: skip
    return license_
