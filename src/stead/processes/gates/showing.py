"""The refusal as the page shows it: each clause with what the record says, whose it is, and what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.urls import reverse

from stead.platform import permissions
from stead.platform.actors import Actor
from stead.platform.policy.evaluate import ClauseResult, Outcome
from stead.platform.policy.gates import Mode
from stead.platform.ui import words
from stead.platform.ui.parts import Clause, GateRefusal, NextTime, Override, Step
from stead.platform.web.way_back import with_way_back
from stead.practice import queries as practice
from stead.practice.rules import BusinessCalendar
from stead.practice.terms import NO_ONE, Holder
from stead.processes.gates.deciding import Decision
from stead.processes.gates.mending import Remedy, remedies
from stead.processes.gates.subjects import location_of, patient_id_of
from stead.processes.models import GateOverride, Task
from stead.processes.queries import mending_task_key
from stead.processes.terms import OVERRIDE_DAYS


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
    back: str = "",
    into: str = "",
    override_url: str = "",
    override_fields: Sequence[tuple[str, str]] = (),
    override_reason: str = "",
    override_error: str = "",
) -> GateRefusal:
    """Return the refusal as the page shows it: clauses with what the record says, whose each is, and the fix.

    `done` is the action's participle ("booked"), `kept` what is held meanwhile ("Dr Cho's 10:00 is kept until 10:56"),
    `back` the page to which a mending returns, `into` the part of the page that takes its forms and answers, so that
    nothing is left. `by` is shown what their seat may do, and whom to ask for the rest.
    """
    clauses = _shown_clauses(decision, by, back, into)
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
        override=_shown_override(decision, by, override_url, override_fields, override_reason, override_error, into),
    )


def _of_clauses(unmet: int, of: int) -> str:
    return f"{words.number_word(unmet, start=True)} of {words.count(of, 'clause')}"


def _shown_clauses(decision: Decision, by: Actor | None, back: str, into: str) -> list[Clause]:
    desk = _Desk(decision, by, back, into)
    shown: list[Clause] = []
    for answer in decision.decisions:
        if answer.gate.mode is not Mode.ENFORCE:
            continue
        for result in answer.clauses:
            no, overridden = len(shown) + 1, result.clause.id in answer.overridden
            if result.outcome is Outcome.MET or overridden:
                says = "Overridden with a reason" if overridden else _says(result)
                shown.append(Clause(no, "met", result.clause.words, says))
            else:
                shown.append(desk.stopping(no, answer.gate.id, result))
    return shown


class _Desk:
    """What one refusal needs to say of every clause: who looks, whose each is today, who was asked already."""

    def __init__(self, decision: Decision, by: Actor | None, back: str, into: str) -> None:
        self.decision, self.by, self.back, self.into = decision, by, back, into
        self.location_id = location_of(decision.subjects)
        self.patient_id = patient_id_of(decision.subjects)
        self.calendar: BusinessCalendar = practice.calendar_of(self.location_id)
        self._holders: dict[str, Holder] = {}
        keys = [self._key(answer.gate.id, r.clause.id) for answer in decision.refusing for r in answer.refusals]
        self._asked = {task.key: task for task in Task.objects.filter(state="open", key__in=keys)}

    def stopping(self, no: int, gate: str, result: ClauseResult) -> Clause:
        """Return a clause that stops, with its mendings; where none is for this seat, with asking the one it is for."""
        seat, task = result.clause.seat, self._asked.get(self._key(gate, result.clause.id))
        holder = self._holder(seat) if seat else None
        found = remedies(result, self.decision.subjects)
        steps = [self._step(remedy) for remedy in found if self.by is None or remedy.is_for(self.by)]
        is_somebodys = self.by is not None and (not steps or not all(remedy.is_for(self.by) for remedy in found))
        if is_somebodys and holder is not None and task is None:
            steps += self._ask(gate, result, holder, found)
        named = holder is not None and holder.name != NO_ONE
        said = holder.seat_name if holder else ""
        if task is not None:
            said += f", asked {words.moment(self.calendar.local(task.created_at))}"
        return Clause(
            no, "unmet" if result.outcome is Outcome.UNMET else "unknown", result.clause.words, _says(result),
            whose=holder.name if holder and named else "", seat=said, fix=steps[0] if steps else None, more=steps[1:],
        )  # fmt: skip

    def _step(self, remedy: Remedy) -> Step:
        fix = remedy.fix
        if fix.method == "post":
            return Step(fix.label, fix.url, "post", [("next", self.back)] if self.back else [], self.into)
        return Step(fix.label, with_way_back(fix.url, self.back), into=self.into if fix.beside else "")

    def _ask(self, gate: str, result: ClauseResult, holder: Holder, found: Sequence[Remedy]) -> list[Step]:
        """Return the step that writes the holder a task, which opens the form this seat may not open."""
        if self.patient_id is None or self.by is None or not permissions.holds(self.by, "tasks.work"):
            return []
        if holder.staff_id == self.by.id:
            return []
        opens = next((remedy.fix.url for remedy in found if remedy.fix.method == "get"), "")
        fields = [("gate", gate), ("clause", result.clause.id), ("patient", str(self.patient_id)), ("url", opens)]
        whom = holder.name if holder.name != NO_ONE else holder.seat_name
        return [
            Step(f"Ask {whom}", reverse("processes_ask_to_mend"), "post", [*fields, ("next", self.back)], self.into)
        ]

    def _holder(self, seat: str) -> Holder:
        if seat not in self._holders:
            today = self.calendar.local(self.decision.at).date()
            self._holders[seat] = practice.holder_of(seat, today, self.location_id)
        return self._holders[seat]

    def _key(self, gate: str, clause: str) -> str:
        return mending_task_key(gate, clause, self.patient_id)


def _says(result: ClauseResult) -> str:
    return "; ".join(f"{reading.fact.meaning}: {reading.words}" for reading in result.readings)


def _shown_override(
    decision: Decision,
    by: Actor | None,
    url: str,
    fields: Sequence[tuple[str, str]],
    reason: str,
    error: str,
    into: str,
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
        reason=reason, error=error, into=into,
    )  # fmt: skip
