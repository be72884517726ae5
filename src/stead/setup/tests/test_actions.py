"""Invite, change, end: effect, journal line, refusal; what somebody signs in with ends with their work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from stead.messaging.models import OutboxMessage
from stead.platform.accounts.factor_models import SignedIn
from stead.platform.accounts.models import ApiToken, Membership
from stead.platform.accounts.tokens import create_token
from stead.platform.actors import Actor, Role
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import InvalidInput, NotPermitted
from stead.platform.tenancy import context
from stead.practice import actions as practice
from stead.practice.models import SeatBackup, SeatHolding, StaffMember
from stead.practice.rules import EndBeforeStart, LastOwner, NotOneself, NpiWrong, RoleNotYours
from stead.practice.terms import PersonDetails, StaffDetails
from stead.setup import actions, jobs, rules
from stead.setup.models import StaffInvitation
from stead.setup.tests.conftest import SITE, Enter
from stead.testing import clients
from stead.testing.cast import NOON

TODAY = datetime(2026, 11, 24, tzinfo=UTC).date()


def lines(verb: str) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(verb=verb).order_by("id"))


def membership(person_id: UUID) -> Membership:
    with context.in_directory():
        return Membership.objects.get(person_id=person_id)


def invited(door: dict[str, Any], email: str = "teo@example.test", roles: tuple[str, ...] = ("clinician",)) -> Any:
    return actions.invite_staff_member(**door, details=StaffDetails("Teo Lindqvist", roles, email=email), site=SITE)


def test_an_invitation_is_mailed_and_only_its_hash_is_kept(door: dict[str, Any], teo: StaffMember) -> None:
    row = StaffInvitation.objects.get()
    mail = OutboxMessage.objects.get()
    assert (row.email, mail.to, mail.purpose) == ("teo@example.test", "Teo@Example.test", "staff")
    assert "join" not in mail.body  # the link stands sealed beside it
    assert mail.secret_encrypted
    assert len(row.token_sha256) == 64
    assert [line.subject_id for line in lines("staff_invitation.sent")] == [teo.id]
    assert row.expires_at == NOON + timedelta(days=7)


def test_the_same_address_is_invited_once(door: dict[str, Any], teo: StaffMember) -> None:
    with pytest.raises(rules.InvitedAlready), transaction.atomic():
        invited(door)
    assert StaffMember.objects.filter(name="Teo Lindqvist").count() == 1


def test_somebody_who_signs_in_here_is_not_invited_again(door: dict[str, Any], ana: Actor, enter: Enter) -> None:
    person = enter(ana)
    StaffMember.objects.filter(id=person.id).update(email="ana@example.test")
    with pytest.raises(rules.WorksHereAlready):
        invited(door, "ANA@example.test")
    with pytest.raises(rules.SignsInAlready):
        actions.send_staff_invitation(**door, staff_id=person.id, site=SITE)


@pytest.mark.parametrize(
    ("details", "refusal"),
    [
        (StaffDetails("X", ["biller"]), InvalidInput),
        (StaffDetails("X", [], email="x@example.test"), InvalidInput),
        (StaffDetails("X", ["king"], email="x@example.test"), InvalidInput),
        (StaffDetails(" ", ["biller"], email="x@example.test"), InvalidInput),
        (StaffDetails("X", ["clinician"], email="x@example.test", npi="1234567890"), NpiWrong),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(
    door: dict[str, Any], details: StaffDetails, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        actions.invite_staff_member(**door, details=details, site=SITE)


def test_a_newer_invitation_ends_the_earlier(door: dict[str, Any], teo: StaffMember) -> None:
    actions.send_staff_invitation(**door, staff_id=teo.id, site=SITE)
    assert StaffInvitation.objects.filter(ended_at=None).count() == 1
    assert StaffInvitation.objects.count() == 2


def test_withdrawing_ends_the_link_and_the_seat(door: dict[str, Any], seat: Any) -> None:
    details = StaffDetails("Teo Lindqvist", ["front_desk"], email="teo@example.test")
    teo = actions.invite_staff_member(**door, details=details, seat_ids=[seat.id], site=SITE)
    assert SeatHolding.objects.get().until_date is None
    actions.withdraw_staff_invitation(**door, staff_id=teo.id)
    assert StaffInvitation.objects.get().ended_at == NOON
    assert SeatHolding.objects.get().until_date == TODAY + timedelta(days=1)  # who was named today holds this day
    teo.refresh_from_db()
    assert teo.ended_date == TODAY
    with pytest.raises(rules.LinkOver):
        actions.withdraw_staff_invitation(**door, staff_id=teo.id)


def test_a_manager_gives_every_role_but_the_owners(door: dict[str, Any], mona: Actor, enter: Enter, ana: Actor) -> None:
    enter(mona)
    person = enter(ana)
    by_mona = door | {"by": mona}
    with pytest.raises(RoleNotYours):
        invited(by_mona, roles=("owner",))
    with pytest.raises(RoleNotYours):
        practice.set_roles(**by_mona, staff_id=person.id, roles=["front_desk", "owner"])
    with pytest.raises(RoleNotYours):
        practice.create_staff_member(**by_mona, details=StaffDetails("X", ["owner"]))
    practice.set_roles(**by_mona, staff_id=person.id, roles=["biller", "front_desk"])
    assert membership(person.id).roles == ["front_desk", "biller"]
    assert lines("staff_member.roles_changed")[-1].data == {"was": ["front_desk"], "roles": ["front_desk", "biller"]}


@pytest.mark.parametrize("role", ["owner", "manager"])
def test_nobody_raises_or_ends_themselves(
    door: dict[str, Any], enter: Enter, cast_of: dict[Role, Actor], role: Role
) -> None:
    me = cast_of[role]
    enter(me)
    mine = door | {"by": me}
    with pytest.raises(NotOneself):
        practice.set_roles(**mine, staff_id=me.id, roles=["owner", "manager", "clinician"])
    with pytest.raises(NotOneself):
        practice.end_staff_member(**mine, staff_id=me.id, last_date=TODAY)


@pytest.mark.parametrize("role", ["front_desk", "intake", "clinician", "biller"])
def test_others_hold_none_of_this(door: dict[str, Any], enter: Enter, cast_of: dict[Role, Actor], role: Role) -> None:
    theirs = door | {"by": cast_of[role]}
    for call in (
        lambda: invited(theirs),
        lambda: practice.set_roles(**theirs, staff_id=uuid4(), roles=["manager"]),
        lambda: practice.end_staff_member(**theirs, staff_id=uuid4(), last_date=TODAY),
    ):
        with pytest.raises(NotPermitted):
            call()


def test_a_manager_ends_no_owner(door: dict[str, Any], mona: Actor, olu: Actor, enter: Enter) -> None:
    enter(mona)
    with pytest.raises(RoleNotYours):
        practice.end_staff_member(**door | {"by": mona}, staff_id=olu.id, last_date=TODAY)


def test_the_last_owner_who_can_sign_in_stays(door: dict[str, Any], olu: Actor, enter: Enter) -> None:
    other = invited(door, "second@example.test", ("owner",))  # invited only: opens nothing yet
    by_other = door | {"by": Actor(other.id, "staff", "Second", frozenset({"owner"}))}
    with pytest.raises(LastOwner):
        practice.end_staff_member(**by_other, staff_id=olu.id, last_date=TODAY)
    with pytest.raises(LastOwner):
        practice.set_roles(**by_other, staff_id=olu.id, roles=["manager"])
    second = Actor(uuid4(), "staff", "Sue Second", frozenset({"owner"}))
    enter(second)
    practice.set_roles(**door | {"by": second}, staff_id=olu.id, roles=["manager"])
    assert membership(olu.id).roles == ["manager"]


def test_the_database_keeps_an_owner(door: dict[str, Any], olu: Actor) -> None:
    for change in ({"roles": ["manager"]}, {"ended_date": TODAY}):
        with pytest.raises(IntegrityError, match="keeps an owner"), transaction.atomic():
            StaffMember.objects.filter(id=olu.id).update(**change)


def test_the_database_lets_nothing_else_write_roles(door: dict[str, Any], ana: Actor, enter: Enter) -> None:
    enter(ana)
    with context.in_directory():
        Membership.objects.filter(person_id=ana.id).update(roles=["owner"])
    assert membership(ana.id).roles == ["front_desk"]
    StaffMember.objects.filter(id=ana.id).update(roles=["biller"])
    assert membership(ana.id).roles == ["biller"]


def _signed_in(person_id: UUID) -> Membership:
    row = membership(person_id)
    with clients.outside():
        clients.session_of(row)
        create_token(membership=row, name="export", scopes=["calendar.read"], at=NOON)
    return row


def test_ending_at_once_takes_everything_in_one_step(
    door: dict[str, Any], ana: Actor, ben: Actor, enter: Enter, seat: Any
) -> None:
    person, backup = enter(ana), enter(ben)
    practice.assign_seat(**door, seat_id=seat.id, staff_id=person.id, from_date=TODAY - timedelta(days=9))
    practice.name_backup(**door, seat_id=seat.id, staff_id=person.id)
    practice.name_backup(**door, seat_id=seat.id, staff_id=backup.id, rank=2)
    row = _signed_in(person.id)
    practice.end_staff_member(**door, staff_id=person.id, last_date=TODAY + timedelta(days=30), at_once=True)
    with context.in_directory():
        assert Membership.objects.get(id=row.id).ended_at == NOON
        assert not SignedIn.objects.filter(membership=row).exists()
        assert ApiToken.objects.get(membership=row).revoked_at == NOON
    assert SeatHolding.objects.get().until_date == TODAY
    assert [(b.staff_id, b.rank) for b in SeatBackup.objects.all()] == [(backup.id, 1)]
    assert lines("staff_member.ended")[-1].data["access"] == "ended"
    with pytest.raises(practice.GoneAlready):
        practice.end_staff_member(**door, staff_id=person.id, last_date=TODAY)


def test_ending_on_a_day_leaves_access_until_then(
    door: dict[str, Any], ana: Actor, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = enter(ana)
    row = _signed_in(person.id)
    last = TODAY + timedelta(days=2)
    practice.end_staff_member(**door, staff_id=person.id, last_date=last)
    with clients.outside():
        jobs.end_access(practice=door["practice"], staff_id=person.id)  # too early: changes nothing
        jobs.end_due_access(practice=door["practice"])
        assert Membership.objects.get(id=row.id).ended_at is None
        from stead.platform import clock

        gone = NOON + timedelta(days=3)
        monkeypatch.setattr(clock, "wall", lambda: gone)
        jobs.end_due_access(practice=door["practice"])
        jobs.end_access(practice=door["practice"], staff_id=person.id)
        assert Membership.objects.get(id=row.id).ended_at == gone
        assert not SignedIn.objects.filter(membership=row).exists()
        assert ApiToken.objects.get(membership=row).revoked_at == gone
    assert len(lines("staff_member.access_ended")) == 1


def test_the_job_waits_for_local_midnight(door: dict[str, Any], ana: Actor, enter: Enter) -> None:
    person = enter(ana)
    practice.end_staff_member(**door, staff_id=person.id, last_date=TODAY)
    with connection.cursor() as cursor:
        cursor.execute("select scheduled_at from procrastinate_jobs where task_name = 'setup.end_access'")
        (when,) = cursor.fetchone()
    assert when == datetime(2026, 11, 25, 5, tzinfo=UTC)  # no location yet: New York


def test_an_end_before_the_start_is_refused(door: dict[str, Any]) -> None:
    details = StaffDetails("New", ["biller"], email="new@example.test", started_date=TODAY)
    person = practice.create_staff_member(**door, details=details)
    with pytest.raises(EndBeforeStart):
        practice.end_staff_member(**door, staff_id=person.id, last_date=TODAY - timedelta(days=9))


def test_a_record_is_changed_and_the_line_keeps_both(door: dict[str, Any], ana: Actor, enter: Enter) -> None:
    person = enter(ana)
    with pytest.raises(NpiWrong):
        practice.change_staff_member(**door, staff_id=person.id, details=PersonDetails("Ana", npi="1234567890"))
    practice.change_staff_member(**door, staff_id=person.id, details=PersonDetails("Ana Ruiz-Vega", npi="1234567893"))
    assert lines("staff_member.changed")[-1].data["changed"]["name"] == ["Ana Ruiz", "Ana Ruiz-Vega"]
    assert membership(person.id).name == "Ana Ruiz-Vega"
