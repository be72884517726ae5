"""What Ctrl-K finds: each room registers a provider at start-up; pages of the bar are found by themselves.

    palette.register(lambda request, q: HitGroup("Patients", tuple(...)))

A provider gets the request (inside the door) and the text as typed, perhaps empty, and returns a group or None. It
offers only what the person's permissions allow.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from stead.platform.ui.pages import render_part
from stead.platform.ui.parts import Hit, HitGroup
from stead.platform.web import navigation
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page

Provider = Callable[[PageRequest, str], HitGroup | None]
LONGEST = 200
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Add a provider; groups are shown in the order of registration, pages last."""
    _providers.append(provider)
    return provider


def find(request: PageRequest, q: str) -> list[HitGroup]:
    groups = [provider(request, q) for provider in (*_providers, pages)]
    return [group for group in groups if group is not None and group.hits]


def pages(request: PageRequest, q: str) -> HitGroup | None:
    """Find the rooms and their pages by name."""
    words = q.lower().split()
    found: list[Hit] = []
    for room in navigation.bar(request.by, ""):
        tabs = navigation.tabs(request.by, str(room["key"]), "")
        labels = {str(entry["url"]): str(entry["label"]) for entry in (*tabs, room)}
        found.extend(Hit(label, url, str(room["label"])) for url, label in labels.items())
    fitting = [hit for hit in found if all(w in f"{hit.label} {hit.note}".lower() for w in words)]
    return HitGroup("Pages", tuple(fitting[:12])) if fitting else None


@staff("search.use")
@require_GET
def search(request: PageRequest) -> HttpResponse:
    """Answer the palette with its rows, and a browser with the whole page."""
    q = request.GET.get("q", "").strip()[:LONGEST]
    context = {"q": q, "groups": find(request, q)}
    if request.GET.get("part") == "palette":
        return render_part(request, "ui/search.html", context, "hits")
    return staff_page(request, "ui/search.html", context, room="today")
