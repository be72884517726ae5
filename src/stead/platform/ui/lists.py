"""A short list that is in memory anyway: filter sentence and order from one declaration.

    listing = Listing(request.GET, rows, noun="task", sorts=("title", "due"), filters={"owner": "Owner"})
    listing.rows, listing.bar, listing.is_csv     # what is left, in the order asked for; the sentence; asked as a file?

`keep` names other parts of the address that stay, such as whose page it is. A row is a dict ready to print;
`<key>_order` beside a key is what that column sorts by. Lists that grow with the practice filter and sort in the
database instead (patients/lists.py, processes/views/board.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from stead.platform.ui import words
from stead.platform.ui.parts import Choice, Filter, FilterBar

Row = dict[str, Any]


class Listing:
    """Rows narrowed and ordered as the address asks; an unknown value or column asks for nothing."""

    def __init__(
        self,
        query: QueryDict,
        rows: Sequence[Row],
        *,
        noun: str,
        sorts: Sequence[str],
        filters: Mapping[str, str],
        first: Sequence[Filter] = (),
        keep: Sequence[str] = (),
    ) -> None:
        self.is_csv = query.get("format") == "csv"
        chosen = {key: query.get(key, "") for key in filters}
        known = {key: sorted({str(row[key]) for row in rows if row[key]}) for key in filters}
        chosen = {key: value for key, value in chosen.items() if value in known[key]}
        left = [row for row in rows if all(str(row[key]) == value for key, value in chosen.items())]
        self.rows = _ordered(left, query.get("sort", ""), sorts)
        kept = [(name, query.get(name, "")) for name in ("sort", *keep) if query.get(name)]
        own = [_filter(key, label, known[key], chosen.get(key, "")) for key, label in filters.items()]
        self.bar = FilterBar(
            [*first, *own],
            count=words.tally(len(self.rows), noun),
            clear_url=_cleared(query, keep) if chosen else "",
            kept=kept,
        )


def _cleared(query: QueryDict, keep: Sequence[str]) -> str:
    return "?" + urlencode([(name, query[name]) for name in keep if query.get(name)])


def _ordered(rows: list[Row], sort: str, sorts: Sequence[str]) -> list[Row]:
    key = sort.removeprefix("-")
    if key not in sorts:
        return rows

    def by(row: Row) -> tuple[bool, Any]:
        value = row.get(f"{key}_order", row[key])
        return value is None, value.casefold() if isinstance(value, str) else value

    there = [row for row in rows if not by(row)[0]]
    gone = [row for row in rows if by(row)[0]]
    return [*sorted(there, key=by, reverse=sort.startswith("-")), *gone]


def _filter(key: str, label: str, values: Sequence[str], chosen: str) -> Filter:
    choices = [Choice("", "all", not chosen), *(Choice(value, value, value == chosen) for value in values)]
    return Filter(key, label, chosen or "all", choices)
