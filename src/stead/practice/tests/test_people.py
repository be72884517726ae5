"""What is kept of a license, and managers and owners who press at the same instant, on committed data with threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from stead.platform.actors import Actor
from stead.platform.journal.models import JournalEntry
from stead.platform.tenancy.context import acting
from stead.practice import actions
from stead.practice.models import SeatBackup, StaffMember
from stead.practice.rules import LastOwner, NpiWrong, check_npi
from stead.practice.terms import SeatDetails, StaffDetails
from stead.practice.tests.cast import Linden
from stead.testing import clients
from stead.testing.cast import person


def test_a_renewed_license_leaves_its_old_number_in_the_journal(house: Linden) -> None:
    door: dict[str, Any] = {"practice": house.practice, "by": house.by, "at": house.at}
    for number, year in (("KY-1", 2026), ("KY-2", 2028)):
        actions.add_license(**door, staff_id=house.ana.id, state="ky", number=number, expires_date=date(year, 12, 31))
    first, second = sorted(JournalEntry.objects.filter(verb="license.added"), key=lambda line: str(line.data["number"]))
    assert (first.data["was"], first.data["number"]) == ({}, "KY-1")
    assert second.data["was"] == {"number": "KY-1", "expires_date": "2026-12-31"}
    assert (second.data["number"], second.data["expires_date"]) == ("KY-2", "2028-12-31")


@given(st.integers(0, 8), st.integers(1, 9))
def test_a_wrong_digit_of_an_npi_is_always_found(place: int, more: int) -> None:
    good = "1234567893"
    check_npi(good)
    wrong = f"{good[:place]}{(int(good[place]) + more) % 10}{good[place + 1 :]}"
    with pytest.raises(NpiWrong):
        check_npi(wrong)


def at_once(practice: UUID, attempts: list[tuple[Actor, Callable[[], Any]]]) -> list[Any]:
    """Make the attempts at the same instant, each in its own transaction; what came back, or what was raised."""
    gate, results = threading.Barrier(len(attempts)), [None for _ in attempts]

    def run(n: int) -> None:
        by, attempt = attempts[n]
        try:
            gate.wait(timeout=20)
            with acting(practice, by):
                results[n] = attempt()
        except Exception as problem:
            results[n] = problem  # type: ignore[call-overload]  # the test shows it
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(attempts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_backups_named_at_once_all_stand_in_each_at_its_rank(
    practice_row: object, linden: UUID, olu: Actor, at: datetime
) -> None:
    door: dict[str, Any] = {"practice": linden, "by": olu, "at": at}
    with acting(linden, olu):
        seat = actions.create_seat(**door, details=SeatDetails("front_desk", "Front desk"))
        people = [
            actions.create_staff_member(**door, details=StaffDetails(f"Person {n}", ["biller"])).id for n in range(5)
        ]

    def name(who: UUID) -> Callable[[], Any]:
        return lambda: actions.name_backup(**door, seat_id=seat.id, staff_id=who).id

    found = at_once(linden, [(olu, name(who)) for who in people])
    assert [one for one in found if isinstance(one, Exception)] == []
    with acting(linden, olu):
        rows = list(SeatBackup.objects.order_by("rank").values_list("rank", "staff_id"))
    assert [rank for rank, _ in rows] == [1, 2, 3, 4, 5]
    assert {who for _, who in rows} == set(people)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_owners_who_end_each_other_at_once_leave_one(
    practice_row: Any, linden: UUID, olu: Actor, at: datetime
) -> None:
    second = person("Sue Second", "owner")
    for owner in (olu, second):
        clients.enter_person(practice_row, owner)

    def end(by: Actor, whom: Actor) -> Callable[[], Any]:
        last = at.date() - timedelta(days=1)
        return lambda: actions.end_staff_member(
            practice=linden, by=by, at=at, staff_id=whom.id, last_date=last, at_once=True
        )

    found = at_once(linden, [(olu, end(olu, second)), (second, end(second, olu))])
    assert sorted(isinstance(one, LastOwner) for one in found) == [False, True]
    with acting(linden, olu):
        assert StaffMember.objects.filter(roles__contains=["owner"], ended_date=None).count() == 1
