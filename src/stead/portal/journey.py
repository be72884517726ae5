"""The patient's home: where they stand, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stead.forms.terms import KINDS
from stead.platform.ui import words
from stead.platform.ui.parts import Stage, Step
from stead.portal.queries import OPEN_STATES, Journey

Item = Mapping[str, Any]

ADDRESS_KEY = "home_address"
CARD_KEYS = ("payment_card", "card_on_file", "card")
RETURNED = {
    "unreadable": "We could not read it. Please send it once more, in good light.",
    "expired": "It has expired. Please send the one that is valid now.",
    "wrong_person": "It is another person's. Please send yours.",
    "unsigned": "The signature is missing. Please sign it and send it once more.",
    "back_missing": "We have the front. Please send a photo of the back too.",
    "name_mismatch": "The name is not the one we have. Call us and we will look at it together.",
    "other": "It is not what we asked for. Please look once more, or call us.",
}
"""Why something came back, as the patient reads it (English is the key of the translation)."""


@dataclass(frozen=True)
class Ask:
    """One thing the patient can do: the words, the page where it is done, the button and its icon."""

    words: str
    url: str
    label: str
    icon: str
    kind: str


def page_of(item: Item) -> str:
    """Return the address where this item is given."""
    if item["kind"] == "signature" and item["key"] in KINDS:
        return reverse("portal_papers")
    if item["key"] in CARD_KEYS:
        return reverse("portal_card")
    if item["key"] == ADDRESS_KEY:
        return reverse("portal_address")
    if item["kind"] == "field" and ("insurance" in item["key"] or "coverage" in item["key"]):
        return reverse("portal_insurance")
    return reverse("portal_item", args=[item["id"]])


def ask_of(item: Item, said: tuple[str, str] | None) -> Ask:
    """Put one item in the patient's words; what came back says why first."""
    label, icon = _button(item)
    text = said[1 if words.language() == "es" else 0] if said else item["words"]
    if item["state"] == "returned":
        text = _(RETURNED.get(item["return_reason"], RETURNED["other"]))
    return Ask(text, page_of(item), label, icon, item["kind"])


def _button(item: Item) -> tuple[str, str]:
    if item["key"] in CARD_KEYS:
        return _("Add your card"), ""
    if item["kind"] == "document":
        return _("Take the photo"), "camera"
    if item["kind"] == "signature":
        return _("Read and sign"), ""
    return _("Answer"), ""


def open_items(items: Sequence[Item], stage_key: str, done: Collection[str] = ()) -> list[Item]:
    """Return what waits for the patient: the current stage's first, then what came back from others.

    `done` are keys that the patient has just settled; the case learns of it by a job, a moment later.
    """
    waiting = [i for i in items if i["state"] in OPEN_STATES and i["key"] not in done]
    here = [i for i in waiting if i["stage_key"] == stage_key]
    return here + [i for i in waiting if i["stage_key"] != stage_key and i["state"] in ("asked", "returned")]


def is_about_to_move(items: Sequence[Item], stage_key: str, done: Collection[str]) -> bool:
    """Say whether the case has yet to learn of something that the patient has just given."""
    return any(i["stage_key"] == stage_key and i["key"] in done and i["state"] in OPEN_STATES for i in items)


def title(journey: Journey, waiting: Sequence[Item]) -> str:
    """Say the step and the one thing it needs: "Step 3 of 6: one photo, please"."""
    step, of = _step(journey), len(journey.stages)
    return _("Step %(step)s of %(of)s: %(what)s") % {"step": step, "of": of, "what": _what(waiting)}


def _step(journey: Journey) -> int:
    keys = [key for key, _en, _es in journey.stages]
    return keys.index(journey.stage_key) + 1 if journey.stage_key in keys else 1


def _what(waiting: Sequence[Item]) -> str:
    if not waiting:
        return _("our turn")
    kind = _kind(waiting[0])
    number = sum(_kind(item) == kind for item in waiting)
    if kind == "card":
        return _("your card, please")
    if kind == "document":
        return ngettext("one photo, please", "%(n)s photos, please", number) % {"n": words.number_word(number)}
    if kind == "signature":
        return ngettext("one page to sign", "%(n)s pages to sign", number) % {"n": words.number_word(number)}
    return ngettext("one answer, please", "%(n)s answers, please", number) % {"n": words.number_word(number)}


def _kind(item: Item) -> str:
    return "card" if item["key"] in CARD_KEYS else str(item["kind"])


def stages(
    journey: Journey,
    items: Sequence[Item],
    waiting: Sequence[Item],
    said: Mapping[tuple[UUID, str], tuple[str, str]],
    visit: Stage | None,
    zone: ZoneInfo,
) -> list[Stage]:
    """Return the journey's stages; the last takes the visit's facts where there is a visit."""
    now = _step(journey) - 1
    asks = [ask_of(item, said.get((journey.case_id, item["key"]))) for item in waiting]
    made = []
    for n, (key, english, spanish) in enumerate(journey.stages):
        name = spanish if words.language() == "es" else english
        if n < now:
            made.append(Stage(name, "behind", "met", when=_done_on(journey, items, key, n, zone)))
        elif n == now:
            made.append(_now(name, asks))
        else:
            made.append(Stage(name, "ahead", "booked", when=_("our turn") if n == now + 1 or not asks else ""))
    if visit is not None and made and made[-1].place == "ahead":
        last = made[-1]
        made[-1] = Stage(last.words, "ahead", visit.mark, facts=visit.facts, held=visit.held)
    return made


def _now(name: str, asks: Sequence[Ask]) -> Stage:
    if not asks:
        said = _("There is nothing for you to do now. We work on it and tell you when it moves.")
        return Stage(name, "now", "waiting", "pine", when=_("Our turn"), ask=said)
    first, rest = asks[0], asks[1:]
    links = [Step(_short(ask.words), ask.url) for ask in rest]
    if first.icon == "camera":
        links.insert(0, Step(_("Choose a photo I have"), first.url))
    return Stage(
        name,
        "now",
        "waiting",
        "pine",
        when=_("Waiting on you"),
        ask=first.words,
        main=Step(first.label, f"{first.url}?camera=1" if first.icon == "camera" else first.url),
        main_icon=first.icon,
        links=tuple(links),
    )


def _short(text: str) -> str:
    """Cut an ask to its first sentence, for a link."""
    return text.split(". ")[0].rstrip(".")


def _done_on(journey: Journey, items: Sequence[Item], key: str, place: int, zone: ZoneInfo) -> str:
    moments = [i["decided_at"] or i["received_at"] for i in items if i["stage_key"] == key]
    known: list[datetime] = [m for m in moments if m is not None]
    if not known and place == 0:
        known = [journey.opened_at]
    return words.day(max(known).astimezone(zone).date()) if known else ""
