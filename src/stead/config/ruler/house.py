"""A practice to count in: founded by the product's own actions, served under a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib.sessions.backends.db import SessionStore
from django.db import connections, transaction
from django.http import HttpRequest
from django.test.utils import override_settings

from stead.billing import ports
from stead.billing.actions import vault_card
from stead.billing.models import PaymentCard
from stead.care.actions import save_note, sign_note, start_note
from stead.care.models import Encounter
from stead.care.terms import TEMPLATES
from stead.coverage.actions import add_coverage, ask_eligibility, record_eligibility_answer
from stead.coverage.terms import EligibilityAnswer
from stead.forms.actions import sign_agreement
from stead.forms.terms import CONSENT_TREATMENT, PRIVACY_NOTICE
from stead.patients.actions import register_patient
from stead.patients.models import Patient
from stead.patients.terms import PatientDetails
from stead.platform import actors, clock
from stead.platform.accounts import session
from stead.platform.accounts.models import Account, Membership, Practice
from stead.platform.actors import Actor, Role
from stead.platform.identifiers import new_id
from stead.platform.journal.partitions import ensure_partitions
from stead.platform.tenancy import catalogue
from stead.platform.tenancy.context import acting
from stead.practice.queries import practice_day
from stead.scheduling.actions import book_appointment, check_in_patient, finish_session, start_session
from stead.scheduling.free import rebuild_free_days
from stead.scheduling.models import Appointment
from stead.scheduling.queries import find_slots
from stead.scheduling.terms import BookingRequest
from stead.simulation.cards import SandboxCards
from stead.simulation.demo.people import CHO, NAME, SLUG
from stead.simulation.demo.structure import Structure, found
from stead.testing.jobs import run_waiting

MORNING = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)
"""A Tuesday, 10:42 in Louisville: a day with the desk open, whenever the ruler is laid on."""
FOUNDED_BEFORE, BOOKED_AHEAD = timedelta(days=60), timedelta(days=42)


@dataclass
class House:
    """The practice, its rows, and the moment at which its pages live."""

    row: Practice
    at: datetime = MORNING
    made: Structure = field(default_factory=Structure)

    @property
    def id(self) -> UUID:
        return self.row.id

    def now(self) -> datetime:
        return self.at

    def acting(self) -> AbstractContextManager[Any]:
        return acting(self.id, actors.system())

    def do(self, at: datetime | None = None) -> dict[str, Any]:
        return {"practice": self.id, "by": actors.system(), "at": at or self.at}

    def session_of(self, name: str) -> str:
        """Sign a member of staff in as after a passkey and return the session's key."""
        person = self.made.staff[name]
        return self._session(name, "staff", person.id, list(person.roles))

    def session_of_patient(self, patient: Patient) -> str:
        return self._session(f"{patient.first_name} {patient.last_name}", "patient", patient.id, [])

    def _session(self, name: str, kind: str, person_id: UUID, roles: list[str]) -> str:
        account, _ = Account.objects.get_or_create(email=f"{kind}.{person_id.hex}@example.test")
        membership, _ = Membership.objects.select_related("practice").get_or_create(
            account=account, practice=self.row, kind=kind, person_id=person_id, defaults={"name": name, "roles": roles}
        )
        request = HttpRequest()
        request.session = SessionStore()
        with clock.driven(self.at):
            session.sign_in(request, account, membership, way="passkey")
            request.session.save()
        return str(request.session.session_key)

    def staff(self, name: str) -> Actor:
        person = self.made.staff[name]
        return Actor(id=person.id, kind="staff", name=name, roles=frozenset(cast(list[Role], person.roles)))

    def patient(self, first_name: str, last_name: str, **more: Any) -> Patient:
        """Register somebody known here who consented to care: pays by themselves, seen by Dr Cho at Linden Street."""
        given: dict[str, Any] = {
            "status": "active", "pays_self": True, "birth_date": date(1991, 3, 14), "state": "KY",
            "practitioner_id": self.made.staff[CHO].id, "home_location_id": self.made.locations[0].id,
        }  # fmt: skip
        details = PatientDetails(first_name, last_name, **(given | more))
        with self.acting():
            row = register_patient(**self.do(), details=details)
            for kind in (CONSENT_TREATMENT, PRIVACY_NOTICE):
                sign_agreement(**self.do(), patient_id=row.id, kind=kind, signed_name=f"{first_name} {last_name}")
            return row

    def card(self, patient: Patient) -> PaymentCard:
        kept = ports.processor().vault(number="4242424242424242", expires_month=12, expires_year=2030, key=str(uuid4()))
        with self.acting():
            return vault_card(**self.do(), patient_id=patient.id, card=kept)

    def covered(self, patient: Patient, *, copay_cents: int) -> None:
        """Write down a policy, and the payer's yes with its copay."""
        with self.acting():
            policy = add_coverage(
                **self.do(), patient_id=patient.id, payer_id=self.made.payers[0], member_id="BGM4471209382"
            )
            asked = ask_eligibility(**self.do(), coverage_id=policy.id, service_date=practice_day(self.at))
            answer = EligibilityAnswer("active", copay_cents=copay_cents)
            record_eligibility_answer(**self.do(), trace=asked.trace, answer=answer)

    def visit(self, patient: Patient, earliest: datetime, *, first: bool = False, who: str = CHO) -> Appointment:
        """Book the patient's next fitting visit with a practitioner at Linden Street, a moment before `earliest`."""
        asked_at = min(self.at, earliest - timedelta(hours=1))
        with self.acting():
            service = next(s for s in self.made.services if s.is_first_visit == first)
            slot = find_slots(
                service_id=service.id, practitioner_ids=[self.made.staff[who].id],
                location_ids=[self.made.locations[0].id], earliest=earliest, count=1,
            )[0]  # fmt: skip
            wanted = BookingRequest(patient.id, service.id, slot.practitioner_id, slot.location_id, slot.starts_at)
            return book_appointment(**self.do(asked_at), request=wanted)

    def held(self, patient: Patient, earliest: datetime, *, who: str = CHO) -> Appointment:
        """Book a visit and let it be held: arrived, in session, done, each at its time."""
        row = self.visit(patient, earliest, who=who)
        with self.acting():
            check_in_patient(**self.do(row.starts_at), appointment_id=row.id)
            start_session(**self.do(row.starts_at), appointment_id=row.id)
            return finish_session(**self.do(row.ends_at), appointment_id=row.id)

    def noted(self, visit: Appointment, text: str = "Sleeps four hours.") -> None:
        """Sign the note of a visit that was held, as its practitioner."""
        run_waiting(self.id)
        by = next(self.staff(name) for name, row in self.made.staff.items() if row.id == visit.practitioner_id)
        do: dict[str, Any] = {"practice": self.id, "by": by, "at": visit.ends_at + timedelta(minutes=5)}
        with self.acting():
            encounter = Encounter.objects.get(appointment_id=visit.id)
            note = start_note(**do, encounter_id=encounter.id)
            body = {part.key: text for part in TEMPLATES[note.template].parts}
            save_note(**do, note_id=note.id, version_no=note.version_no, body=body, diagnosis_codes=["F51.01"])
            sign_note(**do, note_id=note.id)
        run_waiting(self.id)


@contextmanager
def open_house(state: Path) -> Iterator[House]:
    """Found the practice in the database that Django's connections are pointed at. The process's card processor is the
    sandbox from here on."""
    ports.provide(lambda: SandboxCards(state / "cards"))
    with override_settings(STATE=state, SESSION_COOKIE_SECURE=False, CSRF_COOKIE_SECURE=False):
        yield _found()


def _found() -> House:
    began = MORNING - FOUNDED_BEFORE
    ensure_partitions(connections["owner"], began, MORNING + BOOKED_AHEAD)
    catalogue.protect_partitions(connections["owner"])
    with transaction.atomic():
        row = Practice.objects.create(
            id=new_id(), name=NAME, slug=SLUG, time_zone="America/Kentucky/Louisville", created_at=began
        )
        house = House(row)
        with clock.driven(began), house.acting():
            house.made = found(row.id, began, MORNING.date())
            days = (began.date(), (MORNING + BOOKED_AHEAD).date())
            rebuild_free_days([member.id for member in house.made.practitioners], *days)
    return house
