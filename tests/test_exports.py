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
from django.template.loader import get_template
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

NO_EXPORT = {"care_day": "one clinician's day; the notes due beside it are given out from their own list"}
"""Pages with a list that is given out elsewhere."""


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


TAGS = {"filter": "{% filters ", "sort": "{% sort_head ", "export": "csv=export"}


def source_of(name: str) -> str:
    """Return a template with what it builds on and includes: an empty list shows no head, and has one all the same."""
    text = Path(get_template(name).template.origin.name).read_text()  # type: ignore[attr-defined]
    parts = re.findall(r'{% (?:include|extends) "([^"]+)"', text)
    return text + "".join(source_of(part) for part in parts if not part.startswith("ui/"))


@pytest.mark.django_db
def test_every_list_filters_sorts_and_exports(addresses: list[tuple[Route, str]], client_as: ClientAs) -> None:
    owner, wrong, lists = client_as("owner"), [], 0
    for route, address in addresses:
        with undone():
            answer = owner.get(address)
        templates = [
            t.name
            for t in getattr(answer, "templates", [])
            if (t.name or "").endswith(".html") and not t.name.startswith("ui/")
        ]
        if answer.status_code != 200 or not templates:
            continue
        source, declared = source_of(templates[0].partition("#")[0]), export_of(route, address)
        lacking = [what for what, tag in TAGS.items() if tag not in source]
        if not declared:
            if route.name not in NO_EXPORT and ("sort" not in lacking or "filter" not in lacking):
                wrong.append(f"{route.name}: a list that is not given out")
        elif route.name not in NO_LIST:
            lists += 1
            wrong += [f"{route.name}: no {', no '.join(lacking)}"] if lacking else []
    assert "\n".join(wrong) == ""
    assert lists >= 18


def test_exempt_pages_are_there() -> None:
    assert NO_LIST.keys() | NO_EXPORT.keys() <= {route.name for route in PAGES}
