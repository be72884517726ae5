"""Give a list out as CSV that a spreadsheet opens safely, to whoever may take it along, with a line in the journal.

    @staff("patients.read")
    @require_GET
    @exported("patients.export")
    def patient_list(request: PageRequest) -> HttpResponse: ...

A file leaves the practice's walls, so a page that gives one out declares the permission for that beside its own, and
`csv_response` is the only way to make one: it asks that permission and writes `list.exported`. A view that declares
none gives nothing out. `staff_page` shows the link only to who may follow it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from stead.platform import permissions
from stead.platform.journal.write import write
from stead.platform.refusals import NotPermitted

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_OF_THE_PAGE_ONLY = ("page", "done", "visit", "format")


def exported[V: Callable[..., Any]](permission: str) -> Callable[[V], V]:
    """Declare what a page asks of whoever takes its list out as a file."""

    def declare(view: V) -> V:
        view.stead_export = permission  # type: ignore[attr-defined]  # read below and by the test of all exports
        return view

    return declare


def export_of(request: HttpRequest) -> str:
    """Return the permission that the page's view declares; "" where it gives no file out."""
    view = request.resolver_match.func if request.resolver_match else None
    return str(getattr(view, "stead_export", ""))


def export_address(request: Any) -> str:
    """Return the address of this list as a file, its filters and order kept; "" where there is none for this seat."""
    permission = export_of(request)
    if not permission or not permissions.holds(request.by, permission):
        return ""
    query = request.GET.copy()
    for name in _OF_THE_PAGE_ONLY:
        query.pop(name, None)
    query["format"] = "csv"
    return f"?{query.urlencode()}"


def safe_cell(value: object) -> object:
    """Put a quote before text that a spreadsheet would run as a formula; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_STARTS_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def csv_response(request: Any, name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Answer with a file `name`.csv: one head row, then the rows. Refuses without the permission that was declared.

    Whoever calls it tells the access log whose records stand in the rows.
    """
    permission = export_of(request)
    if not permission:
        raise NotPermitted("This page gives no file out.")
    permissions.check(request.by, permission)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer["Cache-Control"] = "private, no-store"
    writer = csv.writer(answer)
    writer.writerow(head)
    count = 0
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
        count += 1
    write("list.exported", by=request.by, at=request.at, list=name, rows=count)
    return answer
