"""Pages of care: a clinician's day, notes due, one note."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stead.care import actions, queries, rules, shown
from stead.care.forms import AmendmentForm, NoteForm
from stead.care.queries import OpenedNote
from stead.care.shown import due_rows, lead_of_day, title_of_day, title_of_due, visit_rows
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.refusals import InvalidInput, NotFound, Refusal
from stead.platform.ui import words
from stead.platform.ui.pages import render_part
from stead.platform.web.days import read_day
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page


def _whose(request: PageRequest) -> UUID:
    """The clinician asked for, where the seat may look at anybody's day; else, and without asking, one's own."""
    try:
        asked = UUID(request.GET.get("practitioner", ""))
    except ValueError:
        return request.by.id
    return asked if permissions.holds(request.by, "care.read_all") else request.by.id


@staff("care.read")
@require_GET
def day(request: PageRequest) -> HttpResponse:
    """A clinician's day: visits, each note one press away, and above them what is due."""
    whose = _whose(request)
    today = request.at.astimezone(queries.zone_of(whose)).date()
    shown_day = _day_asked(request, today)
    visits, due = queries.my_day(whose, shown_day), queries.notes_due(whose)
    log.reads_all([v.patient_id for v in visits] + [d.patient_id for d in due])
    context = {
        "day": shown_day,
        "weekday": words.weekday(shown_day, short=False),
        "month": words.month_and_year(shown_day),
        "title": title_of_day(visits, due, is_today=shown_day == today),
        "lead": lead_of_day(visits, due, request.at),
        "visits": visit_rows(visits, own=whose == request.by.id),
        "due": due_rows(due, request.at, own=request.by.id),
        "due_total": words.money(sum(d.held_cents for d in due)),
        "before": shown_day - timedelta(days=1),
        "after": shown_day + timedelta(days=1),
        "is_today": shown_day == today,
        "whose": "" if whose == request.by.id else f"&practitioner={whose}",
    }
    return staff_page(request, "care/day.html", context, room="care", tab="day")


def _day_asked(request: PageRequest, today: date) -> date:
    try:
        return read_day(request.GET.get("day", ""))
    except ValueError:
        return today


@staff("care.read")
@require_GET
@exported("care.export")
def due(request: PageRequest) -> HttpResponse:
    """Notes due: one's own, or everybody's where the seat may see them; with age and the money they hold."""
    everybody = permissions.holds(request.by, "care.read_all")
    found = queries.notes_due(None if everybody else request.by.id)
    bar = shown.due_bar(request.GET, found, request.at)
    found = shown.narrowed_due(request.GET, found, request.at)
    log.reads_all(d.patient_id for d in found)
    rows = shown.sorted_due(found, request.GET.get("sort", ""))
    if request.GET.get("format") == "csv":
        return csv_response(request, "notes-due", *shown.due_csv(rows, request.at))
    context = {
        "bar": bar,
        "rows": due_rows(rows, request.at, own=request.by.id),
        "title": title_of_due(found, request.at),
        "total": words.money(sum(d.held_cents for d in found)),
        "count": words.count(len(found), "note"),
        "everybody": everybody,
    }
    return staff_page(request, "care/due.html", context, room="care", tab="due")


@staff("care.write")
@require_POST
def start(request: PageRequest, encounter_id: UUID) -> HttpResponse:
    note = actions.start_note(practice=request.practice.id, by=request.by, at=request.at, encounter_id=encounter_id)
    return redirect("care_note", note.id)


@staff("care.read")
@require_http_methods(["GET", "POST"])
def note(request: PageRequest, note_id: UUID) -> HttpResponse:
    """The editor of one's own draft, or the signed note with its amendments."""
    opened = _readable(request, note_id)
    if request.method == "POST":
        return _save_or_sign(request, opened)
    if opened.note.state == "draft":
        return _editor(request, opened, _form(opened))
    return _signed_page(request, opened, AmendmentForm())


def _readable(request: PageRequest, note_id: UUID) -> OpenedNote:
    """A draft is its author's alone; a signed note needs the right to read notes. Anything else is not there."""
    opened = queries.get_note(note_id)
    own = opened.note.author_id == request.by.id
    if not own and (opened.note.state == "draft" or not permissions.holds(request.by, "care.read_notes")):
        raise NotFound()
    log.reads(opened.note.patient_id)
    return opened


def _form(opened: OpenedNote, data: Any = None) -> NoteForm:
    initial = {"version_no": opened.note.version_no, "diagnosis": ", ".join(opened.encounter.diagnosis_codes)}
    return NoteForm(opened.template, data, initial=initial | opened.body)


def _save_or_sign(request: PageRequest, opened: OpenedNote) -> HttpResponse:
    form = _form(opened, request.POST)
    signing = request.POST.get("do") == "sign"
    if not form.is_valid():
        return _editor(request, opened, form, status=422)
    try:
        _save(request, opened, form)
        if signing:
            actions.sign_note(practice=request.practice.id, by=request.by, at=request.at, note_id=opened.note.id)
    except Refusal as refusal:
        return _refused(request, form, refusal, opened.note.id)
    return redirect(reverse("care_note", args=[opened.note.id]))


def _save(request: PageRequest, opened: OpenedNote, form: NoteForm) -> None:
    actions.save_note(
        practice=request.practice.id,
        by=request.by,
        at=request.at,
        note_id=opened.note.id,
        version_no=form.cleaned_data["version_no"],
        body=form.body(),
        diagnosis_codes=rules.diagnosis_codes(form.cleaned_data["diagnosis"]),
    )


def _refused(request: PageRequest, form: NoteForm, refusal: Refusal, note_id: UUID) -> HttpResponse:
    """Show the refusal above the text as it was typed; a second press of save then knows of the other version."""
    opened = queries.get_note(note_id)
    if opened.note.state == "signed":
        raise refusal
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, refusal.words)
    other = opened.body if isinstance(refusal, rules.NoteChanged) else None
    return _editor(request, opened, form, status=refusal.status, other=other)


def _editor(
    request: PageRequest, opened: OpenedNote, form: NoteForm, status: int = 200, other: dict[str, str] | None = None
) -> HttpResponse:
    context = _head(opened) | {
        "form": form,
        "parts": [form[part.key] for part in opened.template.parts],
        "kept": _kept_words(opened),
        "missing": _missing(opened),
        "version_no": opened.note.version_no,
        "other": [(part.label, other[part.key]) for part in opened.template.parts if other[part.key]] if other else [],
    }
    return staff_page(request, "care/note_edit.html", context, room="care", tab="day", status=status)


def _missing(opened: OpenedNote) -> list[str]:
    """Name what a signature would refuse, before anybody presses it."""
    return rules.missing_parts(opened.template, opened.body, opened.encounter.diagnosis_codes)


def _kept_words(opened: OpenedNote) -> str:
    return f"Draft kept {words.moment(_local(opened.note.saved_at, opened))}"


def _local(moment: datetime, opened: OpenedNote) -> datetime:
    return moment.astimezone(ZoneInfo(opened.time_zone))


def _head(opened: OpenedNote) -> dict[str, Any]:
    return {
        "note": opened.note,
        "patient_name": opened.patient_name,
        "visit": f"{opened.service_name}, {words.moment(_local(opened.encounter.starts_at, opened))}",
        "template": opened.template.name,
        "author": opened.author_name,
    }


def _signed_page(request: PageRequest, opened: OpenedNote, form: AmendmentForm, status: int = 200) -> HttpResponse:
    assert opened.note.signed_at is not None
    context = _head(opened) | {
        "parts": [(part.label, opened.body[part.key]) for part in opened.template.parts if opened.body[part.key]],
        "diagnosis": ", ".join(opened.encounter.diagnosis_codes),
        "signed": words.moment(_local(opened.note.signed_at, opened)),
        "amendments": [(a.author_name, words.moment(_local(a.at, opened)), text) for a, text in opened.amendments],
        "form": form if opened.note.author_id == request.by.id else None,
    }
    return staff_page(request, "care/note_read.html", context, room="care", tab="day", status=status)


@staff("care.write")
@require_POST
def keep(request: PageRequest, note_id: UUID) -> HttpResponse:
    """Keep the draft while somebody types; answers with the line that says when, and the next version and key."""
    opened = _readable(request, note_id)
    form = _form(opened, request.POST)
    said, status = "", 200
    try:
        if not form.is_valid():
            raise InvalidInput("Not kept yet: one part is too long or cannot be read.")
        _save(request, opened, form)
        opened = queries.get_note(note_id)
    except Refusal as refusal:
        said, status = refusal.words, refusal.status
    context = {
        "kept": said or _kept_words(opened),
        "not_kept": bool(said),
        "missing": _missing(opened),
        # A refused draft keeps the version it was opened with: only a person may decide to replace the other text.
        "version_no": form.data.get("version_no", "") if said else opened.note.version_no,
        "note": opened.note,
    }
    return render_part(request, "care/note_edit.html#kept", context, part="kept", status=status)


@staff("care.write")
@require_POST
def amend(request: PageRequest, note_id: UUID) -> HttpResponse:
    opened = _readable(request, note_id)
    if opened.note.state != "signed":
        raise rules.NoteNotSigned()
    form = AmendmentForm(request.POST)
    if not form.is_valid():
        return _signed_page(request, opened, form, status=422)
    actions.amend_note(
        practice=request.practice.id,
        by=request.by,
        at=request.at,
        note_id=note_id,
        text=form.cleaned_data["text"],
        diagnosis_codes=form.cleaned_data["diagnosis"],
    )
    return redirect("care_note", note_id)
