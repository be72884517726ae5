"""The order, letters and halves of the bar of rooms: running the day, then running the practice."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

# G followed by the letter opens the room; letters are unique and spoken of in the list of keys.
ROOM_LETTERS: Final = {
    "today": "T",
    "calendar": "C",
    "patients": "P",
    "intake": "I",
    "care": "E",
    "billing": "B",
    "messages": "M",
    "playbooks": "L",
    "numbers": "N",
    "seats": "S",
    "rhythm": "R",
}
PRACTICE_ROOMS: Final = frozenset({"playbooks", "numbers", "seats", "rhythm"})


@dataclass(frozen=True, slots=True)
class RoomLink:
    """One room in the bar; `stroke` says that the line between the two halves stands before it."""

    key: str
    label: str
    url: str
    current: bool
    letter: str
    stroke: bool


def room_links(nav: Iterable[dict[str, Any]] | None) -> list[RoomLink]:
    """Turn the page's `nav` (key, label, url, current, and a letter if it has its own) into links.

    A role that sees only one half of the bar sees no stroke.
    """
    links: list[RoomLink] = []
    for item in nav or ():
        key = item["key"]
        stroke = key in PRACTICE_ROOMS and bool(links) and links[-1].key not in PRACTICE_ROOMS
        letter = item.get("letter") or ROOM_LETTERS.get(key, "")
        links.append(RoomLink(key, item["label"], item["url"], bool(item.get("current")), letter, stroke))
    return links
