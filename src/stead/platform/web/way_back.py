"""The way back: where a form returns to when it was opened from another page, such as a refused booking.

A link carries it as `next`; the form hands it on with `{% way_back %}`; the view returns there with `onward`. An
address elsewhere is never followed.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 1_500


def way_back(request: HttpRequest) -> str:
    """Return the page to go back to, or "" where the address names none of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if is_ours(wanted) else ""


def onward(request: HttpRequest, otherwise: str) -> str:
    """Return where to go after a step that was done."""
    return way_back(request) or otherwise


def is_ours(address: str) -> bool:
    is_path = address.startswith("/") and len(address) <= LONGEST
    return is_path and url_has_allowed_host_and_scheme(address, allowed_hosts=None)


def with_way_back(address: str, back: str) -> str:
    """Return the address with its way back, its place on the page kept."""
    if not back:
        return address
    page, hash_, place = address.partition("#")
    joint = "&" if "?" in page else "?"
    return f"{page}{joint}{urlencode({'next': back})}{hash_}{place}"
