"""The outbox as a list: filter sentence, rows ready to print, and the same rows as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from stead.messaging import queries, wording
from stead.messaging.models import OutboxMessage
from stead.messaging.terms import CHANNELS, STATES
from stead.platform.ui import words
from stead.platform.ui.parts import Choice, Filter, FilterBar

PAGE_ROWS = 50
MARKS = {"queued": "waiting", "leaving": "waiting", "sent": "met", "failed": "refused", "stopped": "cancelled"}
CSV_HEADS = ("Made", "Patient", "Message", "Channel", "State", "Reply", "Attempts", "Sent")
SORTS = {"what": "template", "state": "state", "when": "send_after"}


@dataclass(frozen=True)
class Wish:
    """What the address asks for."""

    state: str
    channel: str
    sort: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Wish:
        state, channel, sort = query.get("state", ""), query.get("channel", ""), query.get("sort", "")
        known = sort.removeprefix("-") in SORTS
        return cls(state if state in STATES else "", channel if channel in CHANNELS else "", sort if known else "")


def matching(wish: Wish) -> QuerySet[OutboxMessage]:
    rows = queries.outbox(wish.state, wish.channel)
    if not wish.sort:
        return rows
    column = SORTS[wish.sort.removeprefix("-")]
    return rows.order_by(f"-{column}" if wish.sort.startswith("-") else column, "-created_at", "-id")


def page_of(rows: QuerySet[OutboxMessage], number: str) -> Page[OutboxMessage]:
    return Paginator(rows, PAGE_ROWS).get_page(number)


def shown(rows: list[OutboxMessage], zone: ZoneInfo) -> list[dict[str, Any]]:
    names = queries.names_of(rows)
    return [row_of(row, names, zone) for row in rows]


def row_of(row: OutboxMessage, names: dict[UUID, str], zone: ZoneInfo) -> dict[str, Any]:
    found = wording.find_wording(row.template)
    return {
        "id": row.id,
        "patient_id": row.patient_id,
        "url": reverse("messaging_message", args=[row.id]),
        "who": names.get(row.patient_id, "") if row.patient_id else "colleague",
        "record_url": reverse("patients_record", args=[row.patient_id]) if row.patient_id else "",
        "what": found.title if found else row.template,
        "channel": CHANNELS[row.channel],
        "state": row.state,
        "word": STATES[row.state],
        "mark": MARKS[row.state],
        "when": words.moment((row.sent_at or row.leaving_at or row.send_after).astimezone(zone)),
        "due": row.state == "queued",
        "reply": row.reply_code,
        "attempts": row.attempts,
        "may_stop": row.state == "queued",
        "may_send": row.state in ("failed", "stopped") and not queries.carried_secret(row),
        "secret": queries.carried_secret(row),
        "subject": row.subject,
        "body": row.body,
        "to": row.to,
        "language": {"en": "English", "es": "Spanish"}.get(row.language, row.language),
    }


def sentence(counts: dict[str, int]) -> str:
    failed, queued = counts.get("failed", 0), counts.get("queued", 0)
    if failed:
        return f"{words.count(failed, 'message', start=True)} did not get through."
    if queued:
        return f"{words.count(queued, 'message waits', 'messages wait', start=True)} to leave; none has failed."
    return "Nothing waits, and nothing has failed."


def tallies(counts: dict[str, int]) -> list[dict[str, Any]]:
    """Each state with its number and the list behind it."""
    order = ("failed", "queued", "leaving", "sent", "stopped")
    return [
        {"word": STATES[s], "mark": MARKS[s], "count": words.grouped(counts.get(s, 0)), "url": f"?state={s}"}
        for s in order
        if s != "leaving" or counts.get(s)  # a moment's state: a line only while it lasts
    ]


def filter_bar(wish: Wish, count: int) -> FilterBar:
    states, channels = [("", "all"), *STATES.items()], [("", "all"), *CHANNELS.items()]
    return FilterBar(
        (
            Filter("state", "State", dict(states)[wish.state], _choices(states, wish.state)),
            Filter("channel", "Channel", dict(channels)[wish.channel], _choices(channels, wish.channel)),
        ),
        count=words.tally(count, "message"),
        clear_url="?" if wish.state or wish.channel else "",
        kept=[("sort", wish.sort)] if wish.sort else [],
    )


def _choices(pairs: list[tuple[str, str]], chosen: str) -> list[Choice]:
    return [Choice(value, label, value == chosen) for value, label in pairs]


def csv_rows(rows: QuerySet[OutboxMessage]) -> Iterator[tuple[Any, ...]]:
    found = list(rows)
    names = queries.names_of(found)
    for row in found:
        yield (_stamp(row.created_at), names.get(row.patient_id, "") if row.patient_id else "", row.template,
               CHANNELS[row.channel], STATES[row.state], row.reply_code, row.attempts, _stamp(row.sent_at))  # fmt: skip


def _stamp(at: datetime | None) -> str:
    return at.isoformat(timespec="minutes") if at else ""
