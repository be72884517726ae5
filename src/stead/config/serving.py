"""Serve pages and live events with granian, static files straight from the folder that `collectstatic` filled."""

from __future__ import annotations

import os
from pathlib import Path

KILL_AFTER_SECONDS = 3
"""Granian waits for open event streams without end; this bounds it (stack.md §5)."""


def collect_static() -> None:
    """Copy the rooms' static files into STATE/static; files that have not changed are left."""
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)


def run_web(host: str, port: int, workers: int, state: Path) -> None:
    """Serve until SIGTERM or Ctrl-C. Each worker serves pages and streams; start more for more cores."""
    os.environ["STEAD_SERVING"] = "1"
    os.environ["STEAD_DIES_WITH"] = str(os.getpid())  # granian's workers must not outlive granian
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "stead.config.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=workers,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=KILL_AFTER_SECONDS,
        static_path_route=["/static"],
        static_path_mount=[state / "static"],
        log_enabled=os.environ.get("STEAD_LOG") is not None,
        websockets=False,
    ).serve()
