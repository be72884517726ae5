"""The pages for "no" and "broken": name them as handler403, handler404 and handler500 in the root urls.

For htmx only the fragment is sent, because htmx 4 swaps answers of 4xx and 5xx into the page. The page for 500 needs
no database, session or context processor: those may be what broke.
"""

import logging
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template

from stead.platform.ui.pages import is_htmx, render_part

LOG = logging.getLogger(__name__)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403."""
    return render_part(request, "ui/errors/403.html", part="fragment", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404: the same for what never was, what is gone and what belongs to another practice."""
    return render_part(request, "ui/errors/404.html", part="fragment", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500 with a reference that the log repeats beside the route (which holds no patient data)."""
    reference = uuid4().hex[:8].upper()
    route = request.resolver_match.route if request.resolver_match else "an address without a route"
    LOG.error("The page for a fault was shown. Reference %s, route %s", reference, route)
    template = "ui/errors/500.html#fragment" if is_htmx(request) else "ui/errors/500.html"
    return HttpResponse(get_template(template).render({"reference": reference}), status=500)
