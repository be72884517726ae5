"""Gates: the practice's rules for an action, asked by the action at the moment of change.

    decision = gates.ask("book_appointment", {"patient": patient, "appointment": draft}, by=by, at=at,
                         override=request.override)          # raises GateRefused

Several gates may stand at one action; all are asked, so that a refusal names everything that is missing at once. *Warn*
and *watch* never refuse. An override (permission, reason, end) is kept and honoured until it ends. A refusal is written
to the journal after the action's own rows were taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Q
from django.urls import NoReverseMatch, reverse

from stead.platform import actions as catalogue
from stead.platform import permissions
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.platform.policy import gates as policy
from stead.platform.policy.cache import Bounded
from stead.platform.policy.clauses import Clause as PolicyClause
from stead.platform.policy.clauses import ClauseInvalid, compile_clause
from stead.platform.policy.evaluate import ClauseResult, Facts, Outcome, evaluate
from stead.platform.policy.facts import facts as registry
from stead.platform.policy.gates import CompiledGate, GateRule, Mode, compile_gate
from stead.platform.refusals import Conflict, InvalidInput, Refusal
from stead.platform.ui import words
from stead.platform.ui.parts import Clause, GateRefusal, NextTime, Override, Step
from stead.practice import queries as practice
from stead.practice.models import Location
from stead.practice.terms import NO_ONE
from stead.processes.document import ClausePart, clause_of
from stead.processes.models import Case, Gate, GateOverride
from stead.processes.terms import OVERRIDE_DAYS, OVERRIDE_REASON_CHARACTERS


@dataclass(frozen=True)
class OverrideRequest:
    """Somebody wants refusing clauses to pass. Without `clause_ids` all that refuse are meant."""

    reason: str
    expires_at: datetime
    clause_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What all gates of an action said. `decisions` holds one answer per gate that applies."""

    action: str
    subjects: Mapping[str, object]
    at: datetime
    decisions: tuple[policy.Decision, ...]

    @property
    def allowed(self) -> bool:
        return all(decision.allowed for decision in self.decisions)

    @property
    def refusals(self) -> tuple[ClauseResult, ...]:
        return tuple(result for decision in self.decisions for result in decision.refusals)

    @property
    def warnings(self) -> tuple[ClauseResult, ...]:
        return tuple(result for decision in self.decisions for result in decision.warnings)

    @property
    def refusing(self) -> tuple[policy.Decision, ...]:
        return tuple(decision for decision in self.decisions if decision.refusals)

    @property
    def overridable(self) -> bool:
        """Tell whether some seat may let everything pass that refuses."""
        return bool(self.refusing) and all(decision.overridable for decision in self.refusing)


class GateRefused(Refusal):
    """Gates of the practice said no. `decision` is for `as_refusal`, `clauses` for machines."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        self.clauses = [
            {"id": result.clause.id, "words": result.clause.words, "outcome": result.outcome.value}
            for result in decision.refusals
        ]
        names = words.listed([gate.gate.name for gate in decision.refusing])
        unmet = words.listed([result.clause.words for result in decision.refusals])
        super().__init__(f"The gate {names} stopped this. Not met: {unmet}. Nothing was changed.")


class GateBroken(Conflict):
    """A stored gate that does not type-check any more, as when it asks a fact that a newer Stead does not declare.

    Nothing passes it. `simulate` and other programs must not count it among the practice's own refusals.
    """

    def __init__(self, gate: Gate, wrong: str) -> None:
        super().__init__(
            f"The gate {gate.name} can no longer be asked, so nothing passes it: {wrong} Nothing was changed. "
            "Whoever keeps the playbooks mends the clause and publishes it again."
        )


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
        raise GateRefused(decision)
    _write_warnings(decision, by)
    return decision


def why_not(action: str, subjects: Mapping[str, object], *, at: datetime | None = None) -> Decision:
    """Answer what would stop an action, without refusing and without a line."""
    from stead.platform import clock

    moment = at or clock.now()
    gates = list(Gate.objects.filter(action=action, retired_at=None).order_by("key"))
    if not gates:
        return Decision(action, subjects, moment, ())
    facts = Facts(subjects, {"now": moment, "today": _today(subjects, moment)})
    answers = {gate.id: answer for gate in gates if (answer := _decide(gate, facts)) is not None}
    if any(answer.refusals for answer in answers.values()):  # only a refusal can be overridden, so only then is asked
        living = _living_overrides(gates, subjects, moment)
        answers = {gate_id: _with_living(answer, living.get(gate_id)) for gate_id, answer in answers.items()}
    return Decision(action, subjects, moment, tuple(answers.values()))


def _today(subjects: Mapping[str, object], at: datetime) -> date:
    """Return the local day; a visit in hand brings its location, and with it the zone."""
    location = getattr(subjects.get("appointment"), "location", None)
    if isinstance(location, Location):
        return at.astimezone(ZoneInfo(location.time_zone)).date()
    return practice.calendar_of(_location_of(subjects)).local(at).date()


def _decide(gate: Gate, facts: Facts) -> policy.Decision | None:
    try:
        applies = compile_clause(PolicyClause("applies", gate.name, gate.applies_when)) if gate.applies_when else None
        ready = compiled(gate)
    except (ClauseInvalid, policy.GateInvalid) as wrong:
        raise GateBroken(gate, wrong.words) from wrong
    if applies is not None and evaluate(applies, facts).outcome is Outcome.UNMET:
        return None
    return policy.decide(ready, facts)


def _with_living(decision: policy.Decision, living: frozenset[str] | None) -> policy.Decision:
    refusing = {result.clause.id for result in decision.refusals}
    passing = (living or frozenset()) & refusing - decision.gate.not_overridable
    return policy.override(decision, passing) if passing else decision


_compiled: Bounded[tuple[Any, ...], CompiledGate] = Bounded(512)


def compiled(gate: Gate) -> CompiledGate:
    """Return the gate ready to be asked; kept while neither its text nor the declared facts change."""
    clauses = msgspec.json.encode(gate.clauses)
    key = (gate.id, gate.name, gate.mode, clauses, tuple(gate.not_overridable), registry.version)
    return _compiled.get(key, lambda: compile_gate(rule_of(gate)))


def rule_of(gate: Gate) -> GateRule:
    parts = msgspec.convert(gate.clauses, list[ClausePart])
    clauses = tuple(clause_of(part) for part in parts)
    kept = frozenset(gate.not_overridable)
    return GateRule(gate.key, gate.name, gate.action, Mode(gate.mode), clauses, kept)


def _living_overrides(
    gates: Sequence[Gate], subjects: Mapping[str, object], at: datetime
) -> dict[UUID, frozenset[str]]:
    about = Q()
    if patient_id := _patient_id(subjects):
        about |= Q(patient_id=patient_id, subject_id=None)
    if subject_id := _subject_id(subjects):
        about |= Q(subject_id=subject_id)
    if not about:
        return {}
    living: dict[UUID, frozenset[str]] = {}
    rows = GateOverride.objects.filter(about, gate_id__in=[gate.id for gate in gates], at__lte=at, expires_at__gt=at)
    for gate_id, clause_ids in rows.values_list("gate_id", "clause_ids"):
        living[gate_id] = living.get(gate_id, frozenset()) | frozenset(clause_ids)
    return living


def _overridden(decision: Decision, wanted: OverrideRequest, by: Actor) -> Decision:
    """Let the wanted clauses pass, written down per gate. Refuses without permission, reason or a fair end."""
    permissions.check(by, "gates.override")
    _check_override(wanted, decision.at)
    patient_id, subject_id = _patient_id(decision.subjects), _subject_id(decision.subjects)
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
            case_id=_case_id(decision.subjects), gates=[gate.key], action=decision.action, clauses=ids,
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
                patient_id=_patient_id(decision.subjects), case_id=_case_id(decision.subjects),
                gates=[answer.gate.id], action=decision.action, clauses=[result.clause.id for result in lacking],
            )  # fmt: skip


def _write_refusal(name: str, refusal: Refusal, given: dict[str, Any]) -> None:
    """Write `gate.refused`. When actions nest, each outer one takes the inner's line back with its rows and writes its
    own, so that one line remains."""
    if not isinstance(refusal, GateRefused):
        return
    decision = refusal.decision
    write(
        "gate.refused", by=given["by"], at=decision.at, patient_id=_patient_id(decision.subjects),
        case_id=_case_id(decision.subjects), gates=[answer.gate.id for answer in decision.refusing],
        action=decision.action, clauses=[result.clause.id for result in decision.refusals],
        unknown=[r.clause.id for r in decision.refusals if r.outcome is Outcome.UNKNOWN],
    )  # fmt: skip


catalogue.on_refusal(_write_refusal)


def as_refusal(
    decision: Decision,
    *,
    done: str = "done",
    asked: Sequence[tuple[str, str]] = (),
    kept: str = "",
    next_head: str = "",
    next_note: str = "",
    next_times: Sequence[NextTime] = (),
    by: Actor | None = None,
    override_url: str = "",
    override_fields: Sequence[tuple[str, str]] = (),
    override_reason: str = "",
    override_error: str = "",
) -> GateRefusal:
    """Return the refusal as the page shows it: clauses with what the record says, whose each is, and the fix.

    `done` is the action's participle ("booked"), `kept` what is held meanwhile ("Dr Cho's 10:00 is kept until 10:56").
    """
    clauses = _shown_clauses(decision)
    unmet = len(decision.refusals)
    gates = decision.refusing or decision.decisions
    be = "is" if unmet == 1 else "are"
    return GateRefusal(
        sentence=f"Not {done}. {_of_clauses(unmet, len(clauses))} {be} not met.",
        note=" ".join(part for part in ("Nothing was changed.", kept) if part),
        clauses=clauses,
        asked=asked,
        gate=words.listed([answer.gate.name for answer in gates]),
        gate_url=reverse("processes_gates") + (f"#{gates[0].gate.id}" if gates else ""),
        next_head=next_head,
        next_note=next_note,
        next_times=next_times,
        override=_shown_override(decision, by, override_url, override_fields, override_reason, override_error),
    )


def _of_clauses(unmet: int, of: int) -> str:
    return f"{words.number_word(unmet, start=True)} of {words.count(of, 'clause')}"


def _shown_clauses(decision: Decision) -> list[Clause]:
    location_id = _location_of(decision.subjects)
    today = practice.calendar_of(location_id).local(decision.at).date()
    shown: list[Clause] = []
    for answer in decision.decisions:
        if answer.gate.mode is not Mode.ENFORCE:
            continue
        for result in answer.clauses:
            passes = result.outcome is Outcome.MET or result.clause.id in answer.overridden
            seat, holder = result.clause.seat, None
            if seat and not passes:
                holder = practice.holder_of(seat, today, location_id)
            says = _says(result)
            if result.clause.id in answer.overridden:
                says = "Overridden with a reason"
            shown.append(
                Clause(
                    no=len(shown) + 1,
                    state="met" if passes else result.outcome.value,
                    words=result.clause.words,
                    says=says,
                    whose=holder.name if holder and holder.name != NO_ONE else "",
                    seat=holder.seat_name if holder else "",
                    fix=None if passes else _fix(result, decision),
                )
            )
    return shown


def _says(result: ClauseResult) -> str:
    return "; ".join(f"{reading.fact.meaning}: {reading.words}" for reading in result.readings)


def _fix(result: ClauseResult, decision: Decision) -> Step | None:
    """Return the step that mends a clause; where its page is not there, the patient's open case is."""
    fix = result.clause.fix
    if fix is not None:
        try:
            found = {name: _value(path, decision.subjects) for name, path in fix.params.items()}
            return Step(fix.label, reverse(fix.route, kwargs={k: v for k, v in found.items() if v is not None}))
        except NoReverseMatch:
            pass
    case_id = _case_id(decision.subjects)
    return Step("Open the case", reverse("processes_case", kwargs={"case_id": case_id})) if case_id else None


def _value(path: str, subjects: Mapping[str, object]) -> object:
    """Follow "patient.id" from the subjects at hand; None where something on the way is missing."""
    name, *rest = path.split(".")
    value = subjects.get(name)
    for attribute in rest:
        value = getattr(value, attribute, None)
    return value


def _shown_override(
    decision: Decision, by: Actor | None, url: str, fields: Sequence[tuple[str, str]], reason: str, error: str
) -> Override | None:
    if by is None or not url or not permissions.holds(by, "gates.override") or not decision.overridable:
        return None
    since = decision.at - timedelta(days=90)
    keys = [answer.gate.id for answer in decision.refusing]
    times = GateOverride.objects.filter(gate__key__in=keys, at__gte=since).count()
    kept = [r.clause.words for a in decision.decisions for r in a.clauses if r.clause.id in a.gate.not_overridable]
    says = f"You may let what is not met pass. This was done {words.count(times, 'time')} in 90 days."
    if kept:
        says += f" Nobody may override: {words.listed(kept)}."
    return Override(
        says=says, url=url, label="Override and go on", ends=f"Ends within {OVERRIDE_DAYS} days", fields=fields,
        reason=reason, error=error,
    )  # fmt: skip


def _location_of(subjects: Mapping[str, object]) -> UUID | None:
    location = getattr(subjects.get("appointment"), "location", None)
    found: UUID | None = getattr(location, "id", None)
    return found


def _patient_id(subjects: Mapping[str, object]) -> UUID | None:
    for name in ("patient", "appointment", "case", "claim", "note"):
        row = subjects.get(name)
        found: UUID | None = getattr(row, "id" if name == "patient" else "patient_id", None)
        if found is not None:
            return found
    return None


def _subject_id(subjects: Mapping[str, object]) -> UUID | None:
    """Return the record an override belongs to, besides the patient: what is acted on has no row before it is made."""
    for name in ("claim", "note", "case"):
        found: UUID | None = getattr(subjects.get(name), "id", None)
        if found is not None:
            return found
    return None


def _case_id(subjects: Mapping[str, object]) -> UUID | None:
    """Return the case in hand, else the patient's newest open one, so that its timeline shows what was refused."""
    if (case := subjects.get("case")) is not None:
        found: UUID | None = getattr(case, "id", None)
        return found
    patient_id = _patient_id(subjects)
    if patient_id is None:
        return None
    rows = Case.objects.filter(patient_id=patient_id, state="open").order_by("-opened_at")
    return rows.values_list("id", flat=True).first()
