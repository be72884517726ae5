"""One day, end to end: from a request on a phone to money in the ledger and a to-do with one owner.

Everything goes through the doors that people use (pages, portal, jobs, mailbox, SMTP) on a driven clock; the payer, the
card processor and the mail server are the sandboxes of the demo. Each step asserts what the person would see.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from stead.billing import ports
from stead.billing.models import Charge, Claim, ClaimEvent, Denial, LedgerEntry, Payment, PaymentCard, Statement
from stead.billing.queries import balance_of
from stead.care.models import Encounter, Note
from stead.care.terms import TEMPLATES
from stead.coverage.models import Coverage, EligibilityCheck
from stead.exchange.models import Interchange
from stead.forms.models import AgreementVersion
from stead.intake import forms as intake_forms
from stead.intake.models import IntakeRequest
from stead.operating.models import Issue, Todo
from stead.patients.actions import register_patient
from stead.patients.models import Patient
from stead.patients.terms import PatientDetails
from stead.platform import actors, clock
from stead.platform.actors import Actor
from stead.platform.journal import seals
from stead.platform.journal.models import JournalEntry
from stead.platform.tenancy.context import acting
from stead.practice.models import Location, StaffMember
from stead.processes.actions import publish_library
from stead.processes.models import Case, CaseItem
from stead.scheduling.free import rebuild_free_days
from stead.scheduling.models import Appointment
from stead.scheduling.queries import find_slots
from stead.simulation.cards import SandboxCards
from stead.simulation.demo.structure import Structure, found, vacate_desk
from stead.simulation.mail_sink import MailSink, mails
from stead.simulation.payer import Pace, SandboxPayer
from stead.testing import clients
from stead.testing.cast import NOON
from stead.testing.jobs import run_waiting

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
PROMPT = Pace(receipt=timedelta(), claim_receipt=timedelta(), remit=(timedelta(), timedelta()), late=0, duplicate=0,
              reordered=0, silent=0)  # fmt: skip


class Practice:
    """The practice of the story, its clock, and its people's clients."""

    def __init__(self, practice_id: UUID, row: Any, state: Path, at: datetime) -> None:
        self.id, self.row, self.state, self.at = practice_id, row, state, at
        self.made: Structure
        self.payer = SandboxPayer(state / "mailboxes" / str(practice_id), pace=PROMPT)

    def acting(self) -> Any:
        return acting(self.id, actors.system())

    def client(self, name: str) -> clients.SeatClient:
        staff = self.made.staff[name]
        actor = Actor(id=staff.id, kind="staff", name=staff.name, roles=frozenset(staff.roles))
        return clients.client_of(clients.enter_person(self.row, actor), actor)

    def patient_client(self, patient: Patient) -> clients.SeatClient:
        actor = Actor(id=patient.id, kind="patient", name="Dee Marsh", roles=frozenset({"patient"}))
        return clients.client_of(clients.enter_person(self.row, actor, kind="patient"), actor)

    def work(self) -> None:
        """Let jobs, mailbox and payer go round until nothing moves."""
        for _ in range(6):
            ran = run_waiting(self.id)
            delivered = self.payer.run(clock.now())
            with self.acting():
                from stead.exchange.jobs import poll_mailbox, send_claims

                send_claims()
                poll_mailbox()
            if not ran and not delivered and not run_waiting(self.id):
                return


@pytest.fixture
def house(linden: UUID, practice_row: Any, tmp_path: Path, settings: Any, monkeypatch: Any) -> Iterator[Practice]:
    settings.STATE = tmp_path
    practice = Practice(linden, practice_row, tmp_path, NOON)
    with MailSink(tmp_path / "mail", port=0) as sink:
        monkeypatch.setenv("STEAD_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("STEAD_SMTP_PORT", str(sink.port))
        with clock.driven(NOON - timedelta(days=2)), practice.acting():
            practice.made = found(linden, clock.now(), NOON.date())
            publish_library(practice=linden, by=actors.system(), at=clock.now())
            days = (NOON.date() - timedelta(days=1), NOON.date() + timedelta(days=21))
            rebuild_free_days([p.id for p in practice.made.practitioners], *days)
        monkeypatch.setattr(ports, "_provide", [lambda: SandboxCards(tmp_path / "cards")])
        yield practice


def asked_on_a_phone(practice: Practice) -> Patient:
    typed = {
        "safety": "no", "need": "I cannot sleep.", "first_name": "Dee", "last_name": "Marsh",
        "birth_date": "1991-03-14",
        "phone": "502 555 0143", "email": "dee@example.test", "may_text": "on", "may_email": "on", "may_call": "on",
        "language": "en", "visit_state": "KY", "location": "", "pays": "plan", "payer_words": "Bluegrass Mutual",
        "opened": intake_forms.stamp((clock.now() - timedelta(minutes=3)).timestamp()), "website": "",
        "_key": str(uuid4()),
    }  # fmt: skip
    visitor = Client(headers={"accept-language": "en"})
    answer = visitor.post(reverse("intake_ask", args=[practice.row.slug]), typed)
    again = visitor.post(reverse("intake_ask", args=[practice.row.slug]), typed)
    assert (answer.status_code, again.status_code) == (302, 302)
    with practice.acting():
        assert IntakeRequest.objects.count() == 1, "a double click asks once"
        return Patient.objects.get(last_name="Marsh")


def first_visit_at(practice: Practice, place: int, minutes_later: int = 0) -> dict[str, str]:
    """The form of a first free hour of a first visit at a location, as the booking page posts it."""
    with practice.acting():
        service = next(s for s in practice.made.services if s.is_first_visit)
        where = practice.made.locations[place]
        earliest = NOON + timedelta(minutes=60 + minutes_later)
        slot = find_slots(service_id=service.id, location_ids=[where.id], earliest=earliest, count=1)[0]
    return {
        "service": str(service.id), "practitioner": str(slot.practitioner_id), "location": str(slot.location_id),
        "starts_at": slot.starts_at.isoformat(), "modality": "room",
    }  # fmt: skip


def photo() -> Any:
    return SimpleUploadedFile("card.png", PNG, content_type="image/png")


def the_case(practice: Practice, patient: Patient) -> Case:
    with practice.acting():
        return Case.objects.get(playbook_key="new_patient_intake", patient_id=patient.id)


def work_through(practice: Practice, patient: Patient, name: str, *keys: str) -> None:
    """Tick checks off on the case page, as the person whose step it is."""
    case = the_case(practice, patient)
    for key in keys:
        page = practice.client(name).post(reverse("processes_item", args=[case.id, key, "accept"]))
        assert page.status_code == 200, page.content.decode()[:600]


def stage(practice: Practice, patient: Patient) -> str:
    return the_case(practice, patient).stage_key


def words_of(page: Any) -> str:
    """The page's text, with what a reader does not see left out."""
    text = re.sub(r"<(script|style|template).*?</\1>|<[^>]+>", " ", page.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(text))


PAPERS = ("financial_agreement", "consent_treatment", "privacy_notice")
"""What a case asks for, and what the check-in of the first visit asks for."""


def prepared(practice: Practice, patient: Patient) -> None:
    """Dee does her part in the portal, Priya and Joyce do theirs; the case moves by itself."""
    portal = practice.patient_client(patient)
    with practice.acting():
        wordings = AgreementVersion.objects.filter(language="en")
        papers = {w.kind: str(w.id) for w in wordings if w.kind in PAPERS}
        payer = practice.made.payers[0]
    assert "Step 2 of 6" in words_of(portal.get("/portal/"))
    for kind, wording in papers.items():
        signed = {"shown": wording, "read": "on", "signed_name": "Dee Marsh", "relation": "self"}
        assert portal.post(f"/portal/agreements/{kind}/", signed).status_code == 200
    kept = ports.processor().vault(number="4242 4242 4242 4242", expires_month=12, expires_year=2030, key="story")
    card = asdict(kept)
    assert portal.post("/portal/card/", card).status_code == 200
    practice.work()
    with practice.acting():
        print(
            list(CaseItem.objects.values_list("key", "state")),
            list(JournalEntry.objects.values_list("verb", flat=True)),
        )
    assert stage(practice, patient) == "documents"

    policy = {"payer": str(payer), "member_id": "BGM4471209382", "group_number": "70118", "relation": "self"}
    assert portal.post("/portal/insurance/", policy).status_code == 200
    with practice.acting():
        asked = list(CaseItem.objects.filter(case_id=the_case_id(patient), kind="document", required=True))
    for item in asked:
        page = portal.post(f"/portal/items/{item.id}/", {"photo": photo()})
        assert page.status_code == 200, words_of(page)[:400]
    home = {"line1": "214 Linden Street", "city": "Louisville", "zip_code": "40202", "state": "KY"}
    assert portal.post("/portal/address/", home).status_code == 200
    practice.work()
    for item in asked:
        practice.client("Priya Nair").post(reverse("intake_accept", args=[item.id]))
    with practice.acting():
        coverage = Coverage.objects.get(patient_id=patient.id)
    practice.client("Priya Nair").post(reverse("coverage_verify", args=[coverage.id]))
    work_through(practice, patient, "Priya Nair", "subscriber_known", "member_number_read")
    assert stage(practice, patient) == "eligibility"

    practice.client("Joyce Amadi").post(reverse("coverage_ask", args=[coverage.id]))
    practice.work()
    with practice.acting():
        check = EligibilityCheck.objects.get(coverage_id=coverage.id)
    assert (check.state, check.copay_cents) == ("active", 3000)
    work_through(practice, patient, "Joyce Amadi", "cost_told")
    work_through(practice, patient, "Olu Adeyemi", "practitioner_chosen")
    assert stage(practice, patient) == "booking"


def the_case_id(patient: Patient) -> UUID:
    return Case.objects.get(playbook_key="new_patient_intake", patient_id=patient.id).id


def book(practice: Practice, patient: Patient, place: int = 0, later: int = 0) -> tuple[Any, dict[str, str]]:
    form = first_visit_at(practice, place, later) | {"patient": str(patient.id)}
    return practice.client("Ana Ruiz").post(reverse("calendar_book"), form), form


def visit_is_held(practice: Practice, visit: Appointment) -> None:
    """Check in, hold the session, sign the note: only then is there a charge. People sign in anew each time, because
    the clock jumps further than a session lasts."""
    with practice.acting():
        name = StaffMember.objects.get(id=visit.practitioner_id).name
    with clock.driven(visit.starts_at - timedelta(minutes=5)):
        step(practice.client("Ana Ruiz"), visit, "check-in")
    with clock.driven(visit.starts_at):
        step(practice.client(name), visit, "start")
    with clock.driven(visit.ends_at):
        clinician = practice.client(name)
        step(clinician, visit, "finish")
        with practice.acting():
            assert Appointment.objects.get(id=visit.id).status == "done"
            encounter = Encounter.objects.get(appointment_id=visit.id)
            assert not Charge.objects.filter(encounter_id=encounter.id).exists(), "no charge before the signature"
        clinician.post(reverse("care_start_note", args=[encounter.id]))
        with practice.acting():
            note = Note.objects.get(encounter_id=encounter.id)
        parts = {part.key: "Sleeps four hours; agreed on a sleep plan." for part in TEMPLATES[note.template].parts}
        said = {"version_no": str(note.version_no), "diagnosis": "F51.01", "do": "sign"} | parts
        page = clinician.post(reverse("care_note", args=[note.id]), said)
        assert page.status_code == 200, words_of(page)[:600]
    with practice.acting():
        assert Charge.objects.filter(encounter_id=encounter.id).count() == 1
        assert Note.objects.get(id=note.id).state == "signed"


def step(client: clients.SeatClient, visit: Appointment, name: str) -> None:
    page = client.post(reverse("calendar_step", args=[visit.id, name]))
    assert page.status_code == 200 and "sign-in" not in page.request["PATH_INFO"], words_of(page)[:600]


def two_people_want_the_same_hour(practice: Practice) -> None:
    """One wins, the other is offered the next three."""
    with practice.acting():
        rivals = [
            register_patient(
                practice=practice.id, by=actors.system(), at=clock.now(),
                details=PatientDetails(first_name=name, last_name="Rival", status="active", pays_self=True),
            )
            for name in ("One", "Two")
        ]  # fmt: skip
        service = next(s for s in practice.made.services if not s.is_first_visit)
        slot = find_slots(service_id=service.id, earliest=NOON + timedelta(days=3), count=1)[0]
    form = {
        "service": str(service.id), "practitioner": str(slot.practitioner_id), "location": str(slot.location_id),
        "starts_at": slot.starts_at.isoformat(), "modality": "room",
    }  # fmt: skip
    desk = practice.client("Ana Ruiz")
    first, second = (desk.post(reverse("calendar_book"), form | {"patient": str(r.id)}) for r in rivals)
    assert (first.status_code, second.status_code) == (200, 409)
    said = words_of(second)
    assert "This time was taken a moment ago" in said
    assert len(re.findall(r"Book [A-Z][a-z]{2} [A-Z][a-z]{2} \d+, \d+:\d\d [ap]m", said)) == 3


def claims_leave_only_when_clean(practice: Practice, patient: Patient) -> None:
    """The address was given on a phone before the visit, so nothing holds the claims: they leave by themselves."""
    with practice.acting():
        assert Patient.objects.get(id=patient.id).line1 == "214 Linden Street"
        assert not Claim.objects.filter(state="held").exists()
    practice.work()
    with practice.acting():
        assert set(Claim.objects.values_list("state", flat=True)) <= {"sent", "accepted", "part_paid", "paid", "denied"}
        assert Interchange.objects.filter(direction="out", kind="837P").exists()


def answers_come_back(practice: Practice, patient: Patient) -> None:
    """999, 277CA and 835 arrive; one claim is paid, the other denied, and the denial is a case with a deadline."""
    practice.work()
    with practice.acting():
        kinds = set(ClaimEvent.objects.values_list("kind", flat=True))
        assert {"made", "sent", "999", "277ca", "835"} <= {kind.lower() for kind in kinds}
        paid, denied = Claim.objects.exclude(state="denied").get(), Claim.objects.get(state="denied")
        assert 0 < paid.paid_cents < paid.total_cents
        denial = Denial.objects.get(claim_id=denied.id)
        assert (denial.reason_code, denial.remark_codes) == ("16", ["N255"])
        case = Case.objects.get(playbook_key="denial_management", state="open")
        assert denial.deadline_date > clock.now().date()
        assert balance_of(patient.id).cents == 3000, "the copay is the patient's"
    page = practice.client("Ben Whitlock").get(reverse("billing_denials"))
    assert page.status_code == 200 and "Marsh" in words_of(page)
    assert practice.client("Ben Whitlock").get(reverse("processes_case", args=[case.id])).status_code == 200


def the_patient_pays(practice: Practice, patient: Patient) -> None:
    """The statement is a PDF; Dee pays it in the portal with the card on file."""
    biller = practice.client("Ben Whitlock")
    biller.post(reverse("billing_make_statement", args=[patient.id]))
    with practice.acting():
        statement = Statement.objects.get(patient_id=patient.id)
    assert statement.total_cents == 3000
    pdf = biller.get(reverse("billing_statement", args=[statement.id]))
    assert (pdf.status_code, pdf["Content-Type"], pdf.content[:5]) == (200, "application/pdf", b"%PDF-")
    portal = practice.patient_client(patient)
    assert "$30.00" in words_of(portal.get(reverse("portal_bills")))
    with practice.acting():
        card = PaymentCard.objects.get(patient_id=patient.id)
    paid = portal.post(reverse("portal_pay"), {"amount": "30.00", "card": str(card.id)})
    assert paid.status_code == 200, words_of(paid)[:500]
    practice.work()
    with practice.acting():
        payment = Payment.objects.get(patient_id=patient.id)
        assert payment.state == "paid", (payment.declined_because, PaymentCard.objects.get().token)
        assert balance_of(patient.id).cents == 0


def money_adds_up(practice: Practice) -> None:
    """Every posting sums to nothing, and so does the book."""
    with practice.acting():
        assert LedgerEntry.objects.aggregate(all=Sum("amount_cents"))["all"] == 0
        per_posting = LedgerEntry.objects.values("transaction_id").annotate(sum=Sum("amount_cents"))
        assert {row["sum"] for row in per_posting} == {0}


def numbers_issue_meeting_todo(practice: Practice) -> None:
    """A red number opens to its rows, becomes an issue on the meeting's page, and ends in one person's to-do."""
    manager = practice.client("Mona Petrakis")
    week = clock.now().date() - timedelta(days=clock.now().weekday() + 7)
    assert "on target" in words_of(manager.get(reverse("numbers_scorecard")))
    figure = manager.get(reverse("numbers_figure", args=["denied_first", week]))
    assert figure.status_code == 200, words_of(figure)[:400]
    assert "50" in words_of(figure), "one of two claims was denied"
    raising = reverse("numbers_raise", args=["denied_first", week])
    for _ in range(2):
        assert manager.post(raising).status_code == 200
    with practice.acting():
        issue = Issue.objects.get()
    assert issue.title in words_of(manager.get(reverse("rhythm_meeting")))
    todo = {
        "decision": "Write the location's NPI on every claim", "todo": "Enter New Albany's NPI",
        "owner": str(practice.made.staff["Ben Whitlock"].id), "due_date": str(clock.now().date() + timedelta(days=5)),
    }  # fmt: skip
    assert manager.post(reverse("rhythm_settle", args=[issue.id]), todo).status_code == 200
    with practice.acting():
        assert Todo.objects.get().owner.name == "Ben Whitlock"
        assert Issue.objects.get().state == "solved"


def chart_and_absence(practice: Practice) -> None:
    """The chart shows the blank seat, and the absence page says what would stall without the owner."""
    with practice.acting():
        vacate_desk(practice.id, clock.now())
    owner = practice.client("Olu Adeyemi")
    assert "No one" in words_of(owner.get("/seats/"))
    first = clock.now().date() + timedelta(days=7)
    away = {"person": str(practice.made.staff["Olu Adeyemi"].id), "first": first, "last": first + timedelta(days=4)}
    page = owner.get(reverse("seats_absence"), away)
    assert page.status_code == 200
    assert "no backup" in words_of(page).lower() or "stall" in words_of(page).lower()


def test_one_day(house: Practice) -> None:
    with clock.driven(NOON):
        dee = asked_on_a_phone(house)
        house.work()
        assert "Dee Marsh" in words_of(house.client("Priya Nair").get("/intake/"))

        refused, _ = book(house, dee)
        assert refused.status_code == 422
        said = words_of(refused)
        assert "Not booked." in said and "The financial agreement is signed" in said and "Priya Nair" in said
        with house.acting():
            assert not Appointment.objects.filter(patient_id=dee.id).exists()
            assert JournalEntry.objects.filter(verb="gate.refused", patient_id=dee.id).count() == 1

        work_through(house, dee, "Priya Nair", "request_read", "safety_asked", "duplicate_checked")
        prepared(house, dee)
        booked, _ = book(house, dee)
        assert booked.status_code == 200, words_of(booked)[:600]
        elsewhere, _ = book(house, dee, place=1, later=26 * 60)
        assert elsewhere.status_code == 200, words_of(elsewhere)[:600]
        two_people_want_the_same_hour(house)
        with house.acting():
            visit, second = Appointment.objects.filter(patient_id=dee.id).order_by("starts_at")
            Location.objects.filter(id=house.made.locations[1].id).update(npi="")  # the planted fault of New Albany
    with clock.driven(visit.starts_at - timedelta(minutes=30)):
        house.work()
        assert any("dee@example.test" in str(m["To"]) for m in mails(house.state / "mail")), "a mail went out by SMTP"
    visit_is_held(house, visit)
    visit_is_held(house, second)
    with clock.driven(second.ends_at + timedelta(hours=1)):
        house.work()
        claims_leave_only_when_clean(house, dee)
    with clock.driven(second.ends_at + timedelta(days=3)):
        answers_come_back(house, dee)
        the_patient_pays(house, dee)
        money_adds_up(house)
    with clock.driven(second.ends_at + timedelta(days=7)):  # the week has closed
        numbers_issue_meeting_todo(house)
        chart_and_absence(house)
    with house.acting():
        seals.seal_batch(clock.now())
        assert seals.verify() == []
