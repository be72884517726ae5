"""The world outside the demo, as one process: payers that answer mailbox files, and a mail server that keeps mail."""

from __future__ import annotations

import logging
import signal
import threading
from pathlib import Path

from stead.platform import clock
from stead.simulation.mail_sink import MailSink
from stead.simulation.payer import SandboxPayer

LOOK_SECONDS = 2.0
logger = logging.getLogger(__name__)


def run_sandbox(state: Path, smtp_port: int) -> None:
    """Play until SIGTERM or Ctrl-C."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    payers: dict[Path, SandboxPayer] = {}
    with MailSink(state / "mail", port=smtp_port):
        while not stopping.wait(LOOK_SECONDS):
            for folder in sorted((state / "mailboxes").glob("*/")):
                _play(payers.setdefault(folder, SandboxPayer(folder)), folder)


def _play(payer: SandboxPayer, folder: Path) -> None:
    try:
        payer.run(clock.now())
    except Exception:  # the demo's outside world must not stop at one file it cannot read
        logger.exception("The sandbox payer stumbled over a file in %s.", folder.name)
