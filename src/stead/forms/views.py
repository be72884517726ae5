"""What staff see of agreements: the wordings in force, who signed which, and a page to print."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stead.forms import actions, listing, queries, rules, terms
from stead.forms.forms import PublishForm, SignForm
from stead.forms.models import AgreementVersion, Signature
from stead.patients.models import Patient
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.files.models import StoredFile
from stead.platform.files.store import Upload, response
from stead.platform.refusals import NotFound, Refusal
from stead.platform.ui import words
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.platform.web.way_back import onward
from stead.practice.queries import practice_day, practice_zone


@require_GET
@staff("agreements.read")
@exported("agreements.export")
def agreements(request: PageRequest) -> HttpResponseBase:
    """List the wordings in force and the newest signatures."""
    chosen = listing.read_choice(request.GET)
    found = listing.signatures(chosen)
    if request.GET.get("format") == "csv":
        log.reads(*(s.patient_id for s in found))
        return csv_response(request, "signatures", listing.CSV_HEAD, map(listing.csv_row, found))
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    log.reads(*(s.patient_id for s in page))
    in_force = listing.wordings_in_force(queries.versions())
    context = {
        "title": _title(in_force),
        "in_force": in_force,
        "signatures": [listing.signature_row(s, _zone(request)) for s in page],
        "page": page,
        "bar": listing.filter_bar(chosen, page.paginator.count),
        "may_publish": permissions.holds(request.by, "agreements.publish"),
    }
    return staff_page(request, "forms/agreements.html", context, room="intake", tab="forms")


def _zone(request: PageRequest) -> ZoneInfo:
    return ZoneInfo(request.practice.time_zone)


def _title(in_force: list[dict[str, Any]]) -> str:
    missing = [row["name"] for row in in_force if row["number"] is None]
    if not missing:
        return f"{words.count(len(in_force), 'agreement', start=True)} in force."
    return f"{words.count(len(missing), 'agreement', start=True)} without a wording: {words.listed(missing)}."


@require_GET
@staff("agreements.read")
def wording(request: PageRequest, agreement_id: UUID) -> HttpResponseBase:
    """Show one wording as patients read it."""
    agreement = queries.get_agreement(agreement_id)
    context = {"agreement": agreement, "name": terms.KINDS[agreement.kind], "blocks": rules.set_text(agreement.text)}
    return staff_page(request, "forms/wording.html", context, room="intake", tab="forms")


@require_http_methods(["GET", "POST"])
@staff("agreements.publish")
def publish(request: PageRequest) -> HttpResponseBase:
    """Publish a new version, starting from the one in force."""
    kind = request.GET.get("kind", terms.FINANCIAL_AGREEMENT)
    form = PublishForm(request.POST if request.method == "POST" else None, initial=_wording_in_force(kind))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        wordings = [terms.Wording(k, said[f"title_{k}"], said[f"text_{k}"]) for k in terms.LANGUAGES]
        row = actions.publish_agreement(
            practice=request.practice.id,
            by=request.by,
            at=request.at,
            kind=said["kind"],
            wordings=[w for w in wordings if w.text],
            signed_anew=said["signed_anew"],
        )
        return redirect("forms_wording", agreement_id=row.id)
    status = 422 if form.is_bound else 200
    return staff_page(request, "forms/publish.html", {"form": form}, room="intake", tab="forms", status=status)


def _wording_in_force(kind: str) -> dict[str, str]:
    filled = {"kind": kind}
    for language in terms.LANGUAGES:
        found = queries.find_current_agreement(kind, language)
        if found is not None and found.language == language:
            filled |= {f"title_{language}": found.title, f"text_{language}": found.text}
    return filled


@require_GET
@staff("agreements.read")
def signature(request: PageRequest, signature_id: UUID) -> HttpResponseBase:
    """Show and print exactly what was signed, and whether the text still has its fingerprint."""
    signed = queries.get_signature(signature_id)
    log.reads(signed.patient_id)
    return staff_page(
        request, "forms/signature.html", _signature_page(signed, _zone(request)), room="intake", tab="forms"
    )


def _signature_page(signed: Signature, zone: ZoneInfo) -> dict[str, Any]:
    agreement: AgreementVersion = signed.agreement
    return {
        "signed": listing.signature_row(signed, zone),
        "agreement": agreement,
        "name": terms.KINDS[agreement.kind],
        "blocks": rules.set_text(agreement.text),
        "paper_url": reverse("forms_paper", args=[signed.id]) if signed.paper_file_id else "",
        "recorded": _recorded_words(signed),
        "whole": rules.fingerprint(agreement.title, agreement.text) == signed.text_sha256,
    }


def _recorded_words(signed: Signature) -> str:
    """Say how the signature was given and who wrote it down; "" where the patient signed alone."""
    if signed.recorded_at is None:
        return ""
    moment = words.moment(signed.recorded_at.astimezone(practice_zone()))
    return f"{terms.WAYS[signed.way]}, written down by {signed.recorded_by_name}, {moment}"


@require_GET
@staff("agreements.read")
def of_patient(request: PageRequest, patient_id: UUID) -> HttpResponseBase:
    """Show which agreements of one patient stand, and record a signature."""
    patient, today = _get_patient(patient_id), practice_day(request.at)
    kind = request.GET.get("kind", "")
    asked = queries.find_current_agreement(kind, patient.language, on=today) if kind in terms.KINDS else None
    form = _sign_form(initial={"agreement_id": str(asked.id) if asked else "", "on": today})
    return _patient_page(request, patient, form)


def _sign_form(*args: Any, **given: Any) -> SignForm:
    """Offer every published wording: a paper may be of an earlier day. The action holds the day against the wording."""
    languages = {"en": "English", "es": "Spanish"}
    wordings = [
        (str(v.id), f"{terms.KINDS.get(v.kind, v.kind)}, version {v.number}, {languages.get(v.language, v.language)}")
        for v in queries.versions()
    ]
    return SignForm(*args, wordings=[("", "choose the wording"), *wordings], **given)


@require_POST
@staff("agreements.sign")
def sign(request: PageRequest, patient_id: UUID) -> HttpResponseBase:
    """Record a signature given at the desk: the wording that was named, its day and how it was given."""
    patient, form = _get_patient(patient_id), _sign_form(request.POST, request.FILES)
    if not form.is_valid():
        return _patient_page(request, patient, form)
    said = form.cleaned_data
    wording = queries.get_agreement(said["agreement_id"])
    try:
        actions.sign_agreement(
            practice=request.practice.id,
            by=request.by,
            at=request.at,
            patient_id=patient.id,
            kind=wording.kind,
            signed_name=said["signed_name"],
            relation=said["relation"],
            language=wording.language,
            agreement_id=wording.id,
            given=terms.Given(said["way"], said["on"], _scan(said["scan"])),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return _patient_page(request, patient, form)
    return redirect(onward(request, reverse("forms_patient", args=[patient.id])))


def _scan(upload: Any) -> Upload | None:
    return Upload(upload.read(), upload.name) if upload else None


@require_GET
@staff("agreements.read")
def paper(request: PageRequest, signature_id: UUID) -> HttpResponseBase:
    """Give out the scan of the paper that was signed."""
    signed = queries.get_signature(signature_id)
    log.reads(signed.patient_id)
    found = StoredFile.objects.filter(id=signed.paper_file_id).first() if signed.paper_file_id else None
    if found is None:
        raise NotFound()
    return response(found)


@require_POST
@staff("agreements.revoke")
def revoke(request: PageRequest, patient_id: UUID) -> HttpResponseBase:
    """Take a signature back."""
    actions.revoke_agreement(
        practice=request.practice.id,
        by=request.by,
        at=request.at,
        patient_id=patient_id,
        kind=request.POST.get("kind", ""),
    )
    return redirect("forms_patient", patient_id=patient_id)


def _get_patient(patient_id: UUID) -> Patient:
    patient = Patient.objects.get_or_none(id=patient_id)
    if patient is None:
        raise NotFound()
    log.reads(patient.id)
    return patient


def _patient_page(request: PageRequest, patient: Patient, form: SignForm) -> HttpResponse:
    standing = queries.standing_signatures(patient.id, practice_day(request.at))
    context = {
        "patient": patient,
        "patient_name": f"{patient.first_name} {patient.last_name}",
        "title": listing.standing_title(patient.first_name, standing),
        "rows": listing.standing_rows(standing, _zone(request)),
        "history": [listing.signature_row(s, _zone(request)) for s in queries.signatures_of(patient.id)],
        "form": form,
        "may_sign": permissions.holds(request.by, "agreements.sign"),
        "sign_url": reverse("forms_sign", args=[patient.id]),
    }
    status = 422 if form.is_bound else 200
    return staff_page(request, "forms/patient.html", context, room="intake", tab="forms", status=status)
