"""A visit in the patient's words: day and hour of the place, who, where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from stead.platform.ui import words

Visit = Mapping[str, Any]
STANDING = ("held", "booked", "confirmed")
MARKS = {
    "held": "held", "booked": "booked", "confirmed": "confirmed", "arrived": "waiting", "in_session": "session",
    "done": "met", "no_show": "noshow", "late_cancel": "cancelled", "cancelled": "cancelled",
}  # fmt: skip


def state_words(status: str) -> str:
    said = {
        "held": _("held for you"), "booked": _("booked"), "confirmed": _("you said you will come"),
        "arrived": _("you are here"), "in_session": _("now"), "done": _("it took place"), "no_show": _("missed"),
        "late_cancel": _("cancelled late"), "cancelled": _("cancelled"),
    }  # fmt: skip
    return said.get(status, status)


def when(visit: Visit) -> str:
    """Say day and hour: "Monday, November 30, 10:00 am"."""
    local = visit["starts_at"].astimezone(ZoneInfo(visit["location__time_zone"]))
    return f"{words.long_day(local.date())}, {words.clock(local)}"


def where(visit: Visit) -> str:
    if visit["modality"] == "video":
        return _("by video")
    if visit["modality"] == "phone":
        return _("by telephone")
    return str(visit["location__line1"] or visit["location__name"])


def service(visit: Visit) -> str:
    spanish = words.language() == "es" and visit["service__name_es"]
    return str(visit["service__name_es"] if spanish else visit["service__name"])


def visit_facts(visit: Visit) -> tuple[str, ...]:
    return (when(visit), f"{visit['practitioner__name']}, {where(visit)}")


def held_words(visit: Visit) -> str:
    if visit["status"] != "held" or visit["held_until"] is None:
        return ""
    until = visit["held_until"].astimezone(ZoneInfo(visit["location__time_zone"]))
    return _("Held for you until %(when)s") % {
        "when": f"{words.weekday(until.date(), short=False)}, {words.clock(until)}"
    }
