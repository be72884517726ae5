"""The bar of rooms: each room declares its entry at start-up; a person sees those their seat may open."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy

from stead.platform import permissions
from stead.platform.accounts.session import IDLE
from stead.platform.actors import Actor


@dataclass(frozen=True)
class Entry:
    """`group` is "day" (running the day) or "practice" (running the practice); the bar draws a stroke between them."""

    key: str
    label: str
    url_name: str
    permission: str
    group: str = "day"
    letter: str = ""


LOGOFF_SECONDS = int(IDLE.total_seconds())
ORDER = (
    "today",
    "calendar",
    "patients",
    "intake",
    "care",
    "billing",
    "messages",
    "playbooks",
    "numbers",
    "seats",
    "rhythm",
)
_entries: dict[str, Entry] = {}
_tabs: dict[str, list[Entry]] = {}


def declare(entry: Entry) -> None:
    """Add a room to the bar. Its key must be one of ORDER: the bar has the same order for everybody."""
    if entry.key not in ORDER or entry.key in _entries:
        raise ValueError(f"The room {entry.key} is unknown or declared twice.")
    _entries[entry.key] = entry


def declare_tab(room: str, entry: Entry) -> None:
    """Add a page to the room's second line."""
    _tabs.setdefault(room, []).append(entry)


def bar(by: Actor, current: str) -> list[dict[str, object]]:
    """Return the rooms that this person may enter. A room whose first page is not theirs opens on the page that is."""
    known = [_entries[key] for key in ORDER if key in _entries]
    return [_shown(room, current, url_name) for room in known if (url_name := _first_page(by, room))]


def _first_page(by: Actor, room: Entry) -> str:
    pages = [room, *_tabs.get(room.key, [])]
    return next((page.url_name for page in pages if permissions.holds(by, page.permission)), "")


def tabs(by: Actor, room: str, current: str) -> list[dict[str, object]]:
    return [_shown(e, current) for e in _tabs.get(room, []) if permissions.holds(by, e.permission)]


def _shown(entry: Entry, current: str, url_name: str = "") -> dict[str, object]:
    return {
        "key": entry.key,
        "label": entry.label,
        "url": reverse(url_name or entry.url_name),
        "current": entry.key == current,
        "group": entry.group,
        "letter": entry.letter,
    }


def context(request: HttpRequest) -> dict[str, object]:
    """Give templates `person`, `practice` and when an untouched screen is cleared; rooms pass `room` and `tab`
    themselves."""
    by: Actor | None = getattr(request, "by", None)
    known: dict[str, object] = {"practice": getattr(request, "practice", None)}
    if by is None:
        return known
    known["logoff"] = {"seconds": LOGOFF_SECONDS, "alive": reverse_lazy("account")}
    return known | {"person": by} if by.kind == "staff" else known
