"""Ask the gates of an action, let what is overridden pass, and write down what they said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from stead.platform import actions as catalogue
from stead.platform import permissions
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.platform.policy import gates as policy
from stead.platform.policy.evaluate import Outcome
from stead.platform.refusals import InvalidInput, Refusal
from stead.processes.gates.deciding import Decision, GateRefused, why_not
from stead.processes.gates.subjects import case_id_of, patient_id_of, subject_id_of
from stead.processes.models import Gate, GateOverride
from stead.processes.terms import OVERRIDE_DAYS, OVERRIDE_REASON_CHARACTERS


@dataclass(frozen=True)
class OverrideRequest:
    """Somebody wants refusing clauses to pass. Without `clause_ids` all that refuse are meant."""

    reason: str
    expires_at: datetime
    clause_ids: tuple[str, ...] = ()


class OverrideInvalid(InvalidInput):
    """An override without a real reason or with a wrong end."""


def ask(
    action: str,
    subjects: Mapping[str, object],
    *,
    by: Actor,
    at: datetime,
    override: OverrideRequest | None = None,
) -> Decision:
    """Ask the action's gates and refuse where they do; called by actions only. Raise `GateRefused`."""
    decision = why_not(action, subjects, at=at)
    if not decision.allowed and override is not None:
        decision = _overridden(decision, override, by)
    if not decision.allowed:
        raise GateRefused(decision, by)
    _write_warnings(decision, by)
    return decision


def _overridden(decision: Decision, wanted: OverrideRequest, by: Actor) -> Decision:
    """Let the wanted clauses pass, written down per gate. Refuses without permission, reason or a fair end."""
    permissions.check(by, "gates.override")
    _check_override(wanted, decision.at)
    patient_id, subject_id = patient_id_of(decision.subjects), subject_id_of(decision.subjects)
    if patient_id is None and subject_id is None:
        raise OverrideInvalid("This has no record yet that an override could belong to.")
    answers = []
    for answer in decision.decisions:
        refusing = {result.clause.id for result in answer.refusals}
        ids = sorted(refusing & set(wanted.clause_ids)) if wanted.clause_ids else sorted(refusing)
        if not ids:
            answers.append(answer)
            continue
        answers.append(policy.override(answer, ids))
        gate = Gate.objects.get(key=answer.gate.id)
        row = GateOverride.objects.create(
            gate_id=gate.id, clause_ids=ids, patient_id=patient_id, subject_id=subject_id, by_id=by.id, by_name=by.name,
            reason=wanted.reason.strip(), at=decision.at, expires_at=wanted.expires_at,
        )  # fmt: skip
        write(
            "gate.overridden", by=by, at=decision.at, subject=row, patient_id=patient_id,
            case_id=case_id_of(decision.subjects), gates=[gate.key], action=decision.action, clauses=ids,
            expires_at=wanted.expires_at.isoformat(),
        )  # fmt: skip
    return Decision(decision.action, decision.subjects, decision.at, tuple(answers))


def _check_override(wanted: OverrideRequest, at: datetime) -> None:
    if len(wanted.reason.strip()) < OVERRIDE_REASON_CHARACTERS:
        raise OverrideInvalid(
            f"A reason has at least {OVERRIDE_REASON_CHARACTERS} characters; it is kept with your name.", field="reason"
        )
    if len(wanted.reason.strip()) > 1000:
        raise OverrideInvalid("A reason has at most 1,000 characters.", field="reason")
    if not at < wanted.expires_at <= at + timedelta(days=OVERRIDE_DAYS):
        raise OverrideInvalid(f"An override ends within {OVERRIDE_DAYS} days.", field="expires_at")


def _write_warnings(decision: Decision, by: Actor) -> None:
    """Write down what was shown as a warning and what is only watched: figures are made of it."""
    for answer in decision.decisions:
        lacking = answer.warnings or answer.watched
        if lacking:
            write(
                "gate.warned" if answer.warnings else "gate.watched", by=by, at=decision.at,
                patient_id=patient_id_of(decision.subjects), case_id=case_id_of(decision.subjects),
                gates=[answer.gate.id], action=decision.action, clauses=[result.clause.id for result in lacking],
            )  # fmt: skip


def _write_refusal(name: str, refusal: Refusal, given: dict[str, Any]) -> None:
    """Write `gate.refused`. When actions nest, each outer one takes the inner's line back with its rows and writes its
    own, so that one line remains."""
    if not isinstance(refusal, GateRefused):
        return
    decision = refusal.decision
    write(
        "gate.refused", by=given["by"], at=decision.at, patient_id=patient_id_of(decision.subjects),
        case_id=case_id_of(decision.subjects), gates=[answer.gate.id for answer in decision.refusing],
        action=decision.action, clauses=[result.clause.id for result in decision.refusals],
        unknown=[r.clause.id for r in decision.refusals if r.outcome is Outcome.UNKNOWN],
    )  # fmt: skip


catalogue.on_refusal(_write_refusal)
