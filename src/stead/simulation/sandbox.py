"""The world outside the demo: a payer at every practice's mailbox, and a mail server that keeps mail as files.

Runs as a process of its own, so that the practice talks to it as to any payer: by files and by SMTP, and goes on when
it is gone.
"""

from __future__ import annotations

import logging
import signal
import threading
from pathlib import Path

from stead.platform import clock
from stead.simulation.mail_sink import MailSink
from stead.simulation.payer import Pace, SandboxPayer

logger = logging.getLogger(__name__)
LOOK_SECONDS = 2.0


def run_sandbox(state: Path, smtp_port: int, stop: threading.Event | None = None) -> None:
    """Answer until SIGTERM or Ctrl-C."""
    ended = stop or threading.Event()
    if stop is None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
    with MailSink(state / "mail", port=smtp_port) as sink:
        logger.info("The sandbox takes mail at port %s.", sink.port)
        while not ended.is_set():
            answer_all(state)
            ended.wait(LOOK_SECONDS)


def answer_all(state: Path) -> int:
    """Let the payer of each mailbox work once; a mailbox that cannot be read is tried again at the next look."""
    delivered = 0
    for folder in sorted((state / "mailboxes").glob("*/")):
        try:
            delivered += len(SandboxPayer(folder, pace=Pace.of_demo()).run(clock.now()))
        except OSError:
            logger.exception("The sandbox payer could not read a mailbox.")
    return delivered
