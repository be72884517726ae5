"""What a command needs before Django is loaded: the secret, the database and the addresses both go by.

Without DATABASE_URL a command uses the embedded PostgreSQL below STEAD_STATE (by default `.stead`), joining it if it is
running and starting it if not. Commands that change the shape of things know the administrator's address; the web and
the worker only ever get the runtime login's (`STEAD_RUNTIME_URL`).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from stead.platform.database.embedded import Cluster, open_cluster
from stead.platform.database.errors import DatabaseTrouble
from stead.platform.database.urls import DatabaseUrl
from stead.platform.tenancy.roles import LOGIN, login_password

Progress = Callable[[str], None]
DATABASE = "stead"
SECRET_BYTES = 48


class NoDatabase(DatabaseTrouble):
    """Neither an address nor permission to start the embedded PostgreSQL."""


@dataclass(frozen=True)
class Deployment:
    """One installation: its state folder, secret and the two addresses of its database."""

    state: Path
    secret: str
    admin_url: str
    runtime_url: str
    cluster: Cluster | None = None

    def runtime_environment(self) -> dict[str, str]:
        """Return the environment of a program that serves people: never the administrator's address."""
        kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        return kept | {
            "STEAD_STATE": str(self.state),
            "STEAD_SECRET_KEY": self.secret,
            "STEAD_RUNTIME_URL": self.runtime_url,
        }

    def export(self, *, admin: bool) -> None:
        """Put it into this process's environment, where the settings read it."""
        os.environ.update(STEAD_STATE=str(self.state), STEAD_SECRET_KEY=self.secret, STEAD_RUNTIME_URL=self.runtime_url)
        if admin:
            os.environ["DATABASE_URL"] = self.admin_url
        else:
            os.environ.pop("DATABASE_URL", None)


def state_folder() -> Path:
    return Path(os.environ.get("STEAD_STATE", ".stead")).absolute()


def ensure_secret(state: Path) -> str:
    """Return STEAD_SECRET_KEY, or the secret kept in the state folder, which is made once and readable by us alone."""
    given = os.environ.get("STEAD_SECRET_KEY")
    if given:
        return given
    state.mkdir(parents=True, exist_ok=True, mode=0o711)
    path = state / "secret"
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(fd, "w") as file:
        file.write(secrets.token_urlsafe(SECRET_BYTES))
    return path.read_text().strip()


def runtime_url(admin_url: str, secret: str) -> str:
    """Say the administrator's address as the runtime login."""
    return replace(DatabaseUrl.parse(admin_url), user=LOGIN, password=login_password(secret)).compose()


@contextmanager
def deployment(progress: Progress, *, state: Path | None = None) -> Iterator[Deployment]:
    """Give the installation with its database running; an embedded one is let go at the end."""
    folder = state or state_folder()
    secret = ensure_secret(folder)
    given = os.environ.get("DATABASE_URL") if state is None else None
    if given:
        yield Deployment(folder, secret, given, os.environ.get("STEAD_RUNTIME_URL") or runtime_url(given, secret))
        return
    with open_cluster(folder / "postgres", on_progress=progress) as cluster:
        ensure_database(cluster)
        admin = replace(DatabaseUrl.parse(cluster.superuser_url), database=DATABASE).compose()
        yield Deployment(folder, secret, admin, runtime_url(admin, secret), cluster)


def ensure_database(cluster: Cluster) -> None:
    """Create the product's database in a new cluster."""
    with psycopg.connect(cluster.superuser_url, autocommit=True) as admin:
        if not admin.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone():
            admin.execute(f"create database {DATABASE}")


@contextmanager
def serving_deployment(progress: Progress) -> Iterator[Deployment]:
    """Give what a serving program may know: STEAD_RUNTIME_URL as it is, or the installation found by `deployment`."""
    given = os.environ.get("STEAD_RUNTIME_URL")
    if given:
        folder = state_folder()
        yield Deployment(folder, ensure_secret(folder), "", given)
        return
    with deployment(progress) as found:
        yield found
