"""A migrated database of one's own for drills and benchmarks, thrown away afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connections

from stead.platform.database.throwaway import throwaway_cluster
from stead.platform.database.urls import DatabaseUrl
from stead.platform.tenancy.migrate import migrate
from stead.platform.tenancy.roles import LOGIN, login_password

Progress = Callable[[str], None]
_PARTS = ("NAME", "USER", "PASSWORD", "HOST", "PORT")


@contextmanager
def own_database(progress: Progress, **server: str) -> Iterator[str]:
    """Start a cluster, migrate it and point Django's two connections at it. Yields the administrator's URL."""
    before = {alias: {k: connections[alias].settings_dict[k] for k in _PARTS} for alias in ("default", "owner")}
    with throwaway_cluster(settings=server, on_progress=progress) as cluster:
        admin = DatabaseUrl.parse(cluster.superuser_url)
        try:
            _point("owner", DatabaseUrl.parse(cluster.superuser_url).as_django())
            migrate(cluster.superuser_url, progress)
            login = cluster.url(admin.database, LOGIN, login_password(settings.SECRET_KEY))
            _point("default", DatabaseUrl.parse(login).as_django())
            yield cluster.superuser_url
        finally:
            for alias, parts in before.items():
                _point(alias, parts)


def _point(alias: str, parts: dict[str, Any]) -> None:
    connections[alias].close()
    connections[alias].settings_dict.update({key: parts[key] for key in _PARTS})
