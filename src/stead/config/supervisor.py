"""`stead demo`: one process that keeps database, web, worker and sandbox running, and stops them all."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from importlib.util import find_spec
from types import FrameType

import httpx
import typer

from stead.config.children import Child, stop_all
from stead.config.commands.shared import set_up
from stead.config.environment import Deployment, deployment

Progress = Callable[[str], None]
LOOK_SECONDS = 1.0
FIRST_PAGE_PATIENCE = 60.0


class PortTaken(RuntimeError):
    pass


def run_demo(host: str, port: int, say: Progress) -> int:
    """Run until Ctrl-C or SIGTERM. Returns the exit status."""
    started = time.monotonic()
    stopping = _stop_on_signals()
    if not _is_free(host, port):
        say(f"Port {port} is taken. Stop what uses it, or choose another: stead demo --port {port + 1}")
        return 2
    with deployment(say) as found:
        prepare(found, say)
        if stopping.is_set():
            return 0
        web, *others = children = _children(found, host, port)
        try:
            web.start()  # alone: the first page waits for nothing that it does not need
            address = f"http://{host}:{port}"
            is_there = await_page(f"{address}/sign-in/", stopping)
            for child in others:
                child.start()
            if is_there:
                _greet(address, time.monotonic() - started)
            elif not stopping.is_set():
                say(f"No page has answered at {address} within a minute. Still waiting; STEAD_LOG=1 shows why.")
            keep_running(found, children, stopping, say)
        finally:
            say("Stopping")
            stop_all(children)
    say("Stopped. Everything is kept in " + str(found.state))
    return 0


def prepare(found: Deployment, say: Progress) -> None:
    """Migrate, collect static files and make the demo practice if it is not there; as administrator."""
    os.environ["STEAD_DEMO"] = "1"
    found.export(admin=True)
    say("Loading Stead")
    set_up()
    from django.db import connections

    from stead.config.serving import collect_static
    from stead.platform.accounts.models import Practice
    from stead.platform.tenancy.migrate import migrate
    from stead.simulation.demo import create_demo_practice

    migrate(found.admin_url, say)
    collect_static()
    if not Practice.objects.filter(is_demo=True).exists():
        say("Making the demo practice")
        create_demo_practice(say)
    connections.close_all()


def _children(found: Deployment, host: str, port: int) -> list[Child]:
    smtp_port = free_port()
    environment = found.runtime_environment() | {
        "STEAD_DEMO": "1",
        "STEAD_HOSTS": f"localhost,127.0.0.1,[::1],{host}",
        "STEAD_SMTP_HOST": "127.0.0.1",
        "STEAD_SMTP_PORT": str(smtp_port),
    }
    children = [
        Child("web", ["serve", "--host", host, "--port", str(port)], environment),
        Child("worker", ["worker", "--concurrency", "2"], environment),
    ]
    if find_spec("stead.simulation.payer") and find_spec("stead.simulation.mail_sink"):
        children.append(Child("sandbox", ["sandbox", "--smtp-port", str(smtp_port)], environment))
    return children


def keep_running(found: Deployment, children: list[Child], stopping: threading.Event, say: Progress) -> None:
    """Look once a second; start again whatever has died."""
    from stead.platform.database.errors import DatabaseTrouble

    while not stopping.wait(LOOK_SECONDS):
        if found.cluster is not None:
            try:
                found.cluster.ensure_running(say)
            except DatabaseTrouble as trouble:
                say(f"{trouble} The next attempt follows at once.")
        for child in children:
            if child.mend():
                say(f"The {child.name} had stopped and was started again")


def await_page(url: str, stopping: threading.Event) -> bool:
    """Wait until the page answers; False if told to stop, or after a minute."""
    deadline = time.monotonic() + FIRST_PAGE_PATIENCE
    while time.monotonic() < deadline and not stopping.wait(0.1):
        try:
            if httpx.get(url, timeout=10).status_code < 500:
                return True
        except httpx.TransportError:
            continue
    return False


def _greet(address: str, seconds: float) -> None:
    from stead.simulation.demo.logins import LOGINS, PASSWORD

    typer.echo(f"\nStead is ready at {address} ({seconds:.1f} s). Ctrl-C stops it.\n")
    typer.echo(f"  {'role':<12} {'name':<18} sign in with (password for all: {PASSWORD})")
    for login in LOGINS:
        typer.echo(f"  {login.role.replace('_', ' '):<12} {login.name:<18} {login.email}")
    typer.echo("\nThe practice, its patients and payers are invented. Do not put real patients into a demo.\n")


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    return stopping


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
