"""Every list that leaves as a file asks one declared permission and leaves a line; every list page filters, sorts and
gives itself out.

Nothing is listed by hand: the pages come from the URL table, and what is a list says so itself, by its declared export
or by the table of rows it shows. A page that is exempt says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import resolve

import stead
from stead.platform import permissions
from stead.platform.actors import STAFF_ROLES, Role
from stead.platform.journal.models import JournalEntry
from stead.testing.clients import ClientAs, InPractice
from stead.testing.matrix import Route, all_routes
from stead.testing.rows import Rows

SOURCE = Path(stead.__file__).parent
PAGES = [r for r in all_routes() if r.access is not None and r.access.kind == "staff" and not r.missing()]
NO_LIST = {
    "numbers_scorecard": "one line per measure in the order of the scorecard, thirteen weeks wide",
    "numbers_figure": "the rows behind one figure, which is its filter",
    "seats_absence": "an answer to a question, not kept rows",
    "intake_safety": "one ladder in the order of danger: nobody may narrow it or sort somebody away",
}
"""Pages that give a file out and are no list of rows to narrow and order."""

NO_EXPORT = {}
"""Pages with a table of rows whose list is given out elsewhere, or not at all: why."""


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def export_of(route: Route, address: str) -> str:
    return str(getattr(resolve(address).func, "stead_export", ""))


@pytest.fixture
def addresses(client_as: ClientAs, in_practice: InPractice) -> list[tuple[Route, str]]:
    client_as("owner")
    with in_practice():
        rows = Rows()
        rows.of("operating.Decision")
        return [(route, route.filled(rows)) for route in PAGES]


def roles_of(permission: str) -> set[Role]:
    found = permissions.find(permission)
    return set(found.roles) if found else set()


@pytest.mark.django_db
def test_every_file_asks_its_permission_and_leaves_a_line(
    addresses: list[tuple[Route, str]], client_as: ClientAs, in_practice: InPractice
) -> None:
    seats, wrong, given = {role: client_as(role) for role in STAFF_ROLES}, [], 0
    for route, address in addresses:
        declared = export_of(route, address)
        if declared and permissions.find(declared) is None:
            wrong.append(f"{route.name}: {declared} is declared by nobody")
        for role in STAFF_ROLES if declared else ("owner",):
            if role not in roles_of(route.access.permission):
                continue
            with undone():
                answer = seats[role].get(f"{address}?format=csv")
                is_file = answer.get("Content-Type", "").startswith("text/csv")
                with in_practice():
                    lines = JournalEntry.objects.filter(verb="list.exported").count()
            given += is_file
            may = role in roles_of(declared)
            if is_file != bool(lines) or (is_file and not may) or (answer.status_code == 500):
                wrong.append(f"{route.name} as {role}: {answer.status_code}, file {is_file}, {lines} lines")
            if (
                declared
                and not may
                and answer.status_code not in (403, 404)
                and route.name not in ("seats_absence", "today")
            ):
                wrong.append(f"{route.name} as {role}: {answer.status_code} without {declared}")
    assert "\n".join(wrong) == ""
    assert given > 25


def test_a_file_is_made_in_one_place_only() -> None:
    """Whoever writes the type by hand would pass the permission by."""
    makers = [
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if "text/csv" in path.read_text() and "tests" not in path.parts
    ]
    assert makers == ["platform/web/exports.py"]


def test_whoever_gives_a_file_out_declares_it() -> None:
    silent = []
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        if "tests" in path.parts or path.name == "exports.py" or "csv_response(" not in text:
            continue
        if text.count("@exported(") < len(set(re.findall(r'csv_response\(\s*request,\s*(f?"[^"]*")', text))):
            silent.append(path.relative_to(SOURCE).as_posix())
    assert silent == []


@pytest.mark.django_db
def test_every_list_filters_sorts_and_exports(addresses: list[tuple[Route, str]], client_as: ClientAs) -> None:
    owner, wrong, lists = client_as("owner"), [], 0
    for route, address in addresses:
        with undone():
            answer = owner.get(address)
        if answer.status_code != 200 or not answer.get("Content-Type", "").startswith("text/html"):
            continue
        page, declared = answer.content.decode(), export_of(route, address)
        is_list = 'class="filters' in page or "sort=" in page
        if not declared:
            if is_list and route.name not in NO_EXPORT:
                wrong.append(f"{route.name}: a list that is not given out")
            continue
        if route.name in NO_LIST:
            continue
        lists += 1
        lacking = [
            what
            for what, there in (
                ("filter", 'class="filters' in page),
                ("sort", re.search(r"<th[^>]*><a href=\"\?[^\"]*sort=", page) is not None),
                ("export", "format=csv" in page),
            )
            if not there
        ]
        if lacking:
            wrong.append(f"{route.name}: no {', no '.join(lacking)}")
    assert "\n".join(wrong) == ""
    assert lists >= 18
