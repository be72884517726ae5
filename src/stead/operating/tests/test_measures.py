"""Each measure on a practice made by hand: the answer is worked out on paper, and the rows add up to it.

The week is Monday November 16 to Sunday November 22, 2026.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from stead.billing.models import (
    Charge,
    Claim,
    Denial,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
    Remittance,
    RemittanceClaim,
)
from stead.care.models import Encounter, Note
from stead.coverage.models import Coverage, Payer
from stead.operating import figures
from stead.operating.measures import BY_KEY, CATALOGUE
from stead.operating.tests.conftest import LOUISVILLE, Hand
from stead.patients.models import Patient
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.platform.journal.write import write
from stead.processes.models import Case, Playbook, PlaybookVersion, Task
from stead.scheduling.models import FreeDay, Service, ServicePractitioner

pytestmark = pytest.mark.django_db


def figure(hand: Hand, key: str) -> Decimal | None:
    """Count the week, and hold the rows against it with a pencil."""
    measure = BY_KEY[key]
    counted = figures.count([(measure, hand.week)], LOUISVILLE)[key, hand.week.start_date]
    behind = figures.rows(measure, hand.week, LOUISVILLE)
    assert figures.made_of(measure, behind) == counted.value
    assert sum(row.counts for row in behind) == counted.numerator
    return counted.value


def rows(hand: Hand, key: str) -> list[figures.Row]:
    return figures.rows(BY_KEY[key], hand.week, LOUISVILLE)


def test_measure_without_rows_is_nothing_to_count_or_zero(hand: Hand) -> None:
    for measure in CATALOGUE:
        expected = Decimal(0) if measure.made in ("sum", "dollars") else None
        assert figure(hand, measure.key) == expected, measure.key


def test_new_patients_are_first_visits_kept_in_the_week(hand: Hand) -> None:
    new, old, missed, imported = (hand.patient(name) for name in ("Talia", "Jonas", "Amira", "Corey"))
    hand.visit(new, hand.local(16))  # counts
    hand.visit(new, hand.local(18))  # her second
    hand.visit(old, hand.local(2))  # first visit two weeks before
    hand.visit(old, hand.local(17))
    hand.visit(missed, hand.local(17, 12), "no_show")
    Encounter.objects.create(
        patient_id=imported.id, practitioner_id=hand.cho.id, starts_at=hand.local(1), service_date=hand.local(1).date(),
        source="fhir",
    )  # fmt: skip
    hand.visit(imported, hand.local(19))
    assert figure(hand, "new_patients") == 1
    assert [row.patient_id for row in rows(hand, "new_patients")] == [new.id]


def test_week_runs_from_monday_to_sunday_in_the_zone_of_the_practice(hand: Hand) -> None:
    hand.visit(hand.patient("Sunday"), hand.local(15, 23, 59))  # the week before
    hand.visit(hand.patient("Monday"), hand.local(16, 0, 0))  # counts, though it is 5:00 in UTC
    hand.visit(hand.patient("Sunday"), hand.local(22, 23, 59))  # counts, though it is Monday in UTC
    hand.visit(hand.patient("Monday"), hand.local(23, 0, 0))
    assert figure(hand, "visits_kept") == 2


@pytest.fixture
def intake(hand: Hand, priya: Actor) -> Any:
    book = Playbook.objects.create(key="new_patient_intake", name="New-patient intake")
    version = PlaybookVersion.objects.create(playbook_id=book.id, number=1, state="published", source="", document={})

    def make(
        patient: Patient, opened: datetime, ready: datetime | None, closed: datetime | None = None, key: str = ""
    ) -> Case:
        case = Case.objects.create(
            number=hand.number(), version_id=version.id, playbook_key=key or "new_patient_intake",
            subject_type="patients.patient", subject_id=patient.id, patient_id=patient.id, title="Intake",
            stage_key="ready", stage_entered_at=ready or opened, owner_seat_key="intake_coordinator",
            owner_staff_id=hand.priya.id, opened_at=opened, closed_at=closed,
            state="closed" if closed else "open", close_code="declined" if closed else "",
        )  # fmt: skip
        if ready:
            write("case.stage_entered", by=priya, at=ready, case_id=case.id, patient_id=patient.id, stage="ready")
        return case

    return make


def test_intake_turnaround_is_the_middle_of_the_completed_intakes(hand: Hand, intake: Any, priya: Actor) -> None:
    monday = hand.local(16, 9)
    for name, hours in (("Talia", 22), ("Jonas", 40), ("Amira", 61), ("Nadia", 97)):
        case = intake(hand.patient(name), monday, monday + timedelta(hours=hours))
    write("case.stage_entered", by=priya, at=hand.local(21), case_id=case.id, stage="ready")  # ready again: once
    intake(hand.patient("Corey"), monday, None)  # not complete
    intake(hand.patient("Isaac"), monday - timedelta(days=7), monday - timedelta(days=2))  # complete a week earlier
    intake(hand.patient("Wanda"), monday, monday + timedelta(hours=1), key="records_request")
    assert figure(hand, "intake_turnaround") == Decimal("50.5")  # between 40 and 61
    assert [round(row.value or 0) for row in rows(hand, "intake_turnaround")] == [22, 40, 61, 97]


def test_ready_booked_waits_seven_days_for_its_cohort(hand: Hand, intake: Any) -> None:
    ready = hand.local(10)  # Tuesday of the week before: its seven days end on the 17th
    booked, late, never, closed, too_new = (hand.patient(n) for n in ("Talia", "Jonas", "Amira", "Nadia", "Isaac"))
    for patient in (booked, late, never):
        intake(patient, hand.local(5), ready)
    intake(closed, hand.local(5), ready, closed=ready + timedelta(days=2))
    intake(too_new, hand.local(16), hand.local(17))
    hand.visit(booked, hand.local(30), "booked", booked_at=ready + timedelta(days=3))
    hand.visit(late, hand.local(30, 12), "booked", booked_at=ready + timedelta(days=8))
    assert figure(hand, "ready_booked") == Decimal("33.3333")  # 1 of 3
    found = {row.patient_id: row.value for row in rows(hand, "ready_booked")}
    assert found == {booked.id: Decimal(3), late.id: None, never.id: None}


def test_third_next_available_skips_what_is_taken(hand: Hand) -> None:
    first = Service.objects.create(name="First visit", minutes=60, price_cents=19000, is_first_visit=True)
    ServicePractitioner.objects.create(service_id=first.id, staff_id=hand.cho.id)
    from psycopg.types.multirange import TimestamptzMultirange
    from psycopg.types.range import Range

    for day, until in ((23, 12), (27, 11), (30, 12)):  # Monday three hours, Friday two, next Monday three
        hours = TimestamptzMultirange([Range(hand.local(day, 9), hand.local(day, until))])
        FreeDay.objects.create(
            staff_id=hand.cho.id, location_id=hand.location.id, day=hand.local(day).date(), open=hours, free=hours
        )
    early = hand.local(20)
    hand.visit(hand.patient(), hand.local(23, 9), "booked", ends_at=hand.local(23, 11), booked_at=early)
    hand.visit(hand.patient(), hand.local(27, 9), "cancelled", booked_at=early)
    # Booked after the week: on Sunday night these times were still open.
    hand.visit(hand.patient(), hand.local(27, 10), "booked", booked_at=hand.local(23, 8))
    # Open: Monday 11, Friday 9 and 10. The third is on Friday, four days after the week's end.
    assert figure(hand, "third_next") == 4
    found = rows(hand, "third_next")
    assert [row.at.astimezone(LOUISVILLE).day for row in found] == [23, 27, 27]
    assert [row.value for row in found] == [Decimal(0), Decimal(4), Decimal(4)]


def test_no_show_rate_is_of_visits_not_cancelled_in_time(hand: Hand) -> None:
    patient = hand.patient()
    statuses = ["done"] * 6 + ["no_show", "late_cancel", "cancelled", "booked", "released"]
    for hour, status in enumerate(statuses, start=8):
        hand.visit(patient, hand.local(18, hour), status)
    assert figure(hand, "no_show_rate") == Decimal("12.5")  # 1 of 8
    assert figure(hand, "visits_kept") == 6
    assert rows(hand, "no_show_rate")[0].note == "no-show"


def test_notes_signed_within_72_hours_of_the_end(hand: Hand) -> None:
    def visit(ends: datetime, signed: datetime | None, source: str = "stead") -> None:
        patient = hand.patient()
        encounter = Encounter.objects.create(
            patient_id=patient.id, practitioner_id=hand.cho.id, starts_at=ends - timedelta(minutes=50), ends_at=ends,
            service_date=ends.date(), source=source,
        )  # fmt: skip
        Note.objects.create(
            encounter_id=encounter.id, patient_id=patient.id, author_id=hand.cho.id, template="progress",
            body_encrypted="sealed", state="signed" if signed else "draft", created_at=ends, saved_at=ends,
            signed_at=signed,
        )  # fmt: skip

    ends = hand.local(13, 11)  # Friday: its 72 hours end on Monday the 16th
    visit(ends, ends + timedelta(hours=72))  # in time to the minute
    visit(ends, ends + timedelta(hours=73))
    visit(ends, None)
    visit(ends, ends + timedelta(hours=1), source="fhir")
    visit(hand.local(20, 11), None)  # its 72 hours end on Monday the 23rd
    visit(hand.local(12, 11), None)  # they ended on Sunday the 15th
    assert figure(hand, "notes_72h") == Decimal("33.3333")  # 1 of 3


def test_kept_to_the_third_visit_waits_45_days(hand: Hand) -> None:
    first = hand.local(16, month=11) - timedelta(days=45)  # October 2
    stays, leaves, slow, too_new = (hand.patient(name) for name in ("Talia", "Jonas", "Amira", "Nadia"))
    for patient, days in ((stays, (0, 7, 14, 21)), (leaves, (0, 7)), (slow, (0, 30, 46)), (too_new, (20,))):
        for number, after in enumerate(days):
            hand.visit(patient, first + timedelta(days=after, hours=number))
    assert figure(hand, "kept_to_third") == Decimal("33.3333")  # stays, of stays, leaves and slow
    assert {row.patient_id: row.value for row in rows(hand, "kept_to_third")} == {
        stays.id: 4, leaves.id: 2, slow.id: 2,
    }  # fmt: skip


@pytest.fixture
def ledger(hand: Hand) -> Any:
    def post(at: datetime, *sides: tuple[LedgerAccount, int]) -> None:
        moved = LedgerTransaction.objects.create(
            key=str(new_id()), kind="payment", at=at, effective_date=at.date(), words="Payment", by_name="Ben Whitlock"
        )
        LedgerEntry.objects.bulk_create(
            LedgerEntry(transaction_id=moved.id, account_id=account.id, amount_cents=cents) for account, cents in sides
        )

    return post


def account(kind: str, **of: UUID) -> LedgerAccount:
    return LedgerAccount.objects.create(kind=kind, **of)


def test_collections_are_money_posted_in_the_week_less_reversals(hand: Hand, ledger: Any) -> None:
    cash, owes, revenue = account("cash"), account("patient", patient_id=hand.patient().id), account("revenue")
    ledger(hand.local(16), (cash, 12_500), (owes, -12_500))
    ledger(hand.local(20), (cash, 9_950), (owes, -9_950))
    ledger(hand.local(21), (cash, -2_000), (owes, 2_000))  # a reversal
    ledger(hand.local(18), (owes, 14_000), (revenue, -14_000))  # earned, no money
    ledger(hand.local(23), (cash, 70_000), (owes, -70_000))  # next week
    assert figure(hand, "collections") == Decimal("204.50")  # 125.00 + 99.50 - 20.00


def test_days_in_ar_are_owed_over_a_days_charges(hand: Hand, ledger: Any) -> None:
    patient = hand.patient()
    payer = Payer.objects.create(name="Bluegrass Mutual", edi_id="60001")
    owes, insurer = account("patient", patient_id=patient.id), account("payer", payer_id=payer.id)
    unapplied, cash, revenue = account("unapplied"), account("cash"), account("revenue")
    ledger(hand.local(1), (insurer, 90_000), (revenue, -90_000))
    ledger(hand.local(2), (owes, 30_000), (insurer, -30_000))
    ledger(hand.local(3), (cash, 10_000), (unapplied, -10_000))
    ledger(hand.local(23, 9), (cash, 60_000), (insurer, -60_000))  # after the week
    encounter = Encounter.objects.create(
        patient_id=patient.id, practitioner_id=hand.cho.id, starts_at=hand.local(1), service_date=hand.local(1).date()
    )
    for code, cents, days_ago in (("X1", 90_000, 20), ("X2", 90_000, 89), ("X3", 50_000, 95)):
        Charge.objects.create(
            encounter_id=encounter.id, patient_id=patient.id, practitioner_id=hand.cho.id, procedure_code=code,
            amount_cents=cents, place_of_service="11", made_at=hand.local(1),
            service_date=hand.week.last_date - timedelta(days=days_ago),
        )  # fmt: skip
    # Owed 600.00 + 300.00 - 100.00 = 800.00; 1,800.00 charged in 90 days is 20.00 a day; 40 days.
    assert figure(hand, "days_in_ar") == 40
    assert {row.note: row.counts for row in rows(hand, "days_in_ar")} == {
        "Bluegrass Mutual": 60_000, "patient owes": 30_000, "received, not applied": -10_000, "charges of 90 days": 0,
    }  # fmt: skip


def test_denied_at_first_answer_ignores_later_answers(hand: Hand) -> None:
    patient = hand.patient()
    payer = Payer.objects.create(name="Commonwealth Health Plan", edi_id="60002")
    coverage = Coverage.objects.create(patient_id=patient.id, payer_id=payer.id, member_id="M1")

    def claim() -> Claim:
        return Claim.objects.create(
            number=f"CL-{hand.number()}", patient_id=patient.id, coverage_id=coverage.id, payer_id=payer.id,
            practitioner_id=hand.cho.id, total_cents=14_000, service_date=hand.local(1).date(), made_at=hand.local(1),
            state_at=hand.local(1), file_before_date=hand.local(28).date(),
        )  # fmt: skip

    def answer(of: Claim, at: datetime, paid: int) -> None:
        remittance = Remittance.objects.create(
            payer_id=payer.id, trace=str(hand.number()), originator="1", amount_cents=paid, paid_date=at.date(),
            method="ACH", posted_at=at,
        )  # fmt: skip
        RemittanceClaim.objects.create(
            remittance_id=remittance.id, claim_id=of.id, claim_number=of.number, status="1" if paid else "4",
            charged_cents=14_000, paid_cents=paid,
        )  # fmt: skip
        if not paid:
            Denial.objects.create(
                claim_id=of.id, patient_id=patient.id, group_code="CO", reason_code="16", amount_cents=14_000,
                queue="registration", deadline_date=at.date() + timedelta(days=90), denied_at=at,
            )  # fmt: skip

    refused, paid, paid_later = claim(), claim(), claim()
    answer(refused, hand.local(17), 0)
    answer(refused, hand.local(20), 9_000)  # a later answer: not a first one
    answer(paid, hand.local(18), 9_000)
    answer(paid_later, hand.local(10), 0)  # first answer in the week before
    answer(paid_later, hand.local(19), 9_000)
    assert figure(hand, "denied_first") == 50  # refused, of refused and paid


def test_owner_decisions_waiting_on_friday_noon(hand: Hand) -> None:
    hand.seat("owner", "Owner", hand.olu)
    friday = hand.local(20, 12)

    def task(created: datetime, ended: datetime | None = None, **of: Any) -> None:
        Task.objects.create(
            key=str(new_id()), title="Refund over the limit", created_at=created, ended_at=ended,
            state="done" if ended else "open", **of,
        )  # fmt: skip

    task(friday - timedelta(days=6), seat_key="owner")  # waits
    task(friday - timedelta(days=3), ended=hand.local(21), staff_id=hand.olu.id)  # waited on Friday
    task(friday - timedelta(days=3), ended=friday - timedelta(hours=1), seat_key="owner")  # decided in time
    task(friday - timedelta(days=1), seat_key="owner")  # not two days yet
    task(friday - timedelta(days=6), seat_key="practice_manager", staff_id=hand.priya.id)
    assert figure(hand, "owner_decisions") == 2
