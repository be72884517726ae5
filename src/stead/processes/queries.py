"""Reads of processes: playbooks, cases and what they need, tasks, gates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Case as Choose
from django.db.models import Count, IntegerField, Q, Value, When

from stead.patients.models import Patient
from stead.platform.journal.models import JournalEntry, JournalSealed
from stead.platform.policy.cache import Bounded
from stead.platform.policy.clauses import Clause, compile_clause
from stead.platform.policy.evaluate import ClauseResult, Facts, Outcome, evaluate
from stead.platform.policy.kinds import FactValue
from stead.platform.refusals import NotFound
from stead.platform.tenancy import context
from stead.platform.tenancy.models import TenantQuerySet
from stead.platform.ui import words
from stead.practice import queries as practice
from stead.practice.rules import BusinessCalendar
from stead.processes.document import ClausePart, Document, ItemPart, StagePart, clause_of, load
from stead.processes.models import Case, CaseItem, Gate, GateOverride, Playbook, PlaybookVersion, Task, Timer
from stead.processes.rules import ItemStanding, open_minutes

_documents: Bounded[UUID, Document] = Bounded(256)


def document_of(version: PlaybookVersion) -> Document:
    """Return a version's document; a published version never changes, so it is kept."""
    if version.state == "draft":
        return load(version.document)
    return _documents.get(version.id, lambda: load(version.document))


def document_of_case(case: Case) -> Document:
    """Return the document the case runs by: that of its own version, whatever was published since."""
    return _documents.get(case.version_id, lambda: load(PlaybookVersion.objects.get(id=case.version_id).document))


def playbooks() -> TenantQuerySet[Playbook]:
    """Return the playbooks, by name."""
    return Playbook.objects.get_queryset().order_by("name")


def get_playbook(playbook_id: UUID) -> Playbook:
    found = Playbook.objects.get_or_none(id=playbook_id)
    if found is None:
        raise NotFound()
    return found


def find_published(key: str) -> PlaybookVersion | None:
    """Return the version new cases run by."""
    rows = PlaybookVersion.objects.filter(playbook__key=key, state="published").select_related("playbook")
    return rows.first()


def get_case(case_id: UUID) -> Case:
    rows = Case.objects.select_related("version__playbook", "owner_staff")
    found = rows.filter(id=case_id).first()
    if found is None:
        raise NotFound()
    return found


def find_open_case(playbook_key: str, subject_id: UUID) -> Case | None:
    """Return the open case of a subject under a playbook; there is at most one."""
    return Case.objects.filter(playbook_key=playbook_key, subject_id=subject_id, state="open").first()


def alert_first(path: str = "") -> Choose:
    """Order crises before urgent cases before all others; `path` leads from the row to its case ("case__")."""
    return Choose(
        When(**{f"{path}alert": "crisis"}, then=Value(0)), When(**{f"{path}alert": "urgent"}, then=Value(1)),
        default=Value(2), output_field=IntegerField(),
    )  # fmt: skip


def open_cases() -> TenantQuerySet[Case]:
    """Return all open cases, crises first, then the soonest due."""
    rows = Case.objects.get_queryset().filter(state="open")
    return rows.select_related("owner_staff").order_by(alert_first(), "due_at", "number")


def alerts() -> TenantQuerySet[Case]:
    """Return the open cases that go before all others, crises first, then those whose limit ends first."""
    rows = Case.objects.get_queryset().filter(state="open").exclude(alert="")
    return rows.select_related("owner_staff").order_by(alert_first(), "alert_by", "opened_at")


def open_cases_of(patient_id: UUID) -> TenantQuerySet[Case]:
    return open_cases().filter(patient_id=patient_id)


def items_of(case_id: UUID, stage_key: str | None = None) -> list[CaseItem]:
    """Return the case's items in the order of its document."""
    rows = CaseItem.objects.filter(case_id=case_id)
    rows = rows.filter(stage_key=stage_key) if stage_key else rows
    return list(rows.order_by("id"))


def tasks_of(staff_id: UUID) -> TenantQuerySet[Task]:
    """Return somebody's open tasks, those of a crisis first, then the soonest due."""
    rows = Task.objects.get_queryset().filter(state="open", staff_id=staff_id)
    return rows.order_by(alert_first("case__"), "due_at", "created_at")


def nobodys_tasks() -> TenantQuerySet[Task]:
    """Return the open tasks of seats that nobody holds or covers, those of a crisis first."""
    rows = Task.objects.get_queryset().filter(state="open", staff_id=None).select_related("case")
    return rows.order_by(alert_first("case__"), "due_at", "created_at")


def mending_task_key(gate_key: str, clause_id: str, patient_id: UUID | None) -> str:
    """Return the key under which somebody is asked, once at a time, to mend a clause for a patient."""
    clause = sha256(f"{gate_key}:{clause_id}".encode()).hexdigest()[:32]  # both together may be longer than a key
    return f"mend:{patient_id}:{clause}"


def clock_words(case: Case, at: datetime, calendar: BusinessCalendar) -> str:
    """Say how an open case's clock stands, in open hours, with the same words on every page."""
    if case.due_at is None:
        return f"clock paused, {words.length((case.clock_left_seconds or 0) / 60, 'en')} left"
    over = open_minutes(case.due_at, at, calendar)
    return words.over_limit(over, "en") if case.due_at < at else f"{words.length(-over, 'en')} left"


def next_timers(case_id: UUID) -> list[Timer]:
    """Return what happens by itself next."""
    return list(Timer.objects.filter(case_id=case_id, state="pending").order_by("due_at", "id"))


def lines_of(case: Case, limit: int = 200) -> list[JournalEntry]:
    """Return what happened in the case and to its patient since it was opened, newest first."""
    about = Q(case_id=case.id)
    if case.patient_id:
        about |= Q(patient_id=case.patient_id, at__gte=case.opened_at)
    rows = JournalEntry.objects.filter(about)
    if case.closed_at:
        rows = rows.filter(at__lte=case.closed_at)
    newest = list(rows.order_by("-at", "-id")[:limit])
    return sorted(newest, key=lambda line: (line.at, _STEP.get(line.verb, 2)), reverse=True)


# Lines of one action carry one instant; their sense is the order in which things follow from each other.
_STEP = {
    "case.opened": 0, "case.reopened": 0, "item.received": 1, "case.stage_left": 3, "case.stage_entered": 4,
    "case.items_asked": 5, "case.turn_changed": 6, "case.closed": 7,
}  # fmt: skip


def line_numbers(lines: Sequence[JournalEntry]) -> dict[UUID, int]:
    """Return each sealed line's number in the practice's book; a line of the last seconds has none yet."""
    ids = [line.id for line in lines]
    return dict(JournalSealed.objects.filter(id__in=ids).values_list("id", "line"))


def gates() -> TenantQuerySet[Gate]:
    """Return the living gates, by action and name."""
    return Gate.objects.get_queryset().filter(retired_at=None).order_by("action", "name")


def override_counts(since: datetime) -> dict[UUID, int]:
    """Return how often each gate was overridden since a moment."""
    rows = GateOverride.objects.filter(at__gte=since).values("gate_id").annotate(n=Count("*"))
    return {row["gate_id"]: row["n"] for row in rows}


def refusal_counts(since: datetime) -> dict[str, int]:
    """Return how often each gate (by key) refused since a moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select gate, count(*) from journal_entry, jsonb_array_elements_text(data->'gates') gate"
            " where practice_id = %s and verb = 'gate.refused' and at >= %s group by gate",
            [context.practice_id(), since],
        )
        return dict(cursor.fetchall())


def subject_of(case: Case) -> Any:
    """Return the row a case is about, or None when it has gone."""
    return _model(case.subject_type).objects.get_or_none(id=case.subject_id)


@lru_cache(maxsize=64)
def _model(label: str) -> Any:
    return apps.get_model(label)


def subjects_of(case: Case) -> dict[str, object]:
    """Return what a case's clauses may ask about: the case, its patient, its claim."""
    patient = Patient.objects.get_or_none(id=case.patient_id) if case.patient_id else None
    claim = subject_of(case) if case.subject_type.startswith("billing.") else None
    if claim is not None and case.subject_type != "billing.claim":
        claim = getattr(claim, "claim", None)
    return {"case": case, "patient": patient, "claim": claim}


def moment_facts(at: datetime, calendar: BusinessCalendar) -> dict[str, FactValue | None]:
    """Return the facts every clause is given."""
    return {"now": at, "today": calendar.local(at).date()}


@dataclass
class Standing:
    """Where a case stands at a moment: its items of the stage, and its clauses when asked."""

    case: Case
    document: Document
    calendar: BusinessCalendar
    facts: Facts

    @property
    def stage(self) -> StagePart:
        return self.document.stage(self.case.stage_key)

    def is_true(self, expression: str) -> bool:
        return self.ask_expression(expression).outcome is Outcome.MET

    def ask_expression(self, expression: str) -> ClauseResult:
        return evaluate(compile_clause(Clause("", "", expression)), self.facts)

    def ask(self, parts: Sequence[ClausePart]) -> list[ClauseResult]:
        return [evaluate(compile_clause(clause_of(part)), self.facts) for part in parts]

    def unmet(self, parts: Sequence[ClausePart]) -> list[ClausePart]:
        """Return the clauses that are not met; what nobody knows is not met."""
        asked = zip(parts, self.ask(parts), strict=True)
        return [part for part, result in asked if result.outcome is not Outcome.MET]


def standing_of(
    case: Case,
    at: datetime,
    *,
    calendar: BusinessCalendar | None = None,
    subjects: dict[str, object] | None = None,
) -> Standing:
    """Return where a case stands; its facts are read lazily, each at most once. What the caller holds is not read."""
    calendar = calendar or practice.calendar_of(case.location_id)
    facts = Facts(subjects_of(case) if subjects is None else subjects, moment_facts(at, calendar))
    return Standing(case, document_of_case(case), calendar, facts)


def as_standings(items: Sequence[CaseItem]) -> list[ItemStanding]:
    return [ItemStanding(item.key, item.required, item.asked_of, item.state) for item in items]


def item_part(document: Document, item: CaseItem) -> ItemPart:
    """Return the document's words for an item."""
    return next(part for part in document.stage(item.stage_key).items if part.key == item.key)


@dataclass(frozen=True)
class StageCount:
    """Open cases of one stage, for boards: figures that open to their rows."""

    playbook_key: str
    stage_key: str
    open: int
    over: int
    no_one: int


def stage_counts(at: datetime) -> list[StageCount]:
    """Return how many open cases stand in each stage, how many of them are over or no one's."""
    rows = (
        Case.objects.filter(state="open")
        .values("playbook_key", "stage_key")
        .annotate(
            open=Count("*"),
            over=Count("id", filter=Q(due_at__lt=at)),
            no_one=Count("id", filter=Q(owner_staff_id=None)),
        )
    )
    return [StageCount(**row) for row in rows.order_by("playbook_key", "stage_key")]
