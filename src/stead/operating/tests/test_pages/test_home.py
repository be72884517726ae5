"""The page Today, one per role: what it says first, and that its queries do not grow with the practice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stead.billing.models import Claim, Denial
from stead.care.models import Encounter
from stead.coverage.models import Coverage, Payer
from stead.operating.tests.conftest import Hand
from stead.platform.actors import Role
from stead.practice.models import Closure, Location, SeatHolding
from stead.processes.models import Case, CaseItem, Playbook, PlaybookVersion, Task
from stead.testing.clients import ClientAs, SeatClient

pytestmark = pytest.mark.django_db


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def playbook(hand: Hand) -> PlaybookVersion:
    book = Playbook.objects.create(key="new_patient_intake", name="New-patient intake")
    stages = [{"key": "documents", "name": "Insurance and documents", "owner": "intake_coordinator"}]
    return PlaybookVersion.objects.create(
        playbook_id=book.id, number=1, state="published", source="", document={"stages": stages}
    )


def case(hand: Hand, version: PlaybookVersion, title: str, over: timedelta, **of: Any) -> Case:
    given: dict[str, Any] = {
        "number": hand.number(), "version_id": version.id, "playbook_key": "new_patient_intake",
        "subject_type": "patients.patient", "subject_id": hand.patient().id, "title": title,
        "stage_key": "documents", "stage_entered_at": hand.at - timedelta(days=2), "due_at": hand.at - over,
        "owner_seat_key": "intake_coordinator", "owner_staff_id": hand.priya.id, "opened_at": hand.local(20),
    }  # fmt: skip
    return Case.objects.create(**given | of)


def claim(hand: Hand, payer: Payer, cents: int, **of: Any) -> Claim:
    patient = hand.patient()
    coverage = Coverage.objects.create(patient_id=patient.id, payer_id=payer.id, member_id="M")
    return Claim.objects.create(
        number=f"CL-{hand.number()}", patient_id=patient.id, coverage_id=coverage.id, payer_id=payer.id,
        practitioner_id=hand.cho.id, total_cents=cents, service_date=hand.local(1).date(), made_at=hand.local(1),
        state_at=hand.local(1), file_before_date=hand.local(30, month=12).date(), **of,
    )  # fmt: skip


def denial(hand: Hand, of: Claim) -> None:
    Denial.objects.create(
        claim_id=of.id, patient_id=of.patient_id, group_code="CO", reason_code="16", amount_cents=of.total_cents,
        queue="registration", deadline_date=hand.local(2, month=12).date(), denied_at=hand.at - timedelta(days=6),
    )  # fmt: skip


@pytest.fixture
def stuck(hand: Hand) -> Hand:
    """One thing of each kind that can be stuck."""
    hand.seat("revenue_lead", "Billing lead", hand.priya)
    hand.seat("biller_claims", "Biller, claims", hand.priya)
    blank = hand.seat("front_desk.linden", "Front desk, Linden Street", location_id=hand.location.id)
    SeatHolding.objects.create(
        seat_id=blank.id, staff_id=hand.olu.id, from_date=hand.local(1).date(), until_date=hand.local(13).date()
    )
    hand.visit(hand.patient(), hand.local(24, 15), "booked")
    case(hand, playbook(hand), "Dee Marsh, first visit", timedelta(minutes=102), held_up_cents=114_000)
    for days in (8, 9):
        visit = hand.visit(hand.patient(), hand.at - timedelta(days=days))
        Encounter.objects.create(
            appointment_id=visit.id, patient_id=visit.patient_id, practitioner_id=hand.cho.id,
            service_id=hand.service.id, starts_at=visit.starts_at, ends_at=visit.ends_at,
            service_date=visit.starts_at.date(), due_at=visit.ends_at + timedelta(hours=72),
        )  # fmt: skip
    payer = Payer.objects.create(name="Commonwealth Health Plan", edi_id="1", silent_after_days=21)
    denial(hand, claim(hand, payer, 14_000, state="denied"))
    claim(hand, payer, 19_800, state="accepted", sent_at=hand.at - timedelta(days=22))
    claim(hand, payer, 9_900, state="sent", sent_at=hand.at - timedelta(days=20))  # not silent yet
    Task.objects.create(
        key="refund", title="Refund to R. Kessler", staff_id=hand.olu.id, created_at=hand.local(10),
        due_at=hand.at - timedelta(days=4),
    )  # fmt: skip
    return hand


def test_manager_reads_how_many_things_are_stuck(stuck: Hand, client_as: ClientAs) -> None:
    page = text(client_as("manager").get("/"))
    assert "<h1>Six things are stuck. One is yours.</h1>" in page
    for words in (
        "Front desk, Linden Street has no one", "11 days", "Dee Marsh, first visit", "1 h 42 min", "$1,140",
        "At Insurance and documents", "Two notes without a signature", "$280", "One claim to Commonwealth Health Plan",
        "$140", "without an answer", "$198", "Refund to R. Kessler", "Linden Street is open and one visit is booked.",
        "The Linden Street desk has no one.",
    ):  # fmt: skip
        assert words in page, words


def test_owner_reads_which_are_hers(stuck: Hand, client_as: ClientAs) -> None:
    assert "Two are yours." in text(client_as("owner").get("/"))  # the blank seat and the refund


def test_case_over_its_limit_has_one_age_on_every_page(hand: Hand, client_as: ClientAs) -> None:
    """Due yesterday at four, closed from seven to eight, asked at 10:42: over by 5 h 42 min, the night not counted."""
    version = playbook(hand)
    version.document = version.document | {
        "playbook": "new_patient_intake", "name": "New-patient intake", "purpose": "", "subjects": ["patients.patient"],
        "owner": "intake_coordinator", "ends": {"done": "Done"}, "done": "done",
        "stages": [version.document["stages"][0] | {"due": 8, "guide": "", "patient": {"en": "", "es": ""}}],
    }  # fmt: skip
    PlaybookVersion.objects.filter(id=version.id).update(document=version.document)
    one = case(hand, version, "Dee Marsh, first visit", timedelta(hours=18, minutes=42), location_id=hand.location.id)
    said = "5 h 42 min"
    assert said in text(client_as("manager").get("/"))
    assert f"{said} over its limit" in text(client_as("intake").get("/"))
    assert f"{said} over its limit" in text(client_as("manager").get(f"/cases/{one.id}/"))
    assert f"{said} over its limit" in text(client_as("manager").get("/cases/"))


def test_quiet_practice_says_so(hand: Hand, client_as: ClientAs) -> None:
    page = text(client_as("manager").get("/"))
    assert "<h1>Nothing is stuck.</h1>" in page
    assert "Nothing is past its limit." in page


def test_closed_days_ahead_are_said_once(hand: Hand, client_as: ClientAs) -> None:
    other = Location.objects.create(name="New Albany", time_zone="America/Chicago", hours={})
    for location_id in (hand.location.id, other.id):
        Closure.objects.create(location_id=location_id, closed_on_date=hand.local(26).date(), words="Thanksgiving")
    page = text(client_as("manager").get("/"))
    assert "One of two locations is open" in page
    assert "Closed Thursday: Thanksgiving." in page
    assert "Central time" in page


def test_figures_of_a_location_open_the_list_that_counts_the_same(hand: Hand, client_as: ClientAs) -> None:
    hand.visit(hand.patient(), hand.local(24, 9), "done")
    hand.visit(hand.patient(), hand.local(24, 14), "confirmed")
    hand.visit(hand.patient(), hand.local(24, 15), "cancelled")
    client = client_as("manager")
    page = text(client.get("/"))
    address = f"/calendar/list/?day=2026-11-24&amp;location={hand.location.id}&amp;status=counted"
    assert f'<a class="figure" href="{address}">2</a>' in page
    assert "two visits are booked" in page
    assert "Two visits on Tuesday, November 24, not cancelled." in text(client.get(address.replace("&amp;", "&")))
    whole = text(client.get("/calendar/list/?day=2026-11-24"))
    assert "Two visits on Tuesday, November 24, one cancelled." in whole


def test_day_without_visits_shows_the_next_one(hand: Hand, client_as: ClientAs) -> None:
    Closure.objects.create(location_id=None, closed_on_date=hand.local(24).date(), words="Thanksgiving")
    hand.visit(hand.patient("Talia", "Brandt"), hand.local(27, 9), "booked")
    hand.visit(hand.patient("Jonas", "Weil"), hand.local(27, 11), "cancelled")
    leader = text(client_as("manager").get("/"))
    assert (
        "No location is open today (Thanksgiving) and no visits are booked. Friday, November 27: one visit." in leader
    )
    at_the_desk = text(client_as("front_desk").get("/"))
    assert "<h1>No visit is booked today. One visit on Friday, November 27. One lacks something.</h1>" in at_the_desk
    assert "What the record lacks for a visit on Friday, November 27." in at_the_desk
    assert "Talia Brandt" in at_the_desk


def test_desk_reads_who_comes_and_what_is_missing(hand: Hand, client_as: ClientAs) -> None:
    hand.visit(hand.patient("Talia", "Brandt"), hand.local(24, 9), "done")
    hand.visit(hand.patient("Jonas", "Weil"), hand.local(24, 10, 30), "arrived", arrived_at=hand.local(24, 10, 20))
    hand.visit(hand.patient("Amira", "Said"), hand.local(24, 14), "confirmed")
    hand.visit(hand.patient("Tomorrow", "Only"), hand.local(25, 9), "confirmed")
    page = text(client_as("front_desk").get("/"))
    assert "<h1>Three visits today. One waits. Two lack something.</h1>" in page
    assert "financial agreement, consent to treatment and card on file" in page
    assert "Tomorrow Only" not in page
    address = "/calendar/list/?day=2026-11-25&amp;reminder=none"
    assert "No reminder can be sent for one visit on Wednesday, November 25" in page and address in page
    assert "Tomorrow Only" in text(client_as("front_desk").get(address.replace("&amp;", "&")))


def test_intake_reads_the_queue_by_its_clocks(hand: Hand, client_as: ClientAs) -> None:
    version = playbook(hand)
    late = case(hand, version, "Dee Marsh, first visit", timedelta(minutes=102))
    case(hand, version, "Corey Hughes, first visit", timedelta(hours=-5))
    for key, state in (("card_back", "asked"), ("card_front", "accepted")):
        CaseItem.objects.create(
            case_id=late.id, stage_key="documents", key=key, kind="document", words=key, state=state
        )
    page = text(client_as("intake").get("/"))
    assert "<h1>Two requests are open. One is over its limit.</h1>" in page
    assert "1 h 42 min over its limit" in page
    assert "5 h left" in page
    assert "card_back" in page
    assert "card_front" not in page


def test_clinician_reads_visits_and_notes_due(stuck: Hand, client_as: ClientAs) -> None:
    page = text(client_as("clinician").get("/"))
    assert "<h1>One visit today. Two notes are due; two past their limit.</h1>" in page
    assert "$280" in page


def test_biller_reads_what_waits_by_deadline(stuck: Hand, client_as: ClientAs) -> None:
    page = text(client_as("biller").get("/"))
    assert "<h1>$338 waits on two claims. The first deadline is Dec 2.</h1>" in page
    assert "Reason 16, registration" in page


ROLES: tuple[Role, ...] = ("owner", "manager", "front_desk", "intake", "clinician", "biller")


@pytest.mark.parametrize("role", ROLES)
def test_home_takes_at_most_26_queries(stuck: Hand, client_as: ClientAs, role: Role) -> None:
    """One of them reads every location's calendar: what is over its limit is counted in open hours."""
    client = client_as(role)
    client.get("/")
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    for hour in range(8, 12):
        hand_visit = stuck.visit(stuck.patient(), stuck.local(24, hour), "confirmed")
        Task.objects.create(key=str(hand_visit.id), title="Call", due_at=stuck.at, created_at=stuck.at)
    payer = Payer.objects.get()
    for _ in range(4):
        denial(stuck, claim(stuck, payer, 14_000, state="denied"))
    with CaptureQueriesContext(connection) as many:
        client.get("/")
    assert len(many) == len(few), [q["sql"][:80] for q in many]
    said = [q["sql"] for q in few if not q["sql"].startswith(("SET", "SAVEPOINT", "RELEASE"))]
    assert len(said) <= 26, [q[:80] for q in said]


def test_eve_sees_her_own_practice_only(stuck: Hand, eve_client: SeatClient) -> None:
    page = text(eve_client.get("/"))
    assert "Nothing is stuck." in page
    assert "Marsh" not in page


def test_stranger_is_sent_to_sign_in(db: None, client: Any) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")
