"""What a case asks for: photos, signatures, the insurance, the card."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation

from stead.coverage.actions import add_coverage, retire_coverage
from stead.coverage.queries import payers
from stead.coverage.terms import Subscriber
from stead.forms.actions import revoke_agreement, sign_agreement
from stead.forms.queries import find_current_agreement, standing_signatures
from stead.forms.rules import set_text
from stead.forms.terms import KINDS
from stead.intake.actions import send_document
from stead.patients.actions import give_address
from stead.patients.terms import Address
from stead.platform.files import store
from stead.platform.refusals import NotFound, Refusal
from stead.platform.ui import words
from stead.platform.web.answers import words_for_patient
from stead.platform.web.door import PageRequest
from stead.portal import journey, queries
from stead.portal.door import patient_page, portal_page, sent
from stead.portal.forms import AddressForm, InsuranceForm, PhotosForm, Said, SignForm
from stead.practice.queries import practice_day


def door(request: PageRequest) -> dict[str, Any]:
    return {"practice": request.practice.id, "by": request.by, "at": request.at}


def refuse(form: Said, refusal: Refusal) -> None:
    """Put a refusal on the form, beside its field where it has one. What is not there stays a 404."""
    if isinstance(refusal, NotFound):
        raise refusal
    form.add_error(refusal.field if refusal.field in form.fields else None, words_for_patient(refusal))


@patient_page("GET", "POST")
def item(request: PageRequest, item_id: UUID) -> HttpResponseBase:
    """Send the photos that are asked for, this one first; any other kind of item leads to its own page."""
    asked = queries.get_item(request.patient_id, item_id)
    if asked["kind"] != "document":
        page = journey.page_of(asked)
        return redirect(page) if page != request.path else redirect("portal_ask", about="paper")
    photos = [asked, *_also_asked(request.patient_id, asked)]
    said = queries.item_words() if request.method == "GET" else {}
    asks = [journey.ask_of(row, said.get((row["case_id"], row["key"]))) for row in photos]
    form = PhotosForm(
        sent(request), request.FILES if request.method == "POST" else None,
        labels=[ask.words for ask in asks], camera=bool(request.GET.get("camera")),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        for name, row in zip(form.fields, photos, strict=True):
            _send(request, form, name, row["id"])
        if not form.errors:
            return redirect("portal_onward")
    return _item_page(request, asked, form)


def _also_asked(patient_id: UUID, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the other photos that wait in the same stage; for one that is there already, none."""
    if asked["state"] not in queries.OPEN_STATES:
        return []
    return [
        row for row in queries.items_of(patient_id, asked["case_id"])
        if row["kind"] == "document" and row["stage_key"] == asked["stage_key"] and row["id"] != asked["id"]
        and row["state"] in queries.OPEN_STATES
    ]  # fmt: skip


def _send(request: PageRequest, form: PhotosForm, name: str, item_id: UUID) -> None:
    """Send one photo, if it was chosen. One that is refused does not take the others with it."""
    photo = form.cleaned_data[name]
    if photo is None:
        return
    try:
        send_document(**door(request), item_id=item_id, data=photo.read(), name=photo.name)
    except NotFound:
        raise
    except Refusal as refusal:
        form.add_error(name, _(refusal.words))


def _item_page(request: PageRequest, asked: dict[str, Any], form: PhotosForm) -> HttpResponse:
    context = {
        "form": form,
        "several": len(form.fields) > 1,
        "is_card": asked["key"].startswith("insurance_card"),
        "waits": asked["state"] in queries.OPEN_STATES,
    }
    return portal_page(request, "portal/item.html", context, here="home", status=422 if form.is_bound else 200)


@patient_page("GET")
def file(request: PageRequest, file_id: UUID) -> HttpResponseBase:
    """Give the patient's own file out as a download."""
    return store.response(queries.get_file(request.patient_id, file_id))


@patient_page("GET")
def agreements(request: PageRequest) -> HttpResponseBase:
    """List the agreements: what is signed, what is not."""
    standing = standing_signatures(request.patient_id)
    rows = []
    for kind in KINDS:
        wording = find_current_agreement(kind, translation.get_language() or "en", on=practice_day(request.at))
        if wording is not None or kind in standing:
            signed = standing.get(kind)
            title = wording.title if wording else KINDS[kind]
            rows.append(
                {
                    "kind": kind,
                    "title": title,
                    "signed": words.day(practice_day(signed.signed_at), year=True) if signed else "",
                }
            )
    return portal_page(request, "portal/agreements.html", {"rows": rows}, here="more")


@patient_page("GET", "POST")
def agreement(request: PageRequest, kind: str) -> HttpResponseBase:
    """Read one agreement in one's own language, and sign it."""
    wording = find_current_agreement(kind, translation.get_language() or "en", on=practice_day(request.at))
    if kind not in KINDS or wording is None:
        raise NotFound()
    signed = standing_signatures(request.patient_id).get(kind)
    form = SignForm(sent(request), initial=_known(request, wording.id))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            sign_agreement(
                **door(request),
                patient_id=request.patient_id,
                kind=kind,
                signed_name=said["signed_name"],
                relation=said["relation"],
                language=wording.language,
                agreement_id=said["agreement_id"],
            )
            return redirect("portal_onward")
        except Refusal as refusal:
            refuse(form, refusal)
    context = {
        "wording": wording,
        "blocks": set_text(wording.text),
        "signed_on": words.day(practice_day(signed.signed_at), year=True) if signed else "",
        "is_newer": signed is not None and signed.agreement.number < wording.number,
        "kind": kind,
        "form": form,
    }
    return portal_page(request, "portal/agreement.html", context, here="more", status=422 if form.is_bound else 200)


def _known(request: PageRequest, wording_id: UUID) -> dict[str, Any]:
    """Return what the form need not ask: the name is on the record; with the press of the button it is signed."""
    me = queries.get_me(request.patient_id)
    return {"agreement_id": wording_id, "relation": "self", "signed_name": f"{me.first_name} {me.last_name}"}


@patient_page("POST")
def take_back(request: PageRequest, kind: str) -> HttpResponseBase:
    """Take a signature back."""
    revoke_agreement(**door(request), patient_id=request.patient_id, kind=kind)
    return redirect("portal_agreements")


@patient_page("GET", "POST")
def address(request: PageRequest) -> HttpResponseBase:
    """Ask where the patient lives, with what is known filled in."""
    known = queries.address_of(request.patient_id)
    form = AddressForm(sent(request), initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            give_address(**door(request), patient_id=request.patient_id, address=Address(**form.cleaned_data))
            return redirect("portal_onward")
        except Refusal as refusal:
            refuse(form, refusal)
    return portal_page(
        request, "portal/address.html", {"form": form}, here="more", status=422 if form.is_bound else 200
    )


@patient_page("GET", "POST")
def insurance(request: PageRequest) -> HttpResponseBase:
    """Show the policies and take the first one in."""
    form = InsuranceForm(sent(request), payers=list(payers()), initial={"relation": "self"})
    if request.method == "POST" and form.is_valid():
        try:
            _add_policy(request, form.cleaned_data)
            return redirect("portal_onward")
        except Refusal as refusal:
            refuse(form, refusal)
    context = {"form": form, "policies": queries.coverages_of(request.patient_id)}
    return portal_page(request, "portal/insurance.html", context, here="more", status=422 if form.is_bound else 200)


def _add_policy(request: PageRequest, said: dict[str, Any]) -> None:
    holder = Subscriber(said["holder_first_name"], said["holder_last_name"], said["holder_birth_date"])
    add_coverage(
        **door(request),
        patient_id=request.patient_id,
        payer_id=UUID(said["payer"]),
        member_id=said["member_id"],
        group_number=said["group_number"],
        relation=said["relation"],
        subscriber=holder if said["relation"] != "self" else None,
    )


@patient_page("POST")
def end_insurance(request: PageRequest, coverage_id: UUID) -> HttpResponseBase:
    """Say that a policy is not in force any more."""
    retire_coverage(**door(request), coverage_id=coverage_id, ends_date=practice_day(request.at))
    return redirect("portal_insurance")
