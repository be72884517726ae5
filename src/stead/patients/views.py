"""Pages of patients: the list, the record, and the two forms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stead.patients import actions, lists, queries, record, sections, slip
from stead.patients.forms import ConsentForm, PatientForm, RelatedForm, initial_of, stands_otherwise
from stead.patients.models import Patient
from stead.patients.rules import RecordChanged
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.refusals import NotFound, Refusal
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.platform.web.way_back import onward
from stead.practice.models import Location, StaffMember
from stead.practice.queries import practice_zone


@staff("patients.read")
@require_GET
@exported("patients.export")
def patient_list(request: PageRequest) -> HttpResponse:
    wish = lists.Wish.read(request.GET)
    rows = lists.matching(wish)
    if request.GET.get("format") == "csv":
        return _export(request, rows)
    page = lists.page_of(rows, request.GET.get("page", "1"))
    shown = [lists.shown(row) for row in page.object_list]
    log.reads_all(row["id"] for row in shown)
    count = page.paginator.count
    context = {
        "sentence": lists.sentence(count, wish),
        "bar": lists.filter_bar(wish, _places(), count),
        "rows": shown,
        "page": page,
        "q": wish.text,
        "may_register": permissions.holds(request.by, "patients.register"),
    }
    return staff_page(request, "patients/list.html", context, room="patients", tab="list")


@staff("patients.read")
@require_GET
def patient_record(request: PageRequest, patient_id: UUID) -> HttpResponse:
    return _record(request, queries.get_patient(patient_id), ConsentForm())


@staff("patients.record_consent")
@require_POST
def record_consent(request: PageRequest, patient_id: UUID) -> HttpResponse:
    patient = queries.get_patient(patient_id)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _record(request, patient, form, status=422)
    actions.record_contact_consent(
        practice=request.practice.id, by=request.by, at=request.at, patient_id=patient.id, **form.cleaned_data
    )
    return redirect(f"{reverse('patients_record', args=[patient.id])}?done=consent#reach")


@staff("patients.relate")
@require_POST
def add_related(request: PageRequest, patient_id: UUID) -> HttpResponse:
    """Write down somebody around the patient, with what they may do."""
    patient = queries.get_patient(patient_id)
    form = RelatedForm(request.POST)
    if not form.is_valid():
        return _record(request, patient, ConsentForm(), related=form, status=422)
    door: dict[str, Any] = {"practice": request.practice.id, "by": request.by, "at": request.at}
    try:
        actions.add_related_person(**door, patient_id=patient.id, details=form.details())
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return _record(request, patient, ConsentForm(), related=form, status=refusal.status)
    return redirect(f"{reverse('patients_record', args=[patient.id])}?done=related#people")


@staff("patients.relate")
@require_POST
def end_related(request: PageRequest, patient_id: UUID, related_id: UUID) -> HttpResponse:
    door: dict[str, Any] = {"practice": request.practice.id, "by": request.by, "at": request.at}
    actions.end_related_person(**door, patient_id=patient_id, related_id=related_id)
    return redirect(f"{reverse('patients_record', args=[patient_id])}?done=ended#people")


@staff("patients.register")
@require_http_methods(["GET", "POST"])
def new_patient(request: PageRequest) -> HttpResponse:
    if request.method == "GET":
        return _form_page(request, _form(initial={"first_name": request.GET.get("first", "")}), None)
    form = _form(request.POST)
    if not form.is_valid():
        return _form_page(request, form, None, status=422)
    details = form.details()
    alike = queries.possible_duplicates(details.first_name, details.last_name, details.birth_date, details.phone)
    if alike and request.POST.get("another") != "yes":
        log.reads_all(row.id for row in alike)
        return _form_page(request, form, None, alike=alike, status=422)
    try:
        row = actions.register_patient(practice=request.practice.id, by=request.by, at=request.at, details=details)
    except Refusal as refusal:
        return _refused(request, form, None, refusal)
    return redirect(f"{reverse('patients_record', args=[row.id])}?done=registered")


@staff("patients.edit")
@require_http_methods(["GET", "POST"])
def edit_patient(request: PageRequest, patient_id: UUID) -> HttpResponse:
    patient = queries.get_patient(patient_id)
    if request.method == "GET":
        return _form_page(request, _form(initial=initial_of(patient)), patient)
    form = _form(request.POST)
    if not form.is_valid():
        return _form_page(request, form, patient, status=422)
    try:
        actions.update_patient(
            practice=request.practice.id, by=request.by, at=request.at, patient_id=patient.id, details=form.details(),
            given=form.given(), version=form.cleaned_data["version"],
        )  # fmt: skip
    except RecordChanged as refusal:
        return _changed_meanwhile(request, form, queries.get_patient(patient_id), refusal)
    except Refusal as refusal:
        return _refused(request, form, patient, refusal)
    return redirect(onward(request, f"{reverse('patients_record', args=[patient.id])}?done=saved"))


def _record(
    request: PageRequest, patient: Patient, form: ConsentForm, *, related: RelatedForm | None = None, status: int = 200
) -> HttpResponse:
    zone = practice_zone()
    context = {
        "hand": slip.of(patient) | {"put_down_url": reverse("patients_list")},
        "patient": record.shown(patient, request.at, zone),
        "consents": record.consents(patient.id, zone),
        "form": form,
        "people": record.people(patient.id, zone),
        "related": related or RelatedForm(),
        "may_relate": permissions.holds(request.by, "patients.relate"),
        "sections": sections.shown(patient.id, request.by, request.at),
        "receipts": record.receipts(request.GET.get("done", "")),
        "may_edit": permissions.holds(request.by, "patients.edit"),
        "may_consent": permissions.holds(request.by, "patients.record_consent"),
    }
    return staff_page(request, "patients/record.html", context, room="patients", status=status)


def _form_page(
    request: PageRequest, form: PatientForm, patient: Patient | None, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"form": form, "patient": patient, "hand": slip.of(patient) if patient else None, **more}
    tab = "" if patient else "new"
    return staff_page(request, "patients/form.html", context, room="patients", tab=tab, status=status)


def _refused(request: PageRequest, form: PatientForm, patient: Patient | None, refusal: Refusal) -> HttpResponse:
    if isinstance(refusal, NotFound):
        raise refusal
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
    return _form_page(request, form, patient, status=refusal.status)


def _changed_meanwhile(request: PageRequest, form: PatientForm, patient: Patient, refusal: Refusal) -> HttpResponse:
    """Show what was typed beside what stands on record now; saving once more then knows of it."""
    other = stands_otherwise(form, patient)
    form.add_error(None, refusal.words)
    form.data = QueryDict(request.POST.urlencode(), mutable=True)
    form.data["version"] = queries.version_of(patient)
    return _form_page(request, form, patient, other=other, status=refusal.status)


def _form(*args: Any, **given: Any) -> PatientForm:
    people = StaffMember.objects.filter(is_practitioner=True, ended_date=None).order_by("name")
    return PatientForm(
        *args, places=_places(), people=[(str(i), n) for i, n in people.values_list("id", "name")], **given
    )


def _places() -> list[tuple[str, str]]:
    rows = Location.objects.filter(closed_date=None).order_by("name").values_list("id", "name")
    return [(str(i), name) for i, name in rows]


def _export(request: PageRequest, rows: Any) -> HttpResponse:
    log.reads_all(rows.values_list("id", flat=True))
    return csv_response(request, "patients", lists.CSV_HEADS, lists.csv_rows(rows))
