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
from stead.forms.actions import revoke_agreement, sign_agreements
from stead.forms.models import AgreementVersion
from stead.forms.queries import find_current_agreement, get_agreement, standing_signatures
from stead.forms.rules import set_text
from stead.forms.terms import ELECTRONIC_RECORDS, KINDS
from stead.intake.actions import send_document
from stead.patients.actions import give_address
from stead.patients.terms import Address
from stead.platform.files import store
from stead.platform.refusals import NotFound, Refusal
from stead.platform.ui import words
from stead.platform.ui.pages import is_htmx
from stead.platform.web.answers import words_for_patient
from stead.platform.web.door import PageRequest
from stead.portal import journey, queries
from stead.portal.door import paper_page, patient_page, portal_page, sent
from stead.portal.forms import AddressForm, InsuranceForm, PhotosForm, Said, SignForm
from stead.practice.queries import practice_day


def door(request: PageRequest) -> dict[str, Any]:
    return {"practice": request.practice.id, "by": request.by, "at": request.at}


def refuse(form: Said, refusal: Refusal) -> None:
    """Put a refusal on the form, beside its field where it has one. What is not there stays a 404."""
    if isinstance(refusal, NotFound):
        raise refusal
    form.add_error(refusal.field if refusal.field in form.fields else None, words_for_patient(refusal))


@paper_page("GET", "POST")
def item(request: PageRequest, item_id: UUID) -> HttpResponseBase:
    """Send the photos that are asked for, this one first; any other kind of item leads to its own page."""
    asked = queries.get_item(request.patient_id, item_id)
    if request.visit is not None and asked["case_id"] != request.visit.case_id:
        raise NotFound()
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
        form.add_error(name, words_for_patient(refusal))


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


@paper_page("GET")
def agreements(request: PageRequest) -> HttpResponseBase:
    """List the agreements: what is signed, what is not."""
    standing = standing_signatures(request.patient_id, practice_day(request.at))
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


@paper_page("GET", "POST")
def agreement(request: PageRequest, kind: str) -> HttpResponseBase:
    """Read one agreement in one's own language; sign it where it is not signed, or is in a newer version."""
    wording = find_current_agreement(kind, translation.get_language() or "en", on=practice_day(request.at))
    if kind not in KINDS or wording is None:
        raise NotFound()
    signed = standing_signatures(request.patient_id, practice_day(request.at)).get(kind)
    if request.method == "POST" or signed is None or signed.agreement.number < wording.number:
        return _sign_page(request, [wording], older=signed is not None)
    context = {
        "wording": signed.agreement,
        "blocks": set_text(signed.agreement.text),
        "signed_on": words.day(practice_day(signed.signed_at), year=True),
        "signed_name": signed.signed_name,
        "kind": kind,
    }
    return portal_page(request, "portal/agreement.html", context, here="more")


@paper_page("GET", "POST")
def papers(request: PageRequest) -> HttpResponseBase:
    """Read what the case asks to be signed, each paper on its own, and sign all of it with one act."""
    asked = _asked_signatures(request)
    if request.method == "GET" and not asked:
        return redirect("portal_home")
    return _sign_page(request, asked)


def _asked_signatures(request: PageRequest) -> list[AgreementVersion]:
    """Return the wordings that are asked for, have been published and are not signed, in the order of the case."""
    standing, language = (
        standing_signatures(request.patient_id, practice_day(request.at)),
        translation.get_language() or "en",
    )
    of = request.visit
    kinds = [
        row["key"] for row in queries.open_signatures(request.patient_id)
        if row["key"] in KINDS and row["key"] not in standing and (of is None or row["case_id"] == of.case_id)
    ]  # fmt: skip
    found = (find_current_agreement(kind, language, on=practice_day(request.at)) for kind in dict.fromkeys(kinds))
    return [wording for wording in found if wording is not None]


def _sign_page(request: PageRequest, asked: list[AgreementVersion], *, older: bool = False) -> HttpResponseBase:
    """Show the papers with one button under them, or sign those that were shown. What they were is in the form: a
    wording that has changed since is refused, not signed unread."""
    shown = _shown(request) if request.method == "POST" else _with_electronic(request, asked)
    ticked = [paper for paper in shown if paper.kind != ELECTRONIC_RECORDS] or shown
    beside = [paper for paper in shown if paper not in ticked]
    form = SignForm(sent(request), papers=ticked, initial=_known(request))
    if request.method == "POST" and form.is_valid():
        try:
            sign_agreements(
                **door(request),
                patient_id=request.patient_id,
                agreement_ids=[paper.id for paper in shown],
                signed_name=form.cleaned_data["signed_name"],
                relation=form.cleaned_data["relation"],
            )
            return redirect("portal_onward")
        except Refusal as refusal:
            refuse(form, refusal)
    context = {
        "papers": [
            {"wording": paper, "blocks": set_text(paper.text), "tick": form[name], "first": name == "read"}
            for name, paper in form.ticks.items()
        ],
        "beside": [{"wording": paper, "blocks": set_text(paper.text)} for paper in beside],
        "shown": ",".join(str(paper.id) for paper in shown),
        "older": older,
        "form": form,
    }
    response = portal_page(request, "portal/papers.html", context, here="home", status=422 if form.is_bound else 200)
    if is_htmx(request):
        response["HX-Push-Url"] = request.path  # it came into the page of the link, which works once
    return response


def _shown(request: PageRequest) -> list[AgreementVersion]:
    """Return the wordings that stood on the page, as the form says; what is no wording of ours is not there."""
    try:
        named = [UUID(part) for part in request.POST.get("shown", "").split(",") if part]
    except ValueError:
        raise NotFound() from None
    return [get_agreement(agreement_id) for agreement_id in named]


def _with_electronic(request: PageRequest, asked: list[AgreementVersion]) -> list[AgreementVersion]:
    """Add the consent to electronic records, if it was published and does not stand: it is given with the first paper
    that is signed here, and its text stands in full beside the button, which is its tick."""
    kinds = {paper.kind for paper in asked}
    if (
        ELECTRONIC_RECORDS in standing_signatures(request.patient_id, practice_day(request.at))
        or ELECTRONIC_RECORDS in kinds
    ):
        return asked
    language = translation.get_language() or "en"
    found = find_current_agreement(ELECTRONIC_RECORDS, language, on=practice_day(request.at))
    return [*asked, found] if found else asked


def _known(request: PageRequest) -> dict[str, Any]:
    """Return what the form need not ask: the name is on the record; with the press of the button it is signed."""
    me = queries.get_me(request.patient_id)
    return {"relation": "self", "signed_name": f"{me.first_name} {me.last_name}"}


@patient_page("POST")
def take_back(request: PageRequest, kind: str) -> HttpResponseBase:
    """Take a signature back."""
    revoke_agreement(**door(request), patient_id=request.patient_id, kind=kind)
    return redirect("portal_agreements")


@paper_page("GET", "POST")
def address(request: PageRequest) -> HttpResponseBase:
    """Ask where the patient lives, with what is known filled in."""
    known = queries.address_of(request.patient_id)
    if request.visit is not None and all(known.values()):
        return have_it(request)
    form = AddressForm(sent(request), initial=known if request.visit is None else {})
    if request.method == "POST" and form.is_valid():
        try:
            give_address(**door(request), patient_id=request.patient_id, address=Address(**form.cleaned_data))
            return redirect("portal_onward")
        except Refusal as refusal:
            refuse(form, refusal)
    return portal_page(
        request, "portal/address.html", {"form": form}, here="more", status=422 if form.is_bound else 200
    )


@paper_page("GET", "POST")
def insurance(request: PageRequest) -> HttpResponseBase:
    """Show the policies and take the first one in."""
    policies = queries.coverages_of(request.patient_id)
    if request.visit is not None and policies:
        return have_it(request)
    form = InsuranceForm(sent(request), payers=list(payers()), initial={"relation": "self"})
    if request.method == "POST" and form.is_valid():
        try:
            _add_policy(request, form.cleaned_data)
            return redirect("portal_onward")
        except Refusal as refusal:
            refuse(form, refusal)
    context = {"form": form, "policies": policies}
    return portal_page(request, "portal/insurance.html", context, here="more", status=422 if form.is_bound else 200)


def have_it(request: PageRequest) -> HttpResponse:
    """Say to somebody who came by a link that this is on the record; it is neither shown nor replaced."""
    return portal_page(request, "portal/have_it.html", {}, here="more", status=200 if request.method == "GET" else 403)


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
