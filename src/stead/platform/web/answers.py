"""Turn a refusal into an answer: JSON for the API, a fragment for htmx, a page otherwise."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stead.platform.accounts.models import Membership, Practice
from stead.platform.refusals import Refusal
from stead.platform.ui.languages import other_language


def refusal_body(refusal: Refusal) -> dict[str, object]:
    """Return {code, words, field?, fix?} and what else the refusal says to machines."""
    body: dict[str, object] = {"code": refusal.code, "words": refusal.words}
    if refusal.field:
        body["field"] = refusal.field
    if refusal.fix:
        body["fix"] = {"label": refusal.fix.label, "url": refusal.fix.url, "method": refusal.fix.method}
    return body | refusal.details()


def words_for_patient(refusal: Refusal) -> str:
    """Return what a patient reads of a refusal, in the language of the page.

    Where nothing was written for patients they are asked to call; a rule of the practice in the words of its staff is
    never shown to them.
    """
    told = refusal.told(get_language() or "en")
    if not told:
        return _("This cannot be done here yet. Please call us or write to us, and we sort it out together.")
    return " ".join(_(sentence) for sentence in told)


def refusal_response(request: HttpRequest, refusal: Refusal) -> HttpResponseBase:
    if request.path.startswith("/api/"):
        return JsonResponse(refusal_body(refusal), status=refusal.status)
    part = "#fragment" if request.headers.get("HX-Request") else ""
    by = getattr(request, "by", None)
    words = words_for_patient(refusal) if by is not None and by.kind == "patient" else refusal.words
    page = {"words": words, "fix": refusal.fix, "status": refusal.status}
    return TemplateResponse(request, f"ui/errors/422.html{part}", page, status=refusal.status)


def elsewhere_response(request: HttpRequest, membership: Membership) -> HttpResponseBase:
    """Tell staff at a patient's page, or a patient at a staff page, who they are here, and lead home."""
    living = Membership.objects.filter(account=membership.account_id, ended_at=None)
    page = {
        "name": membership.name,
        "practice_name": membership.practice.name,
        "is_patient": membership.kind == "patient",
        "home_url": reverse("portal_home") if membership.kind == "patient" else "/",
        "several": living.count() > 1,
        "other_language": other_language(),
    }
    part = "#fragment" if request.headers.get("HX-Request") else ""
    return render(request, f"ui/errors/elsewhere.html{part}", page, status=403)


def without_page(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: give words to a browser that opens the address of a form again, by reloading or from its history.
    Without them it shows a page of its own, as if Stead were broken."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or request.method != "GET":
            return response
        if request.path.startswith("/api/"):
            return response
        words = "Only a form sends something here. Go back to the page with the form; nothing was changed."
        page = render(request, "ui/errors/422.html", {"words": words, "status": 405}, status=405)
        page["Allow"] = response["Allow"]
        return page

    return answer


def full_sign_in_response(request: HttpRequest, practice: Practice) -> HttpResponseBase:
    """Tell somebody who came by a link that this page asks for a full sign-in, and lead back or on."""
    page = {"practice_name": practice.name, "slug": practice.slug, "other_language": other_language()}
    part = "#fragment" if request.headers.get("HX-Request") else ""
    return render(request, f"ui/errors/full_sign_in.html{part}", page, status=403)


def visit_over_response(request: HttpRequest) -> HttpResponseBase:
    """Tell somebody whose visit by a link has ended how to go on: they have no password to be asked for."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Refresh": "true"})
    page = {"practice_name": "Stead", "home_url": reverse("sign_in"), "other_language": other_language()}
    return render(request, "ui/errors/visit_over.html", page, status=403)
