"""What the book adds to a patient's record and to the slip of the patient in hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse

from stead.patients import sections, slip
from stead.platform import clock
from stead.platform.ui import words
from stead.scheduling import queries, shown

SHOWN_DAYS = 180


def visits(patient_id: UUID, at: datetime) -> dict[str, Any]:
    rows = queries.visits_of(patient_id, at - timedelta(days=SHOWN_DAYS))
    return {
        "visits": [
            {
                "when": words.moment(row.starts_at.astimezone(ZoneInfo(row.location.time_zone))),
                "service": row.service.name,
                "with": row.practitioner.name,
                "where": row.location.name,
                "mark": shown.look(row.status).mark,
                "word": shown.look(row.status).word,
                "url": reverse("calendar_visit", args=[row.id]),
            }
            for row in reversed(rows)
        ],
        "book_url": f"{reverse('calendar_book')}?patient={patient_id}",
    }


def next_visit(patient_id: UUID) -> dict[str, Any]:
    # The slip belongs to a page that is being shown, so now is the page's moment.
    rows = queries.visits_of(patient_id, clock.now()).exclude(status__in=("cancelled", "late_cancel", "no_show"))
    row = rows.first()
    book = {"label": "Book", "url": f"{reverse('calendar_book')}?patient={patient_id}"}
    if row is None:
        return {"links": [book]}
    local = row.starts_at.astimezone(ZoneInfo(row.location.time_zone))
    return {"next": f"Next visit {words.moment(local)}", "links": [book]}


sections.register(
    sections.Section("visits", "Visits", "scheduling/record_visits.html", visits, "calendar.read", place=40)
)
slip.register(next_visit, permission="calendar.read")
