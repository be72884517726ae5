"""`stead verify`, `backup`, `restore`, `import fhir`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stead.config.commands.shared import administering, answer, find_practice, refuse, say
from stead.config.environment import deployment

import_app = typer.Typer(no_args_is_help=True, help="Bring in what other systems know.")


def verify() -> None:
    """Check all invariants over the whole database, as owner; status 1 if any is broken."""
    with administering():
        from stead.config.verifying import verify_all

        findings = []
        for finding in verify_all():
            findings.append(finding)
            say(f"{'holds ' if not finding.count else 'BROKEN'}  {finding.words}" + _by(finding.count))
        broken = [f.name for f in findings if f.count]
        answer(
            {
                "name": "verify",
                "ok": not broken,
                "checks": len(findings),
                "broken": broken,
                "counts": {f.name: f.count for f in findings},
            }
        )
    sys.exit(1 if broken else 0)


def _by(count: int) -> str:
    return f" ({count} rows)" if count else ""


def backup(target: Annotated[Path, typer.Argument(help="A new folder for this backup.")]) -> None:
    """Write a backup of the whole database into a new folder; refuses one that exists."""
    from stead.platform.database.backup import backup as run

    with deployment(say) as found:
        manifest = run(found.admin_url, target.absolute(), on_progress=say)
        _remember(found.state, target.absolute())
        answer({"name": "backup", "folder": target, "bytes": manifest.size_bytes, "rows": sum(manifest.rows.values())})


def _remember(state: Path, target: Path) -> None:
    """Note where the newest backup lies, so that `doctor` can say how old it is."""
    (state / "last-backup").write_text(str(target))


def restore(
    source: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    into: Annotated[str, typer.Option(help="Name of a new database on the same server; DATABASE_URL's if empty.")] = "",
) -> None:
    """Restore a backup into an empty database, and compare every table's rows with the backup's."""
    from dataclasses import replace

    import psycopg
    from psycopg import sql

    from stead.platform.database.backup import restore as run
    from stead.platform.database.urls import DatabaseUrl
    from stead.platform.tenancy.roles import ensure_roles

    with deployment(say) as found:
        url = found.admin_url
        with psycopg.connect(url, autocommit=True) as admin:
            ensure_roles(admin, found.secret)
            if into:
                admin.execute(sql.SQL("create database {}").format(sql.Identifier(into)))
                url = replace(DatabaseUrl.parse(url), database=into).compose()
        manifest = run(url, source.absolute(), on_progress=say)
        answer({"name": "restore", "rows": sum(manifest.rows.values()), "taken_at": manifest.taken_at})


@import_app.command("fhir")
def import_fhir(
    folder: Annotated[Path, typer.Argument(help="A folder of FHIR R4 bundles (*.json).")],
    practice: Annotated[str, typer.Option(help="Short name of the practice.")],
) -> None:
    """Import patients, practitioners, coverage and visits. A second run changes nothing; a killed one continues."""
    if not folder.is_dir():
        refuse(f"{folder} is not a folder. Name the folder that holds the *.json bundles.")
    with administering():
        from stead.fhir.importing import import_folder

        result = import_folder(folder, find_practice(practice).id, say)
        answer(result.as_json())
    sys.exit(0 if result.arrived else 1)


def register(app: typer.Typer) -> None:
    for command in (verify, backup, restore):
        app.command()(command)
    app.add_typer(import_app, name="import")
