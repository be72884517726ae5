"""Serve pages and live events with granian, static files straight from the folder that `collectstatic` filled."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path
from types import FrameType

from stead.platform.web.stopping import VARIABLE

KILL_AFTER_SECONDS = 5
"""A worker that a slow request holds longer than this at shutdown is ended; open streams end by themselves before."""


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

    server = Granian(
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
    )
    with tempfile.TemporaryDirectory(prefix="stead-web-") as folder:
        flag = Path(folder) / "stopping"
        os.environ[VARIABLE] = str(flag)
        server.on_startup(lambda: _raise_at_stop(flag))
        server.serve()


def _raise_at_stop(flag: Path) -> None:
    """Have SIGTERM and Ctrl-C raise the flag before they do what granian does: its workers wait for open streams
    without end, tell the application nothing (`lifespan.shutdown` comes after the last stream), and read only this."""

    for number in (signal.SIGINT, signal.SIGTERM):
        granian = signal.getsignal(number)

        def stop(number: int, frame: FrameType | None, granian: object = granian) -> None:
            flag.touch()
            if callable(granian):
                granian(number, frame)

        signal.signal(number, stop)
