"""People who ask for care, and the way of each to a first visit: their own part by themselves, the rest by its seat."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from uuid import UUID

from stead.billing import actions as billing
from stead.billing.ports import processor
from stead.coverage import actions as coverage
from stead.coverage.models import Coverage, Payer
from stead.coverage.queries import find_first_coverage
from stead.forms import actions as forms
from stead.intake import actions as intake
from stead.intake.terms import PLAYBOOK, SOURCES, IntakeDetails
from stead.patients import actions as patients
from stead.patients.models import Patient
from stead.patients.terms import PatientDetails
from stead.platform import actors
from stead.practice.models import Location, StaffMember
from stead.processes import actions as processes
from stead.processes.models import Case, CaseItem
from stead.scheduling import actions as scheduling
from stead.scheduling.models import Service
from stead.scheduling.queries import find_slots
from stead.scheduling.terms import BookingRequest
from stead.simulation.days.life import Life, Nothing
from stead.simulation.demo.cases import PIXEL
from stead.simulation.demo.people import FIRST_NAMES, INSURERS, LAST_NAMES, MEDICAID, PLACES, STREETS
from stead.simulation.notes import THEMES

ASK_ON_A_WEEKDAY, ASK_AT_A_WEEKEND = (4, 9), (1, 4)
DOES_IT_TODAY = 0.75
FORGOTTEN_AFTER = timedelta(days=4)
"""Whoever is ready this long and not booked is offered nothing more: the leak between intake and booking."""
FORGETS = 0.25


def ask_for_care(life: Life, morning: datetime) -> None:
    """Send the public form some times: on weekdays more often, at any hour of the day and the evening."""
    places = life.read(morning, lambda: list(Location.objects.filter(closed_date=None).order_by("id")))
    for _ in range(life.random.randint(*(ASK_ON_A_WEEKDAY if morning.weekday() < 5 else ASK_AT_A_WEEKEND))):
        at, place = life.moment(morning, 7, 17), life.random.choice(places)
        life.do("requests", intake.receive_request, actors.public(), at, request=_request(life, place, at.date()))


def _request(life: Life, place: Location, today: date) -> IntakeDetails:
    pick = life.random
    first, last = pick.choice(FIRST_NAMES), pick.choice(LAST_NAMES)
    insurer = _insurer(life)
    return IntakeDetails(
        first_name=first,
        last_name=last,
        birth_date=date(today.year - pick.randrange(19, 74), pick.randrange(1, 13), pick.randrange(1, 28)),
        need=pick.choice(THEMES).reason.format(work="work", close="family", change="a loss", event="an accident",
                                               partner="my partner"),
        phone=f"502555{pick.randrange(10_000):04d}",
        email=f"person{pick.randrange(10**8)}@example.org",
        visit_state=place.state,
        payer_words=INSURERS[insurer].name if insurer is not None else "",
        self_pay=insurer is None,
        preferred_location_id=place.id,
        source=pick.choice(list(SOURCES)),
        may_text=True,
        may_email=True,
    )  # fmt: skip


def _insurer(life: Life) -> int | None:
    weights: list[int] = [insurer.share for insurer in INSURERS]
    choices: list[int | None] = [*range(len(INSURERS)), None]
    return life.random.choices(choices, [*weights, 100 - sum(weights)])[0]


def take_along(life: Life, morning: datetime, first_hour: float, last_hour: float) -> None:
    """Let each open intake that somebody takes up move on by what its stage asks for."""
    before = morning + timedelta(hours=first_hour)

    def open_ones() -> list[Case]:
        rows = Case.objects.filter(state="open", playbook_key=PLAYBOOK, opened_at__lt=before)
        return list(rows.order_by("opened_at", "id"))

    for case in life.read(morning, open_ones):
        if life.random.random() < DOES_IT_TODAY:
            Intake(life, case, life.moment(morning, first_hour, last_hour)).move()


class Intake:
    """One open intake at one moment."""

    def __init__(self, life: Life, case: Case, at: datetime) -> None:
        self.life, self.case, self.at = life, case, at
        assert case.patient_id is not None
        patient_id = case.patient_id
        self.patient: Patient = life.read(at, lambda: Patient.objects.get(id=patient_id))
        self.self = life.patient(self.patient)
        self.owner = life.staff(case.owner_staff_id) if case.owner_staff_id else life.of_role("intake")

    def move(self) -> None:
        if self.case.stage_key == "booking":
            self._book()
            return
        if self.case.stage_key == "documents":
            self._insurance()
        for item in self._open_items():
            self._settle(item)
        if self.case.stage_key == "eligibility":
            self._ask_the_plan()

    def _open_items(self) -> list[CaseItem]:
        def open_ones() -> list[CaseItem]:
            rows = CaseItem.objects.filter(case_id=self.case.id, stage_key=self.case.stage_key, required=True)
            return list(rows.exclude(state__in=["accepted", "waived"]).order_by("key"))

        return self.life.read(self.at, open_ones)

    def _settle(self, item: CaseItem) -> None:
        which = {"case_id": self.case.id, "key": item.key}
        if item.kind == "document":
            if item.state != "received":
                given = {"item_id": item.id, "data": PIXEL, "name": f"{item.key}.png"}
                self.life.do("documents", intake.send_document, self.self, self.at, **given)
            self.life.do("accepted", processes.accept_item, self.owner, self.at, **which)
        elif item.kind == "check":
            self.life.do("checked", processes.accept_item, self.owner, self.at, **which)
        elif item.key == "card_on_file":
            self._card()
        else:
            self._sign(item.key)

    def _sign(self, kind: str) -> None:
        name = f"{self.patient.first_name} {self.patient.last_name}"
        given = {"patient_id": self.patient.id, "signed_name": name}
        for one in (kind, "consent_treatment", "privacy_notice", "consent_telehealth"):
            self.life.do("agreements", forms.sign_agreement, self.self, self.at, kind=one, **given)

    def _card(self) -> None:
        with self.life.counting("cards"), self.life.acting(self.self, self.at):
            token = processor().vault(
                number="4242 4242 4242 4242", expires_month=12, expires_year=self.at.year + 2,
                key=f"days:{self.patient.id}",
            )  # fmt: skip
            billing.vault_card(
                practice=self.life.practice, by=self.self, at=self.at, patient_id=self.patient.id, card=token
            )

    def _insurance(self) -> None:
        """Write down where the patient lives and the policy on the card, once."""
        if not self.patient.line1:
            self.life.do(
                "addresses", patients.update_patient, self.owner, self.at, patient_id=self.patient.id,
                details=_with_address(self.life, self.patient),
            )  # fmt: skip
        if self.patient.pays_self or self._policy() is not None:
            return
        index = next((i for i in range(len(INSURERS)) if i != MEDICAID and self.life.random.random() < 0.4), 0)
        payer = self.life.read(self.at, lambda: Payer.objects.get(name=INSURERS[index].name))
        number = f"M{self.patient.number:06d}{self.life.random.choice('0112')}"
        given = {"patient_id": self.patient.id, "payer_id": payer.id, "member_id": number}
        self.life.do("policies", coverage.add_coverage, self.self, self.at, **given)

    def _policy(self) -> Coverage | None:
        return self.life.read(self.at, lambda: find_first_coverage(self.patient.id))

    def _ask_the_plan(self) -> None:
        policy = self._policy()
        if policy is None:
            return
        which = {"coverage_id": policy.id}
        if policy.card_verified_at is None:
            self.life.do("cards_compared", coverage.verify_card, self.life.of_role("intake"), self.at, **which)
        biller = self.life.of_role("biller")
        self.life.do("questions", coverage.ask_eligibility, biller, self.at, service_date=self.at.date(), **which)

    def _book(self) -> None:
        forgotten = self.at - self.case.stage_entered_at > FORGOTTEN_AFTER
        if forgotten or self.life.random.random() < FORGETS:
            return
        desk = self.life.of_role("intake")
        with self.life.counting("first_visits"), self.life.acting(desk, self.at):
            wanted = _first_visit(self.patient, self.case.location_id, self.at)
            if wanted is None:
                self.life.refused["NoSlot"] += 1
                raise Nothing
            scheduling.book_appointment(practice=self.life.practice, by=desk, at=self.at, request=wanted)


def _first_visit(patient: Patient, location_id: UUID | None, at: datetime) -> BookingRequest | None:
    service = Service.objects.filter(is_first_visit=True, retired_at=None).order_by("id").first()
    takers = StaffMember.objects.filter(is_practitioner=True, accepts_new=True, ended_date=None)
    if service is None:
        return None
    slots = find_slots(
        service_id=service.id,
        practitioner_ids=list(takers.values_list("id", flat=True)),
        location_ids=[location_id] if location_id else None,
        earliest=at + timedelta(hours=20),
        count=1,
    )
    if not slots:
        return None
    return BookingRequest(
        patient_id=patient.id,
        service_id=service.id,
        practitioner_id=slots[0].practitioner_id,
        location_id=slots[0].location_id,
        starts_at=slots[0].starts_at,
        modality=service.modality,
    )


def _with_address(life: Life, patient: Patient) -> PatientDetails:
    place = life.random.choice([p for p in PLACES if p.state == patient.state] or list(PLACES))
    known = {name: getattr(patient, name) for name in asdict(PatientDetails("", "")) if name != "ssn"}
    home = {
        "line1": f"{life.random.randrange(10, 990)} {life.random.choice(STREETS)}", "city": place.city,
        "state": place.state, "zip_code": place.zip_code, "sex": life.random.choice(("female", "male")),
    }  # fmt: skip
    return PatientDetails(**known | home)
