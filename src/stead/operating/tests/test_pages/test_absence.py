"""What would stall: only what nobody present takes, each with its moment, people, money and fix."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from stead.operating.absence import Preview, absence_preview
from stead.operating.models import Meeting
from stead.operating.refusals import DaysReversed
from stead.operating.tests.conftest import Hand
from stead.platform.refusals import NotFound
from stead.practice.models import Absence, SeatBackup
from stead.processes.models import Case, Playbook, PlaybookVersion, Task
from stead.testing.clients import ClientAs

pytestmark = pytest.mark.django_db

MONDAY, FRIDAY = date(2026, 12, 7), date(2026, 12, 11)


def preview(hand: Hand, staff: Any) -> Preview:
    return absence_preview(staff.id, MONDAY, FRIDAY, at=hand.at)


def stalls(hand: Hand, staff: Any) -> dict[str, Any]:
    return {s.what: s for s in preview(hand, staff).stalls}


@pytest.fixture
def owned(hand: Hand) -> Hand:
    """Priya holds intake; one case of hers is due in the week, one after it."""
    hand.seat("intake_coordinator", "Intake coordinator", hand.priya, duties=["Matching", "Waitlist"])
    book = Playbook.objects.create(key="new_patient_intake", name="New-patient intake")
    version = PlaybookVersion.objects.create(playbook_id=book.id, number=1, state="published", source="", document={})
    for number, due in enumerate((hand.local(9, month=12), hand.local(20, month=12))):
        patient = hand.patient()
        Case.objects.create(
            number=number, version_id=version.id, playbook_key=book.key, subject_type="patients.patient",
            subject_id=patient.id, patient_id=patient.id, title="Intake", stage_key="documents",
            stage_entered_at=hand.at, due_at=due, owner_seat_key="intake_coordinator", owner_staff_id=hand.priya.id,
            opened_at=hand.at, held_up_cents=114_000,
        )  # fmt: skip
    return hand


def test_without_a_backup_cases_and_seat_stall(owned: Hand) -> None:
    found = stalls(owned, owned.priya)
    case = found["One case of new patient intake"]
    assert (case.patients, case.cents, case.misses) == (1, 114_000, "Wed Dec 9, 10:00 am")
    assert "matching and waitlist" in found["Intake coordinator has no present backup"].why


def test_with_a_present_backup_nothing_stalls(owned: Hand) -> None:
    from stead.practice.models import Seat

    seat = Seat.objects.get(key="intake_coordinator")
    SeatBackup.objects.create(seat_id=seat.id, staff_id=owned.cho.id, rank=1)
    found = preview(owned, owned.priya)
    assert found.stalls == []
    assert [(c.seat, c.by) for c in found.covered] == [("Intake coordinator", "Dr Grace Cho")]
    Absence.objects.create(staff_id=owned.cho.id, first_date=FRIDAY, last_date=FRIDAY)  # the backup is away on Friday
    assert len(preview(owned, owned.priya).stalls) == 2


def test_own_visits_stall_whoever_backs_the_seat(hand: Hand) -> None:
    for patient in (hand.patient(), hand.patient()):
        hand.visit(patient, hand.local(7, month=12), "booked")
    hand.visit(hand.patient(), hand.local(8, month=12), "cancelled")
    hand.visit(hand.patient(), hand.local(14, month=12), "booked")
    visits = stalls(hand, hand.cho)["Two visits with Dr Grace Cho"]
    assert (visits.patients, visits.cents) == (2, 28_000)


def test_tasks_due_in_the_days_stall(hand: Hand) -> None:
    for key, day in (("a", 8), ("b", 11), ("c", 12)):
        Task.objects.create(
            key=key, title="Call", staff_id=hand.priya.id, due_at=hand.local(day, month=12), created_at=hand.at
        )
    assert stalls(hand, hand.priya)["Two tasks"].misses == "Tue Dec 8, 10:00 am"


def test_approvals_only_this_person_may_give(hand: Hand) -> None:
    hand.seat("owner", "Owner", hand.olu, write_off_limit_cents=1_000_000, refund_limit_cents=50_000)
    hand.seat(
        "practice_manager", "Practice manager", hand.priya, write_off_limit_cents=50_000, refund_limit_cents=50_000
    )
    found = stalls(hand, hand.olu)
    assert "Nobody else who is here may approve more than $500" in found["Write-offs over $500"].why
    assert not any(what.startswith("Refunds") for what in found)


def test_meeting_without_a_chair(hand: Hand) -> None:
    hand.seat("owner", "Owner", hand.olu)
    Meeting.objects.create(starts_at=hand.local(8, 13, month=12), chair_seat_key="owner")
    Meeting.objects.create(starts_at=hand.local(15, 13, month=12), chair_seat_key="owner")
    assert stalls(hand, hand.olu)["The weekly meeting without a chair"].misses == "Tue Dec 8, 1:00 pm"


def test_days_turned_round_or_a_stranger_are_refused(hand: Hand, elsewhere: Any) -> None:
    with pytest.raises(DaysReversed):
        absence_preview(hand.olu.id, FRIDAY, MONDAY, at=hand.at)
    with pytest.raises(NotFound):
        absence_preview(elsewhere, MONDAY, FRIDAY, at=hand.at)


def test_page_answers_with_its_address(owned: Hand, client_as: ClientAs) -> None:
    client = client_as("manager")
    assert "Who is away, and when?" in client.get("/seats/absence/").content.decode()
    address = f"/seats/absence/?person={owned.priya.id}&first={MONDAY}&last={FRIDAY}"
    page = client.get(address).content.decode()
    assert "<h1>Two things would stall without Priya Nair.</h1>" in page
    assert "Name a backup" in page
    assert len(client.get(f"{address}&format=csv").content.decode().splitlines()) == 3


def test_page_refuses_what_it_cannot_answer(hand: Hand, client_as: ClientAs) -> None:
    client = client_as("manager")
    for wrong in (
        f"person={hand.priya.id}&first={FRIDAY}&last={MONDAY}",
        f"person={hand.priya.id}&first={MONDAY}&last={MONDAY + timedelta(days=200)}",
        f"person=nobody&first={MONDAY}&last={FRIDAY}",
    ):
        assert client.get(f"/seats/absence/?{wrong}").status_code == 422
    assert client_as("front_desk").get("/seats/absence/").status_code == 403
