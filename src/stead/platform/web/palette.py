"""What Ctrl-K finds: each room registers a provider at start-up; pages of the bar are found by themselves.

    palette.register(lambda request, q: HitGroup("Patients", tuple(...)))
    palette.declare(Deed("Book a visit", "calendar_book", "appointments.book"))

A provider gets the request (inside the door) and the text as typed, perhaps empty, and returns a group or None. It
offers only what the person's permissions allow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from stead.platform import permissions
from stead.platform.ui.pages import render_part
from stead.platform.ui.parts import Hit, HitGroup
from stead.platform.web import navigation, ways
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.pages import staff_page

MOST_DEEDS = 8


@dataclass(frozen=True)
class Deed:
    """Something a person may do: what it is called, the page where it is done (and the part of it), who may, and other
    words that people type for it."""

    label: str
    url_name: str
    permission: str
    also: str = ""
    part: str = ""


Provider = Callable[[PageRequest, str], HitGroup | None]
LONGEST = 200
_providers: list[Provider] = []
_deeds: list[Deed] = []


def declare(deed: Deed) -> None:
    """Add something to do; start-up refuses one whose permission nobody declared (platform.checks)."""
    _deeds.append(deed)


def declared() -> list[Deed]:
    return list(_deeds)


def register(provider: Provider) -> Provider:
    """Add a provider; groups are shown in the order of registration, pages last."""
    _providers.append(provider)
    return provider


def find(request: PageRequest, q: str) -> list[HitGroup]:
    groups = [provider(request, q) for provider in (*_providers, deeds, pages)]
    return [group for group in groups if group is not None and group.hits]


def deeds(request: PageRequest, q: str) -> HitGroup | None:
    """Find what the person may do, by the words people use for it."""
    words = q.lower().split()
    held = [d for d in _deeds if permissions.holds(request.by, d.permission)]
    mine = [d for d in held if ways.is_open(request.by, reverse(d.url_name))]
    fitting = [d for d in mine if all(w in f"{d.label} {d.also}".lower() for w in words)]
    hits = [Hit(d.label, reverse(d.url_name) + (f"#{d.part}" if d.part else "")) for d in fitting]
    return HitGroup("Actions", tuple(hits[:MOST_DEEDS])) if hits else None


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
