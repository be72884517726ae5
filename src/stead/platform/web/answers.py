"""Turn a refusal into an answer: JSON for the API, a fragment for htmx, a page otherwise."""

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.template.response import TemplateResponse

from stead.platform.refusals import Refusal


def refusal_body(refusal: Refusal) -> dict[str, object]:
    """Return {code, words, field?, fix?}: the same for API and page."""
    body: dict[str, object] = {"code": refusal.code, "words": refusal.words}
    if refusal.field:
        body["field"] = refusal.field
    if refusal.fix:
        body["fix"] = {"label": refusal.fix.label, "url": refusal.fix.url, "method": refusal.fix.method}
    return body


def refusal_response(request: HttpRequest, refusal: Refusal) -> HttpResponseBase:
    if request.path.startswith("/api/"):
        return JsonResponse(refusal_body(refusal), status=refusal.status)
    part = "#fragment" if request.headers.get("HX-Request") else ""
    page = {"words": refusal.words, "fix": refusal.fix, "status": refusal.status}
    return TemplateResponse(request, f"ui/errors/422.html{part}", page, status=refusal.status)
