"""The list of patients: filter sentence, order, rows ready to print and the same rows as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from stead.patients.models import STATUSES, Patient
from stead.patients.queries import patients, search_ids
from stead.patients.rules import phone_words
from stead.platform.ui import words
from stead.platform.ui.parts import Choice, Filter, FilterBar

PAGE_ROWS = 50
FOUND_MOST = 200
SORTS = {"name": "name_key", "number": "number", "born": "birth_date", "status": "status", "since": "created_at"}
_COLUMNS = ("id", "number", "first_name", "preferred_name", "last_name", "birth_date", "phone", "city", "state",
            "status", "home_location__name", "practitioner__name")  # fmt: skip
CSV_HEADS = ("Number", "First name", "Goes by", "Last name", "Birth date", "Telephone", "City", "State", "Status",
          "Location", "Practitioner")  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What the address asks for."""

    text: str
    status: str
    location: str
    sort: str

    @classmethod
    def read(cls, query: QueryDict) -> Wish:
        status, location = query.get("status", ""), query.get("location", "")
        return cls(
            query.get("q", "").strip(),
            status if status in dict(STATUSES) else "",
            location if _is_uuid(location) else "",
            query.get("sort", ""),
        )


def matching(wish: Wish) -> QuerySet[Patient]:
    """Return the patients asked for, in the order asked for; a search without an order comes best first."""
    rows = patients()
    if wish.text:
        rows = rows.filter(id__in=search_ids(wish.text, FOUND_MOST))
    if wish.status:
        rows = rows.filter(status=wish.status)
    if wish.location:
        rows = rows.filter(home_location_id=wish.location)
    key = SORTS.get(wish.sort.lstrip("-"))
    return rows.order_by(f"{'-' if wish.sort.startswith('-') else ''}{key}", "id") if key else rows


def page_of(rows: QuerySet[Patient], number: str) -> Page[Any]:
    return Paginator(rows.values_list(*_COLUMNS), PAGE_ROWS).get_page(number)


def shown(row: tuple[Any, ...]) -> dict[str, Any]:
    (uid, number, first, preferred, last, born, phone, city, state, status, place, practitioner) = row
    return {
        "id": uid,
        "number": number,
        "name": f"{last}, {preferred or first}",
        "legal": f"{first} {last}" if preferred and preferred != first else "",
        "born": words.day(born, year=True) if born else "not known",
        "phone": phone_words(phone),
        "place": ", ".join(p for p in (city, state) if p),
        "status": dict(STATUSES)[status],
        "mark": {"prospect": "asked", "active": "confirmed", "discharged": "met", "deceased": "met"}[status],
        "location": place or "",
        "practitioner": practitioner or "",
        "url": reverse("patients_record", args=[uid]),
    }


def sentence(count: int, wish: Wish) -> str:
    """Say what the list holds."""
    if wish.text:
        return f'{words.count(count, "patient fits", "patients fit", start=True)} "{wish.text}".'
    said = {"": "", "prospect": " who asked for care", "active": " in care", "discharged": " whose care ended"}
    return f"{words.count(count, 'patient', start=True)}{said.get(wish.status, ' who died')}."


def filter_bar(wish: Wish, places: list[tuple[str, str]], count: int) -> FilterBar:
    statuses = [("", "all"), *STATUSES]
    locations = [("", "all"), *places]
    place = dict(locations).get(wish.location, "all")
    kept = [(k, v) for k, v in (("q", wish.text), ("sort", wish.sort)) if v]
    return FilterBar(
        (
            Filter("status", "Status", dict(statuses)[wish.status], _choices(statuses, wish.status)),
            Filter("location", "Location", place, _choices(locations, wish.location)),
        ),
        count=words.tally(count, "patient"),
        clear_url="?" if wish.status or wish.location or wish.text else "",
        kept=kept,
    )


def csv_rows(rows: QuerySet[Patient]) -> Iterator[tuple[Any, ...]]:
    return rows.values_list(*_COLUMNS[1:]).iterator(chunk_size=2000)


def _choices(pairs: list[tuple[str, str]], chosen: str) -> list[Choice]:
    return [Choice(value, label, value == chosen) for value, label in pairs]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
