"""Programs that a supervisor starts, watches and stops: they never outlive it, and one that dies is started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

PARENT_VARIABLE = "STEAD_DIES_WITH"
LOOK_SECONDS = 0.25
QUICK_DEATH_SECONDS = 5.0
LONGEST_PAUSE = 10.0


def die_with_parent() -> None:
    """End this process, as abruptly as `kill -9` would, when the one that started it is gone.

    A supervisor that was killed cannot say good-bye; its children notice by their parent's number. Nothing committed
    is lost by it, which the kill drill proves. The number comes from the supervisor: it may be gone before we can ask.
    """
    if PARENT_VARIABLE not in os.environ:
        return
    parent = int(os.environ[PARENT_VARIABLE])
    threading.Thread(target=_watch, args=(parent,), daemon=True, name="die-with-parent").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)


@dataclass
class Child:
    """One program of ours, `stead <arguments>`, in its own process group, so that Ctrl-C reaches only us."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    not_before: float = field(default=0.0)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stead.config.cli", *self.arguments],
            env={**self.environment, PARENT_VARIABLE: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno() if hasattr(sys.stderr, "fileno") else None,
            start_new_session=True,
        )
        self.started_at = time.monotonic()

    def mend(self) -> bool:
        """Start it again if it has died; True if it had to be. Repeated deaths are spaced out."""
        if self.process is None or self.process.poll() is None:
            return False
        now = time.monotonic()
        if self.not_before <= self.started_at:
            self.deaths = self.deaths + 1 if now - self.started_at < QUICK_DEATH_SECONDS else 0
            self.not_before = now + min(LONGEST_PAUSE, 0.5 * 2**self.deaths if self.deaths else 0.0)
        if now < self.not_before:
            return False
        self.start()
        return True

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait(self, patience: float) -> None:
        """Wait for its end; after `patience` seconds end it and what it started."""
        if self.process is None:
            return
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def stop_all(children: Sequence[Child], patience: float = 8.0) -> None:
    """Stop them together, each given the same patience."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + patience
    for child in children:
        child.wait(max(0.1, deadline - time.monotonic()))
