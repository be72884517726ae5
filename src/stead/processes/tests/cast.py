"""A rehearsal: a small playbook over facts that a test sets by hand, and a gated action that asks its gate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from stead.patients.models import Patient
from stead.platform.actions import action, find
from stead.platform.actors import Actor, system
from stead.platform.files.models import StoredFile
from stead.platform.journal.write import write
from stead.platform.policy.facts import Cost, Fact, facts
from stead.platform.policy.kinds import Kind
from stead.practice.tests.cast import Linden
from stead.processes import gates
from stead.processes.actions import open_case, publish_playbook
from stead.processes.gates import OverrideRequest
from stead.processes.models import Case

PLAYBOOK = """\
playbook: rehearsal
name: Rehearsal
purpose: To see a case move.
subjects: [patients.patient]
owner: intake_coordinator
done: finished
ends: {finished: Finished, no_answer: No answer}
stages:
  - key: papers
    name: Papers
    owner: intake_coordinator
    due: 4
    patient: {en: Send us a paper., es: Envíenos un papel.}
    guide: Read it from both sides.
    items:
      - {key: paper, kind: document, words: The paper, asked_of: patient,
         patient: {en: A photo, es: Una foto}}
      - {key: read, kind: check, words: The paper was read}
      - {key: extra, kind: field, words: Anything else, required: false}
    leave_when:
      - {id: signed, words: It is signed, expression: rehearsal.signed}
    automations:
      - {on: waiting, after: 2, do: remind, words: Ask again}
      - {on: waiting, after: 6, do: task, to: front_desk, words: Call}
      - {on: late, after: 0, do: escalate, to: practice_manager, words: Over its limit}
  - key: plan
    name: Plan
    owner: practice_manager
    due: 9
    patient: {en: We ask your plan., es: Preguntamos a su plan.}
    guide: Ask.
    enter_when:
      - {id: open, words: The plan is open, expression: rehearsal.open, waits_on: payer}
    leave_when:
      - {id: answered, words: The plan answered, expression: rehearsal.answered, waits_on: payer}
  - key: visit
    name: Visit
    owner: front_desk
    due: 9
    patient: {en: Choose a time., es: Elija una hora.}
    guide: Book.
    items:
      - {key: booked, kind: check, words: It is booked, accepted_by: appointment.booked}
gates:
  - key: rehearsal_gate
    name: Before the rehearsal
    action: rehearse_visit
    mode: enforce
    not_overridable: [answered]
    clauses:
      - {id: signed, words: It is signed, expression: rehearsal.signed, seat: intake_coordinator}
      - {id: answered, words: The plan answered, expression: rehearsal.answered, seat: front_desk}
"""


@dataclass
class Told:
    """What the rehearsal's facts say; None is not known."""

    signed: bool | None = False
    open: bool | None = True
    answered: bool | None = False
    by_patient: dict[UUID, Any] = field(default_factory=dict)


told = Told()


@contextmanager
def told_anew() -> Iterator[Told]:
    told.__init__()  # type: ignore[misc]  # the facts' loaders hold this very object
    yield told


def declare_rehearsal() -> None:
    """Declare facts and action of the rehearsal once per process, and what other rooms have not declared yet."""
    for name in ("signed", "open", "answered"):
        if facts.find(f"rehearsal.{name}") is None:
            facts.declare(
                Fact(f"rehearsal.{name}", Kind.BOOL, f"Rehearsal {name}", "patient", Cost.QUERY, _loader(name))
            )
    for name in ("patient.card_on_file", "patient.financial_agreement_signed"):
        if facts.find(name) is None:
            facts.declare(Fact(name, Kind.BOOL, name, "patient", Cost.QUERY, lambda patient: False))
    for name in ("rehearse_visit", "book_appointment"):
        if find(name) is None:
            action(name, permission="cases.work", words="rehearse", gated=True, hands=("patient",))(_rehearse_visit)


def _loader(name: str) -> Any:
    return lambda patient: getattr(told, name)


def _rehearse_visit(
    *, practice: UUID, by: Actor, at: datetime, patient: Patient, override: OverrideRequest | None = None
) -> gates.Decision:
    decision = gates.ask("rehearse_visit", {"patient": patient}, by=by, at=at, override=override)
    write("visit.rehearsed", by=by, at=at, patient_id=patient.id)
    return decision


@dataclass(frozen=True)
class Stage:
    """The rehearsal's practice with a patient and its published playbook."""

    house: Linden
    dee: Patient
    told: Told

    @property
    def who(self) -> dict[str, Any]:
        return {"practice": self.house.practice, "by": self.house.by, "at": self.house.at}

    def case(self, at: datetime | None = None) -> Case:
        who = self.who | ({"at": at} if at else {})
        return open_case(
            **who, playbook_key="rehearsal", subject=self.dee, patient_id=self.dee.id, title="Dee Marsh, rehearsal"
        )


def a_patient(at: datetime, number: int = 1, **given: Any) -> Patient:
    values = {"first_name": "Dee", "last_name": "Marsh", "state": "IN"} | given
    return Patient.objects.create(number=number, created_at=at, **values)


def a_file(patient: UUID | None) -> UUID:
    """Return a file of the patient: its row, without bytes."""
    row = StoredFile.objects.create(
        sha256="0" * 64, size=1, content_type="image/png", name="paper.png", purpose="case", patient_id=patient,
        stored_at=datetime(2026, 11, 24, tzinfo=UTC), stored_by_name="Dee Marsh", key_id="1",
    )  # fmt: skip
    return row.id


def stage(house: Linden, told: Told) -> Stage:
    publish_playbook(practice=house.practice, by=system(), at=house.at, source=PLAYBOOK)
    return Stage(house, a_patient(house.at), told)
