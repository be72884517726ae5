"""`stead demo`, `migrate`, `serve`, `worker`, `sandbox`, `manage`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from stead.config.children import die_with_parent
from stead.config.commands.shared import administering, answer, refuse, say, set_up
from stead.config.environment import serving_deployment

Port = Annotated[int, typer.Option(help="Port to listen on.")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]


def demo(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    check: Annotated[bool, typer.Option(help="Start, sign in as each role, stop; print one JSON line.")] = False,
) -> None:
    """Start a living demo practice: database, web, worker, sandbox payer. Ctrl-C stops all of it."""
    if check:
        from stead.config.demo_check import check_demo

        result = check_demo(say)
        answer(result)
        raise typer.Exit(0 if result["ok"] else 1)
    from stead.config.supervisor import run_demo

    raise typer.Exit(run_demo(host, port, say))


def migrate() -> None:
    """Bring the database to what this version needs. Safe to repeat."""
    with administering(migrated=False) as found:
        from stead.platform.tenancy.migrate import DatabaseTooOld
        from stead.platform.tenancy.migrate import migrate as run

        try:
            run(found.admin_url, say)
        except DatabaseTooOld as old:
            refuse(str(old))
        say("The database is up to date.")


def serve(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="Processes; about one per core.")] = 1,
) -> None:
    """Serve pages and live events. Knows only STEAD_RUNTIME_URL, never the administrator's address."""
    die_with_parent()
    with serving_deployment(say) as found:
        found.export(admin=False)
        set_up()
        from stead.config.serving import collect_static, run_web

        collect_static()
        say(f"Serving at http://{host}:{port}")
        run_web(host, port, workers, found.state)


def worker(
    concurrency: Annotated[int, typer.Option(help="Jobs at the same time.")] = 4,
    queues: Annotated[str, typer.Option(help="Only these queues, with commas between; all if empty.")] = "",
) -> None:
    """Run jobs: what actions enqueued and what comes round by itself. Start as many as you like."""
    die_with_parent()
    with serving_deployment(say) as found:
        found.export(admin=False)
        set_up()
        from stead.config.working import run_worker

        run_worker(concurrency, [q for q in queues.split(",") if q] or None)


def sandbox(
    smtp_port: Annotated[int, typer.Option(help="Port of the mail sink.")] = 0,
) -> None:
    """Play the world outside for the demo: a payer that answers mailbox files, and a mail server that keeps mail."""
    die_with_parent()
    with serving_deployment(say) as found:
        found.export(admin=False)
        set_up()
        from stead.simulation.sandbox import run_sandbox

        run_sandbox(found.state, smtp_port)


def manage(context: typer.Context) -> None:
    """Pass everything to Django's own commands."""
    os.environ.setdefault("STEAD_STATE", ".stead")
    with administering(migrated=False):
        from django.core.management import execute_from_command_line

        execute_from_command_line(["stead manage", *context.args])


def register(app: typer.Typer) -> None:
    for command in (demo, migrate, serve, worker):
        app.command()(command)
    app.command(hidden=True)(sandbox)
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(manage)
