"""The fifteen marks: shape, word and colour, each with one meaning.

The shape is drawn in static/ui/marks.svg under the same key. The tone is used only where somebody is needed; what is
fine stays ink, so there is no green for done.
"""

from dataclasses import dataclass
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Tone = Literal["ink", "brick", "ochre", "slate", "pine"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One status mark; `word` is what stands beside it unless the page says it more exactly."""

    key: str
    word: str | Promise
    tone: Tone


MARKS: Final[dict[str, Mark]] = {
    mark.key: mark
    for mark in (
        Mark("met", _("met, done"), "ink"),
        Mark("unmet", _("not met"), "brick"),
        Mark("unknown", _("not known yet"), "slate"),
        Mark("refused", _("refused, blocked"), "brick"),
        Mark("over", _("over its limit"), "brick"),
        Mark("close", _("close to its limit"), "ochre"),
        Mark("booked", _("open, booked"), "ink"),
        Mark("confirmed", _("confirmed"), "ink"),
        Mark("waiting", _("waiting, in progress"), "ochre"),
        Mark("session", _("now, in session"), "pine"),
        Mark("held", _("held, asked for"), "ink"),
        Mark("noshow", _("no-show"), "brick"),
        Mark("cancelled", _("cancelled"), "ink"),
        Mark("asked", _("asked, no answer"), "ink"),
        Mark("noone", _("No one"), "brick"),
    )
}


def get_mark(key: str) -> Mark:
    """Return the mark or say which ones exist: a misspelt mark must fail in the test, not show nothing."""
    try:
        return MARKS[key]
    except KeyError:
        raise ValueError(f"There is no mark {key!r}. There are: {', '.join(MARKS)}.") from None
