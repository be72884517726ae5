"""The scorecard, the rows behind a figure, and what each measure means here."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stead.operating import actions, figures, queries, sentences, shown
from stead.operating.forms import MeasureForm
from stead.operating.people import Chart
from stead.operating.times import Local
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.refusals import InvalidInput, NotFound, NotPermitted
from stead.platform.ui import words
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page


@staff("numbers.read")
@require_GET
@exported("numbers.export")
def scorecard(request: PageRequest) -> HttpResponse:
    local = Local.of(request)
    card = queries.scorecard(at=request.at, chart=Chart(local.today), zone=local.zone)
    figures.keep(card.found, card.weeks, request.at)
    if request.GET.get("format") == "csv":
        return _export(request, card)
    opened = request.GET.get("open", ""), request.GET.get("week", "")
    meeting = queries.next_meeting()
    raised = {i.source_key: i for i in queries.open_issues() if i.source_kind == "measure"}
    panel = _panel(request, card, *opened)
    judged, off = card.judged, card.off
    context = {
        "title": sentences.scorecard_title(len(judged) - len(off), len(judged)),
        "lead": _lead(card, set(raised), local, meeting),
        "until": words.day(card.weeks[-1].last_date, year=True),
        "number": len(card.weeks),
        "heads": shown.week_heads(card.weeks),
        "groups": shown.scorecard(card, opened if panel else ("", "")),
        "columns": len(card.weeks) + 4,
        "panel": panel,
        "raised": raised.get(opened[0]),
        "raise_words": f"Raise for {local.when(meeting.starts_at)}" if meeting else "Raise for the next meeting",
        "may_raise": permissions.holds(request.by, "issues.raise"),
    }
    return staff_page(request, "operating/scorecard.html", context, room="numbers", tab="scorecard")


def _lead(card: queries.Scorecard, raised: set[str], local: Local, meeting: Any) -> str:
    off = card.off
    if not off:
        return "Every figure opens the rows behind it."
    long = sum(r.run.off >= 3 for r in off)
    said = [f"{words.number_word(len(off), start=True)} {'is' if len(off) == 1 else 'are'} off"]
    if long:
        said[0] += f"; {words.number_word(long)} {'has' if long == 1 else 'have'} been off for three weeks or more"
    if meeting is not None:
        all_in = "It is" if len(off) == 1 else f"All {words.number_word(len(off))} are"
        said.append(f"{all_in} on the agenda of {local.when(meeting.starts_at)}")
    open_ones = sum(r.measure.key in raised for r in off)
    if open_ones and meeting is None:
        said.append(f"{words.number_word(open_ones, start=True)} {'is' if open_ones == 1 else 'are'} raised")
    return ". ".join(said) + "."


def _panel(request: PageRequest, card: queries.Scorecard, key: str, week: str) -> shown.Panel | None:
    row = card.row(key) if key else None
    cell = next((c for c in row.cells if c.week.start_date.isoformat() == week), None) if row else None
    if row is None or cell is None:
        return None
    _may_open(request, row)
    found = shown.panel(row, cell, card.zone)
    log.reads_all(found.patient_ids)
    return found


def _may_open(request: PageRequest, row: queries.ScoreRow) -> None:
    """The rows name patients: leaders open all, others those of a measure whose seat they hold."""
    if permissions.holds(request.by, "numbers.rows") or row.judged.owner.staff_id == request.by.id:
        return
    raise NotPermitted(
        "The rows behind a number are open to the practice's leaders and to whoever holds the measure's seat: "
        f"{row.judged.owner.name}."
    )


def _export(request: PageRequest, card: queries.Scorecard) -> HttpResponse:
    head = ["Measure", "Owner", "Target", *(w.last_date.isoformat() for w in card.weeks), "Run"]
    rows = (
        [r.measure.name, r.judged.owner.holder or "No one", r.judged.target, *(c.value for c in r.cells), r.run.words]
        for r in card.rows
    )
    return csv_response(request, "scorecard", head, rows)


@staff("numbers.read")
@require_GET
@exported("numbers.export")
def figure(request: PageRequest, key: str, week: date) -> HttpResponse:
    """All rows behind one figure, as a page and as a file."""
    card = queries.scorecard(at=request.at, until=week, chart=Chart(Local.of(request).today))
    row = card.row(key)
    cell = row.cells[-1] if row else None
    if row is None or cell is None or cell.week.start_date != week:
        raise NotFound()
    _may_open(request, row)
    panel = shown.panel(row, cell, card.zone, limit=None)
    log.reads_all(panel.patient_ids)
    if request.GET.get("format") == "csv":
        lines = ([r[k] for k in ("value", "patient", "who", "where", "note", "when")] for r in panel.rows)
        return csv_response(
            request, f"{key}-{week}", [row.measure.row_head, "Patient", "With", "Location", "Note", "Day"], lines
        )
    context = {"panel": panel, "row": row, "back": f"{reverse('numbers_scorecard')}?open={key}&week={week}#m-{key}"}
    return staff_page(request, "operating/figure.html", context, room="numbers", tab="scorecard")


@staff("issues.raise")
@require_POST
def raise_number(request: PageRequest, key: str, week: date) -> HttpResponse:
    actions.raise_measure(practice=request.practice.id, by=request.by, at=request.at, measure_key=key, week=week)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = f"{reverse('numbers_scorecard')}?open={key}&week={week}#m-{key}"
    return redirect(back)


@staff("numbers.read")
@require_GET
def definitions(request: PageRequest) -> HttpResponse:
    chart = Chart(Local.of(request).today)
    rows = [
        {
            "key": j.measure.key,
            "name": j.measure.name,
            "group": j.measure.group,
            "defined": j.measure.defined,
            "excluded": j.measure.excluded,
            "owner": j.owner.holder,
            "seat": j.owner.name,
            "target": sentences.target_words(j.target, j.measure.direction, j.measure.unit),
        }
        for j in queries.measures(chart, hidden=True)
    ]
    context = {
        "title": f"{words.count(len(rows), 'measure', start=True)}, each with a definition and one owner",
        "rows": rows,
        "may_set": permissions.holds(request.by, "numbers.set"),
    }
    return staff_page(request, "operating/definitions.html", context, room="numbers", tab="definitions")


@staff("numbers.set")
@require_http_methods(["GET", "POST"])
def definition(request: PageRequest, key: str) -> HttpResponse:
    chart = Chart(Local.of(request).today)
    judged = next((j for j in queries.measures(chart, hidden=True) if j.measure.key == key), None)
    if judged is None:
        raise NotFound()
    now = {"target": judged.target, "seat": judged.owner.key, "on_scorecard": judged.on_scorecard}
    form = MeasureForm(request.POST or None, chart=chart, initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_measure(
                practice=request.practice.id,
                by=request.by,
                at=request.at,
                key=key,
                target=form.cleaned_data["target"],
                owner_seat_key=form.cleaned_data["seat"],
                on_scorecard=form.cleaned_data["on_scorecard"],
            )
            return redirect("numbers_definitions")
        except InvalidInput as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
    context = {"measure": judged.measure, "form": form}
    status = 422 if form.errors else 200
    return staff_page(request, "operating/definition.html", context, room="numbers", tab="definitions", status=status)
