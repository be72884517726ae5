"""What `stead doctor` looks at: everything a deployment needs, each with how to mend it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import psycopg
from django.core.exceptions import ImproperlyConfigured

from stead.config.commands.shared import set_up
from stead.config.environment import Deployment, deployment
from stead.platform.database.errors import DatabaseTrouble
from stead.platform.tenancy.roles import LOGIN, OWNER, RUNTIME

State = Literal["good", "look", "wrong"]
LEAST_FREE_BYTES = 2 * 1024**3
SEAL_LAG_SECONDS = 300
BACKUP_AGE_HOURS = 26
ROUNDS_SEEN_HOURS = 24


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `mend` says what to do, and is empty when all is well."""

    name: str
    state: State
    words: str
    mend: str = ""


def examine(say: Callable[[str], None]) -> Iterator[Finding]:
    """Look at everything, the database included if it can be reached."""
    yield _python()
    yield _secret()
    yield _hosts()
    yield _cookies()
    yield _proxies()
    yield _field_keys()
    yield _mail()
    try:
        with deployment(say) as found:
            yield _disk(found.state)
            yield _folder(found.state / "mailboxes", "mailboxes")
            yield from _database(found)
            yield _backups(found.state)
    except (DatabaseTrouble, psycopg.OperationalError) as trouble:
        first = str(trouble).strip().splitlines()[0]
        yield Finding("database", "wrong", first, "Check DATABASE_URL, and that the server runs and lets you in.")


def _python() -> Finding:
    said = ".".join(map(str, sys.version_info[:3]))
    if (3, 13) <= sys.version_info < (3, 15):
        return Finding("python", "good", f"Python {said}")
    return Finding("python", "wrong", f"Python {said}", "Use Python 3.13 or 3.14; `uv run` picks one.")


def _secret() -> Finding:
    given = os.environ.get("STEAD_SECRET_KEY", "")
    if not given:
        return Finding(
            "secret", "look", "STEAD_SECRET_KEY is not set; the one in the state folder is used",
            "Keep it outside this machine too: without it encrypted fields cannot be read after a restore.",
        )  # fmt: skip
    if len(given) < 50:
        return Finding("secret", "wrong", "STEAD_SECRET_KEY is short", "Make one: openssl rand -base64 48")
    return Finding("secret", "good", "STEAD_SECRET_KEY is set")


def _hosts() -> Finding:
    hosts = os.environ.get("STEAD_HOSTS", "")
    if not hosts:
        return Finding(
            "hosts", "look", "STEAD_HOSTS is not set; only this machine can open pages",
            "Set STEAD_HOSTS to your names, with commas between, and STEAD_ORIGINS to https://your.name",
        )  # fmt: skip
    if "*" in hosts:
        return Finding("hosts", "wrong", "STEAD_HOSTS allows every name", "Name the hosts you serve.")
    return Finding("hosts", "good", f"Serving {hosts}")


def _cookies() -> Finding:
    if os.environ.get("STEAD_INSECURE_COOKIES") == "1":
        return Finding(
            "cookies", "wrong", "Cookies travel without TLS", "Unset STEAD_INSECURE_COOKIES and serve by HTTPS."
        )
    return Finding("cookies", "good", "Cookies are only sent over TLS")


def _proxies() -> Finding:
    from stead.platform.web.proxy import networks

    said = os.environ.get("STEAD_TRUSTED_PROXIES", "")
    if not said:
        return Finding(
            "proxies", "look", "STEAD_TRUSTED_PROXIES is not set; everybody behind a proxy shares one limit of tries",
            "Name the networks of the proxies in front, with commas between, such as 10.0.0.0/8.",
        )  # fmt: skip
    try:
        known = networks(said)
    except ValueError as error:
        return Finding("proxies", "wrong", f"STEAD_TRUSTED_PROXIES: {error}", "Write it like 10.0.0.0/8,192.0.2.7")
    if any(network.prefixlen == 0 for network in known):
        return Finding("proxies", "wrong", "STEAD_TRUSTED_PROXIES trusts every address", "Name your own proxies only.")
    return Finding("proxies", "good", f"Believing X-Forwarded-For of {said}")


def _field_keys() -> Finding:
    from stead.platform import encryption

    try:
        newest = encryption.newest_key()
    except ImproperlyConfigured as error:
        return Finding("field keys", "wrong", str(error), "`stead keys new` prints the setting as it should be.")
    if newest != encryption.DERIVED:
        return Finding("field keys", "good", f"Fields are encrypted with a key of their own, {newest}")
    return Finding(
        "field keys", "look", "Fields are encrypted with a key derived from the secret",
        "Set what `stead keys new` prints, then run `stead keys rotate`: secret and keys then change apart.",
    )  # fmt: skip


def _mail() -> Finding:
    host = os.environ.get("STEAD_SMTP_HOST")
    if not host:
        return Finding("mail", "look", "No mail server: e-mails wait in the outbox", "Set STEAD_SMTP_HOST and _PORT.")
    import socket

    said = os.environ.get("STEAD_SMTP_PORT", "25")
    if not (said.isascii() and said.isdigit() and 0 < int(said) < 65536):
        return Finding("mail", "wrong", f"STEAD_SMTP_PORT is “{said}”, which is no port", "Set it to a number: 587.")
    port = int(said)
    try:
        with socket.create_connection((host, port), timeout=5):
            return Finding("mail", "good", f"{host}:{port} answers")
    except OSError as error:
        return Finding("mail", "wrong", f"{host}:{port} does not answer ({error})", "Check the address and firewall.")


def _disk(state: Path) -> Finding:
    free = shutil.disk_usage(state).free
    words = f"{free // 1024**3} GB free"
    if free < LEAST_FREE_BYTES:
        return Finding("disk", "wrong", words, "Make room: files, backups and the database stop when it is full.")
    return Finding("disk", "good", words)


def _folder(folder: Path, name: str) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".doctor"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        return Finding(name, "wrong", f"{folder} cannot be written ({error.strerror})", "Give it to Stead's account.")
    return Finding(name, "good", f"{folder} can be written")


def _database(found: Deployment) -> Iterator[Finding]:
    with psycopg.connect(found.admin_url, autocommit=True) as admin:
        version = admin.info.server_version // 10000
        if version < 18:
            yield Finding("database", "wrong", f"PostgreSQL {version}", "Stead needs PostgreSQL 18 or newer.")
            return
        yield Finding("database", "good", f"PostgreSQL {version} answers")
        yield _roles(admin)
    found.export(admin=True)
    set_up()
    yield _catalogue()
    yield _runtime(found)
    yield from _life()
    yield _gates()


def _roles(admin: psycopg.Connection[tuple[object, ...]]) -> Finding:
    wanted = {LOGIN, OWNER, *RUNTIME.values()}
    held = {str(row[0]): row for row in admin.execute("select rolname, rolsuper, rolbypassrls from pg_roles")}
    if missing := sorted(wanted - held.keys()):
        return Finding("roles", "wrong", f"Missing: {', '.join(missing)}", "Run `stead migrate`.")
    if strong := [r for r in (LOGIN, *RUNTIME.values()) if held[r][1] or held[r][2]]:
        return Finding(
            "roles", "wrong", f"{', '.join(strong)} may read past row-level security",
            "ALTER ROLE … NOSUPERUSER NOBYPASSRLS, then find out who gave it.",
        )  # fmt: skip
    return Finding("roles", "good", "The runtime roles hold no more than they should")


def _catalogue() -> Finding:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor
    from django.db.utils import ProgrammingError

    from stead.platform.tenancy import catalogue

    executor = MigrationExecutor(connections["owner"])
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        return Finding("schema", "wrong", f"{len(pending)} migrations are pending", "Run `stead migrate`.")
    try:
        with connections["owner"].cursor() as cursor:
            cursor.execute("select fingerprint from stead.catalogue_state where id = 1")
            row = cursor.fetchone()
    except ProgrammingError:
        row = None
    if row is None or row[0] != catalogue.fingerprint():
        return Finding("schema", "wrong", "Policies and grants are of another version", "Run `stead migrate`.")
    return Finding("schema", "good", "Tables, policies and grants are of this version")


def _runtime(found: Deployment) -> Finding:
    try:
        with psycopg.connect(found.runtime_url, connect_timeout=5):
            return Finding("runtime login", "good", f"{LOGIN} gets in")
    except psycopg.OperationalError:
        return Finding(
            "runtime login", "wrong", f"{LOGIN} does not get in",
            "Run `stead migrate` with the secret that the web uses; it sets the login's password from it.",
        )  # fmt: skip


_WAITING = "select count(*), min(e.at) from journal_pending p join journal_entry e using (practice_id, id)"


# A job of a practice stands on its page of dead jobs. A round is nobody's, and comes again by itself.
_DEAD_JOBS = f"""
select count(*) filter (where j.args ? 'practice'),
  array_agg(distinct replace(j.task_name, 'every:', '')) filter (where not j.args ? 'practice' and exists (
    select from procrastinate_events e where e.job_id = j.id and e.type = 'failed'
    and e.at > now() - interval '{ROUNDS_SEEN_HOURS} hours'))
from procrastinate_jobs j where j.status = 'failed'
"""  # noqa: S608  a number of ours


def _life() -> Iterator[Finding]:
    from django.db import connections
    from django.db.utils import ProgrammingError

    try:
        with connections["owner"].cursor() as cursor:
            cursor.execute(_WAITING)
            waiting, oldest = cursor.fetchone()
            cursor.execute(_DEAD_JOBS)
            dead, ours = cursor.fetchone()
    except ProgrammingError:
        yield Finding("seals", "wrong", "Tables of the journal or of jobs are missing", "Run `stead migrate`.")
        return
    lag = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0
    if lag > SEAL_LAG_SECONDS:
        yield Finding(
            "seals", "look", f"{waiting} journal lines wait for a seal, the oldest {lag / 60:.0f} minutes",
            "Is a worker running? Start `stead worker`.",
        )  # fmt: skip
    else:
        yield Finding("seals", "good", f"{waiting} journal lines wait for their seal")
    if dead:
        yield Finding("jobs", "wrong", f"{dead} jobs gave up", "The page of dead jobs says why, and runs them again.")
    else:
        yield Finding("jobs", "good", "No job gave up")
    if ours:
        words = f"These came round in the last {ROUNDS_SEEN_HOURS} hours and failed: {', '.join(ours)}"
        yield Finding("rounds", "wrong", words, "The worker's log says why, and for which practice.")
    else:
        yield Finding("rounds", "good", "What comes round by itself came to every practice")


def _gates() -> Finding:
    from django.db.utils import ProgrammingError

    from stead.config.verifying import unaskable_gates

    try:
        found = list(unaskable_gates())
    except ProgrammingError:  # no tables yet: said above
        return Finding("gates", "look", "Gates cannot be read before the schema is there")
    if not found:
        return Finding("gates", "good", "Every gate and playbook in force can be asked")
    names = "; ".join(f"{one.kind} {one.name} of {practice}: {one.why}" for practice, one in found)
    return Finding(
        "gates", "wrong", f"{len(found)} cannot be asked any more, so a gate lets nothing pass: {names}",
        "Open Playbooks, change the clause to a fact of docs/reference/facts.md, and publish it again.",
    )  # fmt: skip


def _backups(state: Path) -> Finding:
    note = state / "last-backup"
    folder = Path(note.read_text()) if note.is_file() else None
    if folder is None or not folder.is_dir():
        return Finding("backups", "look", "No backup was made from here", "Run `stead backup FOLDER` every night.")
    hours = (datetime.now(UTC).timestamp() - folder.stat().st_mtime) / 3600
    if hours > BACKUP_AGE_HOURS:
        return Finding("backups", "wrong", f"The newest backup is {hours:.0f} hours old", "Run `stead backup FOLDER`.")
    return Finding("backups", "good", f"The newest backup is {hours:.0f} hours old")
