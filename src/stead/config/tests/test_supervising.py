"""Children are started again when they die, spaced out when they die at once, and stopped together."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stead.config.children import PARENT_VARIABLE, Child, stop_all
from stead.config.environment import ensure_secret, runtime_url
from stead.platform.database.urls import DatabaseUrl
from stead.platform.tenancy.roles import LOGIN


def _child(code: str, monkeypatch: pytest.MonkeyPatch) -> Child:
    """A child that runs `code` instead of a command of ours."""
    child = Child("test", [], dict(os.environ))
    start = subprocess.Popen

    def popen(_command: object, **given: object) -> object:
        return start([sys.executable, "-c", code], **given)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", popen)
    child.start()
    return child


def _eventually(happened: object, patience: float = 5.0) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if happened():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


def test_a_killed_child_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    child = _child("import time; time.sleep(60)", monkeypatch)
    assert child.process is not None
    first = child.process.pid
    child.process.kill()
    child.process.wait()
    assert _eventually(child.mend)
    assert child.process.pid != first
    stop_all([child])
    assert child.process.poll() is not None


def test_a_child_that_dies_at_once_is_not_started_at_once_again(monkeypatch: pytest.MonkeyPatch) -> None:
    child = _child("raise SystemExit(1)", monkeypatch)
    assert child.process is not None
    child.process.wait()
    assert not child.mend()
    assert child.not_before > time.monotonic()


def test_a_child_that_ignores_the_request_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = (
        "import signal, time, pathlib; signal.signal(15, signal.SIG_IGN); "
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    )
    child = _child(code, monkeypatch)
    assert _eventually(ready.exists)
    stop_all([child], patience=0.3)
    assert child.process is not None and child.process.poll() == -9


def test_the_secret_is_made_once_and_kept_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEAD_SECRET_KEY", raising=False)
    secret = ensure_secret(tmp_path)
    assert len(secret) >= 50
    assert ensure_secret(tmp_path) == secret
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


def test_the_runtime_address_is_not_the_administrators() -> None:
    said = DatabaseUrl.parse(runtime_url("postgresql://boss:pw@db.example:5433/stead?sslmode=require", "s" * 50))
    assert (said.user, said.host, said.port, said.database) == (LOGIN, "db.example", 5433, "stead")
    assert said.password != "pw"
    assert said.options == {"sslmode": "require"}


@pytest.mark.parametrize(
    "start", ["from stead.config.children import die_with_parent; die_with_parent()", "import stead.config.asgi"]
)
def test_a_program_whose_supervisor_died_before_it_could_look_ends_too(start: str) -> None:
    """The second is what granian's workers load: an orphan would keep the port and answer for ever."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    environment = {**os.environ, PARENT_VARIABLE: str(gone.pid)}
    code = f"import time; {start}; time.sleep(60)"
    orphan = subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE)
    try:
        _, said = orphan.communicate(timeout=20)
    finally:
        orphan.kill()
    assert (orphan.returncode, said) == (1, b"")
