"""What every command shares: how it speaks, how it loads Django, how it finds a practice."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from stead.config.environment import Deployment, deployment

if TYPE_CHECKING:
    from stead.platform.accounts.models import Practice


def say(words: str) -> None:
    """Print one line of progress where people look, leaving standard output to results."""
    typer.echo(words, err=True)


def answer(result: dict[str, Any]) -> None:
    """Print the result as one JSON line, the last on standard output."""
    typer.echo(json.dumps(result, default=str, ensure_ascii=False))


def refuse(words: str) -> NoReturn:
    """Say why not and leave with status 2."""
    typer.echo(words, err=True)
    sys.exit(2)


def set_up() -> None:
    """Load Django with the environment as it is, and what must be true across rooms."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stead.config.settings")
    import django

    django.setup()
    import_module("stead.config.invariants")


@contextmanager
def administering(*, migrated: bool = True) -> Iterator[Deployment]:
    """Give a running installation with Django loaded as administrator; refuse one that was never migrated."""
    with deployment(say) as found:
        found.export(admin=True)
        set_up()
        if migrated:
            check_migrated(found)
        try:
            yield found
        finally:
            from django.db import connections

            connections.close_all()


def check_migrated(found: Deployment) -> None:
    import psycopg

    with psycopg.connect(found.admin_url, autocommit=True) as admin:
        row = admin.execute("select to_regclass('public.practice_profile')").fetchone()
    if row is None or row[0] is None:
        refuse("This database holds no Stead yet. Run `stead migrate` first, then this again.")


def find_practice(slug: str) -> Practice:
    """Return the practice, or refuse with the names of those there are."""
    from stead.platform.accounts.models import Practice

    found = Practice.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Practice.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        refuse(f"There is no practice “{slug}”. Practices here: {known}. `stead practice create` makes one.")
    return found
