"""A broken glass: who is told, who reviews it, and that neither learns more from it than they should."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from stead.messaging.models import OutboxMessage
from stead.operating.tests.conftest import Hand
from stead.platform.access import glass
from stead.platform.access.models import BreakGlass
from stead.platform.actors import Actor
from stead.practice.models import StaffMember
from stead.processes.models import Task

pytestmark = pytest.mark.django_db
REASON = "Marsh collapsed in the waiting room"


@pytest.fixture
def opened(linden: UUID, at: datetime) -> Callable[[Actor], BreakGlass]:
    def open_(by: Actor) -> BreakGlass:
        site = "https://stead.example"
        return glass.break_glass(practice=linden, by=by, at=at, reason=REASON, minutes=30, site=site)

    return open_


@pytest.fixture
def seats(hand: Hand, staff_row: Callable[[Actor], StaffMember], mona: Actor, ana: Actor) -> dict[str, StaffMember]:
    """Olu owns, Mona manages, and Priya keeps compliance without a role that may review."""
    manager = staff_row(mona)
    staff_row(ana)
    held = {"owner": hand.olu, "credentialing": hand.priya, "practice_manager": manager}
    for key, person in held.items():
        StaffMember.objects.filter(id=person.id).update(email=f"{key}@linden.example")
        hand.seat(key, key, person)
    return held


def told() -> set[str]:
    return {message.to for message in OutboxMessage.objects.filter(template="glass_broken")}


def test_owner_and_compliance_are_told_at_once_and_not_why(
    seats: dict[str, StaffMember], opened: Callable[[Actor], BreakGlass], ana: Actor, at: datetime
) -> None:
    row = opened(ana)
    assert told() == {"owner@linden.example", "credentialing@linden.example"}
    for message in OutboxMessage.objects.all():
        assert ana.name in message.body and "https://stead.example/platform/glass/reviews" in message.body
        assert "Marsh" not in message.body + message.subject
    task = Task.objects.get(key=f"glass:{row.id}")
    assert (task.seat_key, task.staff_id) == ("owner", seats["owner"].id)
    assert task.due_at == at + timedelta(days=1)
    assert "Marsh" not in task.title


def test_privacy_officer_is_told_before_who_keeps_compliance(
    seats: dict[str, StaffMember], hand: Hand, opened: Callable[[Actor], BreakGlass], ana: Actor
) -> None:
    StaffMember.objects.filter(id=hand.cho.id).update(email="privacy@linden.example")
    hand.seat("privacy_officer", "Privacy officer", hand.cho)
    opened(ana)
    assert told() == {"owner@linden.example", "privacy@linden.example"}


def test_nobody_is_told_of_or_reviews_their_own(
    seats: dict[str, StaffMember], opened: Callable[[Actor], BreakGlass], olu: Actor
) -> None:
    row = opened(olu)
    assert told() == {"credentialing@linden.example", "practice_manager@linden.example"}
    assert Task.objects.get(key=f"glass:{row.id}").staff_id == seats["practice_manager"].id


def test_opening_is_not_held_up_where_no_seat_is_held(
    hand: Hand, opened: Callable[[Actor], BreakGlass], ana: Actor
) -> None:
    row = opened(ana)
    assert told() == set()
    assert Task.objects.get(key=f"glass:{row.id}").seat_key == "owner"


def test_review_ends_the_task(
    seats: dict[str, StaffMember],
    opened: Callable[[Actor], BreakGlass],
    ana: Actor,
    olu: Actor,
    at: datetime,
    linden: Any,
) -> None:
    row = opened(ana)
    glass.review_glass(practice=linden, by=olu, at=at, glass_id=row.id)
    assert Task.objects.get(key=f"glass:{row.id}").state == "done"
