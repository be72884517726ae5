"""Answer a request with the whole page or, for htmx, with the one part it asked for.

A partial's name, its element's id and the `hx-target` are one word: `<div id="stuck">`, `{% partialdef stuck inline %}`
and `hx-target="#stuck"`. htmx 4 sends that target as `HX-Target: div#stuck`.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist
from django.template.loader import get_template, render_to_string
from django.utils.cache import patch_vary_headers


def is_htmx(request: HttpRequest) -> bool:
    """Say whether htmx asks for a part; a boosted or full-page request counts as a page."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-Request-Type") != "full"


SHEET = "desk"
"""The sheet beside the page: what opens there is the partial of this name."""


def asked_part(request: HttpRequest) -> str | None:
    """Return the id in HX-Target, or None when there is none that could name a partial."""
    name = request.headers.get("HX-Target", "").rpartition("#")[2]
    return name if name.replace("-", "_").isidentifier() else None


def in_sheet(request: HttpRequest) -> bool:
    """Say whether the answer goes into the sheet beside the page, so that its forms and links must stay there."""
    return is_htmx(request) and asked_part(request) == SHEET


def render_part(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    part: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render `template`, or only its partial for htmx: `part` if given, else the one that HX-Target names.

    A target that the template does not define gets the whole page, so that a stale page never shows half of one.
    """
    wanted = (part or asked_part(request)) if is_htmx(request) else None
    content = _render_partial(request, template, context, wanted) if wanted else None
    if content is None:
        content = render_to_string(template, context, request)
    response = HttpResponse(content, status=status)
    patch_vary_headers(response, ("HX-Request", "HX-Target"))
    return response


def _render_partial(request: HttpRequest, template: str, context: dict[str, Any] | None, part: str) -> str | None:
    try:
        found = get_template(f"{template}#{part}")
    except TemplateDoesNotExist:
        return None
    return found.render(context, request)
