"""Playbooks as people read them, writing one, and the gates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from stead.platform import permissions
from stead.platform.refusals import Refusal
from stead.platform.ui import words
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page
from stead.practice import queries as practice
from stead.processes import actions, queries, wording
from stead.processes.document import AutomationPart, Document, PlaybookInvalid, StagePart, read
from stead.processes.forms import PlaybookForm
from stead.processes.markdown import to_html
from stead.processes.models import Case, Gate, PlaybookVersion

_ACTS = {"remind": "ask or remind again", "task": "write a task", "escalate": "hand it up", "close": "close the case"}
_WHEN = {"enter": "after entering", "late": "after the limit", "waiting": "of waiting"}
_AT_ONCE = {"enter": "On entering", "late": "At the limit", "waiting": "When waiting begins"}


@require_GET
@staff("playbooks.read")
def playbooks(request: PageRequest) -> HttpResponse:
    versions = PlaybookVersion.objects.exclude(state="retired").select_related("playbook").order_by("playbook__name")
    counts: dict[str, list[int]] = {}
    for row in queries.stage_counts(request.at):
        known = counts.setdefault(row.playbook_key, [0, 0])
        known[0], known[1] = known[0] + row.open, known[1] + row.over
    rows = [_listed(version, counts.get(version.playbook.key, [0, 0])) for version in versions]
    published = sum(row["state"] == "published" for row in rows)
    page = {
        "title": f"{words.count(published, 'playbook', start=True)} {'runs' if published == 1 else 'run'} here."
        if published
        else "No playbook runs here yet.",
        "rows": rows,
        "may_publish": permissions.holds(request.by, "playbooks.publish"),
    }
    return staff_page(request, "processes/playbooks.html", page, room="playbooks", tab="library")


def _listed(version: PlaybookVersion, counts: list[int]) -> dict[str, Any]:
    document = queries.document_of(version)
    return {
        "id": version.playbook_id,
        "key": document.playbook,
        "name": document.name,
        "purpose": document.purpose,
        "state": version.state,
        "number": version.number,
        "stages": len(document.stages),
        "gates": len(document.gates),
        "open": counts[0],
        "over": counts[1],
        "draft": version.state == "draft",
    }


@require_GET
@staff("playbooks.read")
def playbook(request: PageRequest, playbook_id: UUID) -> HttpResponse:
    """Show a playbook as people read it: the same document that runs."""
    found = queries.get_playbook(playbook_id)
    version = PlaybookVersion.objects.filter(
        playbook_id=playbook_id, state="published"
    ).first() or PlaybookVersion.objects.filter(playbook_id=playbook_id).latest("number")
    document = queries.document_of(version)
    calendar = practice.calendar_of(None)
    counts = {row.stage_key: row for row in queries.stage_counts(request.at) if row.playbook_key == found.key}
    today = calendar.local(request.at).date()
    page = {
        "document": document,
        "playbook": found,
        "version": version,
        "title": document.name,
        "published": words.moment(calendar.local(version.published_at)) if version.published_at else "",
        "stages": [_read_stage(n, stage, counts, today) for n, stage in enumerate(document.stages, start=1)],
        "gates": [_read_gate(document, n) for n in range(len(document.gates))],
        "ends": document.ends.values(),
        "versions": _versions(found.id),
        "source": version.source,
        "may_publish": permissions.holds(request.by, "playbooks.publish"),
        "receipts": [Receipt("Published. New cases run by it; running ones stay on theirs.")]
        if request.GET.get("done") == "published"
        else [],
    }
    return staff_page(request, "processes/playbook.html", page, room="playbooks", tab="library")


def _read_stage(n: int, stage: StagePart, counts: dict[str, queries.StageCount], today: Any) -> dict[str, Any]:
    holder = practice.holder_of(stage.owner, today)
    count = counts.get(stage.key)
    return {
        "no": n,
        "key": stage.key,
        "name": stage.name,
        "guide": to_html(stage.guide),
        "seat": holder.seat_name,
        "holder": holder.name if holder.staff_id else "",
        "due": wording.business_length(stage.due),
        "items": stage.items,
        "enter_when": stage.enter_when,
        "leave_when": stage.leave_when,
        "automations": [_read_automation(part) for part in stage.automations],
        "patient": stage.patient,
        "open": count.open if count else 0,
    }


def _read_automation(part: AutomationPart) -> str:
    when = f"{wording.business_length(part.after)} {_WHEN[part.on]}" if part.after else _AT_ONCE[part.on]
    to = f" to {part.to.replace('_', ' ')}" if part.to else ""
    return f"{when}: {part.words} ({_ACTS[part.do]}{to})"


def _read_gate(document: Document, n: int) -> dict[str, Any]:
    gate = document.gates[n]
    return {
        "key": gate.key,
        "name": gate.name,
        "action": gate.action.replace("_", " "),
        "mode": gate.mode,
        "clauses": [
            {"words": clause.words, "expression": clause.expression, "kept": clause.id in gate.not_overridable}
            for clause in gate.clauses
        ],
    }


def _versions(playbook_id: UUID) -> list[dict[str, Any]]:
    versions = PlaybookVersion.objects.filter(playbook_id=playbook_id).order_by("-number")
    open_cases = Case.objects.filter(state="open", version_id__in=[version.id for version in versions])
    running = dict(open_cases.values_list("version_id").annotate(n=Count("*")))
    return [{"number": v.number, "state": v.state, "running": running.get(v.id, 0)} for v in versions]


@require_http_methods(["GET", "POST"])
@staff("playbooks.publish")
def write(request: PageRequest) -> HttpResponseBase:
    """Write a playbook: check it, keep it as a draft, or publish it."""
    if request.method == "GET":
        return _write_page(request, PlaybookForm(initial={"source": _begin_with(request)}))
    form = PlaybookForm(request.POST)
    if not form.is_valid():
        return _write_page(request, form, 422)
    publish = request.POST.get("what") == "publish"
    act = actions.publish_playbook if publish else actions.save_playbook_draft
    source = form.cleaned_data["source"].replace("\r\n", "\n")
    try:
        version = act(practice=request.practice.id, by=request.by, at=request.at, source=source)
    except PlaybookInvalid as wrong:
        for problem in wrong.problems:
            form.add_error("source", f"Line {problem.line}: {problem.reason}")
        return _write_page(request, form, 422)
    except Refusal as refusal:
        form.add_error(None, refusal.words)
        return _write_page(request, form, refusal.status)
    done = "published" if publish else "drafted"
    return redirect(f"{reverse('processes_playbook', args=[version.playbook_id])}?done={done}")


def _begin_with(request: PageRequest) -> str:
    """Begin with the newest version of a playbook, so that a change is a change of what runs."""
    key = request.GET.get("from", "")
    version = PlaybookVersion.objects.filter(playbook__key=key).order_by("-number").first()
    return version.source if version else ""


def _write_page(request: PageRequest, form: PlaybookForm, status: int = 200) -> HttpResponse:
    name = ""
    if form.initial.get("source"):
        name = read(str(form.initial["source"])).name
    page = {"form": form, "title": f"Change {name}" if name else "Write a playbook"}
    return staff_page(request, "processes/write.html", page, room="playbooks", tab="library", status=status)


@require_GET
@staff("playbooks.read")
def gates(request: PageRequest) -> HttpResponse:
    """Show the gates: what each stops, how often it did, how often it was overridden."""
    since = request.at - timedelta(days=90)
    overridden, refused = queries.override_counts(since), queries.refusal_counts(since)
    today = practice.calendar_of(None).local(request.at).date()
    rows = [_gate_row(gate, overridden, refused, today) for gate in queries.gates()]
    stops = sum(row["refused"] for row in rows)
    title = f"{words.count(len(rows), 'gate', start=True)} {'stands' if len(rows) == 1 else 'stand'} before what we do."
    page = {
        "title": title if rows else "No gate stands yet.",
        "lead": f"In 90 days they stopped {words.count(stops, 'thing')} that would have cost more later."
        if stops
        else "In 90 days nothing had to be stopped.",
        "rows": rows,
    }
    return staff_page(request, "processes/gates.html", page, room="playbooks", tab="gates")


def _gate_row(gate: Gate, overridden: dict[UUID, int], refused: dict[str, int], today: Any) -> dict[str, Any]:
    return {
        "key": gate.key,
        "name": gate.name,
        "action": gate.action.replace("_", " "),
        "mode": gate.mode,
        "applies": gate.applies_when,
        "playbook": gate.playbook_key,
        "clauses": [
            {
                "words": clause["words"],
                "expression": clause["expression"],
                "kept": clause["id"] in gate.not_overridable,
                "seat": clause.get("seat", ""),
                "holder": practice.holder_of(clause["seat"], today) if clause.get("seat") else None,
            }
            for clause in gate.clauses
        ],
        "refused": refused.get(gate.key, 0),
        "overridden": overridden.get(gate.id, 0),
    }
