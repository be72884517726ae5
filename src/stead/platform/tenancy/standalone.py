"""A migrated database of one's own for drills and benchmarks, thrown away afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connections

from stead.platform.database.embedded import Cluster
from stead.platform.database.throwaway import throwaway_cluster
from stead.platform.database.urls import DatabaseUrl
from stead.platform.tenancy.migrate import migrate
from stead.platform.tenancy.roles import LOGIN, login_password

Progress = Callable[[str], None]
_PARTS = ("NAME", "USER", "PASSWORD", "HOST", "PORT")


@contextmanager
def own_database(progress: Progress, **server: str) -> Iterator[str]:
    """Start a cluster, migrate it and point Django's two connections at it. Yields the administrator's URL."""
    with throwaway_cluster(settings=server, on_progress=progress) as cluster, connected_to(cluster):
        migrate(cluster.superuser_url, progress)
        yield cluster.superuser_url


@contextmanager
def connected_to(cluster: Cluster) -> Iterator[None]:
    """Point Django's two connections at a cluster, migrated or about to be, and back afterwards."""
    before = {alias: {k: connections[alias].settings_dict[k] for k in _PARTS} for alias in ("default", "owner")}
    admin = DatabaseUrl.parse(cluster.superuser_url)
    login = cluster.url(admin.database, LOGIN, login_password(settings.SECRET_KEY))
    try:
        _point("owner", admin.as_django())
        _point("default", DatabaseUrl.parse(login).as_django())
        yield
    finally:
        for alias, parts in before.items():
            _point(alias, parts)


def _point(alias: str, parts: dict[str, Any]) -> None:
    connections[alias].close()
    connections[alias].settings_dict.update({key: parts[key] for key in _PARTS})
