"""E-mail over real SMTP: the sandbox sink, and a second server that is not ours (aiosmtpd)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from stead.exchange.smtp import SmtpCarrier, SmtpSettings, compose, find_carrier
from stead.messaging.models import OutboxMessage
from stead.messaging.ports import find_carrier as carrier_of
from stead.platform.identifiers import uuid7
from stead.platform.jobs.queue import OutsideFailure
from stead.simulation.mail_sink import MailSink, mails

AT = datetime.fromisoformat("2026-11-24T15:42:00+00:00")
PRACTICE = uuid7(AT)


def message(to: str = "dee@example.org", **more: Any) -> OutboxMessage:
    given = {
        "subject": "Mañana: su cita", "body": "Hola Dee:\n\n.un punto\n", "language": "es", "created_at": AT,
        "practice_id": PRACTICE, "id": uuid7(AT), "channel": "email",
    }  # fmt: skip
    return OutboxMessage(to=to, **(given | more))


def carrier(port: int, timeout: float = 5) -> SmtpCarrier:
    return SmtpCarrier(SmtpSettings("127.0.0.1", port, "no-reply@linden.example"), timeout)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[MailSink]:
    with MailSink(tmp_path) as running:
        yield running


def test_mail_arrives_whole_with_an_id_that_never_changes(sink: MailSink) -> None:
    row = message()
    for _ in range(2):
        done = carrier(sink.port).carry(row)
    (mail,) = mails(sink.folder)
    assert done.reference == mail["Message-ID"] == f"<{row.id.hex}@linden.example>"
    assert done.reply.startswith("250")
    assert mail["To"] == "dee@example.org"
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode().replace("\r\n", "\n") == "Hola Dee:\n\n.un punto\n"


@pytest.mark.parametrize(
    ("to", "permanent", "words"),
    [
        ("bounce@example.org", True, "550 5.1.1 no such mailbox"),
        ("later@example.org", False, "451 4.7.1 try again later"),
        ("hangup@example.org", False, "The mail server cannot be reached (SMTPServerDisconnected)."),
    ],
)
def test_refusal_says_whether_to_try_again(sink: MailSink, to: str, permanent: bool, words: str) -> None:
    with pytest.raises(OutsideFailure) as failure:
        carrier(sink.port).carry(message(to))
    assert (failure.value.permanent, str(failure.value)) == (permanent, words)


def test_nobody_listening_and_a_silent_server_may_pass() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        port = deaf.getsockname()[1]
        with pytest.raises(OutsideFailure) as refused:
            carrier(port).carry(message())
        deaf.listen()
        with pytest.raises(OutsideFailure) as silent:
            carrier(port, timeout=0.2).carry(message())
    assert not refused.value.permanent
    assert not silent.value.permanent


class _Scripted:
    """An aiosmtpd handler that refuses at DATA with the given reply."""

    def __init__(self, reply: str) -> None:
        self.reply, self.bodies = reply, list[bytes]()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        self.bodies.append(envelope.content)
        return self.reply


@pytest.mark.parametrize(
    ("reply", "permanent"), [("250 taken", None), ("554 spam", True), ("452 disk full", False), ("421 busy", False)]
)
def test_another_server_understands_us_and_its_reply_decides(reply: str, permanent: bool | None) -> None:
    handler = _Scripted(reply)
    server = Controller(handler, hostname="127.0.0.1", port=_free_port())
    server.start()
    try:
        if permanent is None:
            assert carrier(server.port).carry(message()).reply.startswith("250 taken")
        else:
            with pytest.raises(OutsideFailure) as failure:
                carrier(server.port).carry(message())
            assert failure.value.permanent is permanent
    finally:
        server.stop()
    assert b"Subject: =?utf-8?" in handler.bodies[0]
    assert handler.bodies[0].count(b"\n") == handler.bodies[0].count(b"\r\n")


def test_wrong_password_is_no_fault_of_the_message() -> None:
    server = Controller(
        _Scripted("250 taken"), hostname="127.0.0.1", port=_free_port(), auth_require_tls=False,
        authenticator=lambda *_: AuthResult(success=False, handled=False),
    )  # fmt: skip
    server.start()
    settings = SmtpSettings("127.0.0.1", server.port, "no-reply@linden.example", "linden", "wrong", "none")
    try:
        with pytest.raises(OutsideFailure, match="535") as failure:
            SmtpCarrier(settings).carry(message())
    finally:
        server.stop()
    assert not failure.value.permanent


def test_address_that_mail_cannot_carry_is_final(sink: MailSink) -> None:
    with pytest.raises(OutsideFailure) as failure:
        carrier(sink.port).carry(message("dée@exämple.org"))
    assert failure.value.permanent


@pytest.mark.parametrize(
    "more",
    [
        {"to": "dee@example.org\r\nRCPT TO:<eve@example.org>"},
        {"to": " :."},
        {"to": ":;])\x1f"},
        {"to": "\x1f@[_b,b"},
        {"subject": "Hi\r\nBcc: eve@example.org"},
    ],
)
def test_value_that_no_mail_can_hold_fails_its_message_for_good(sink: MailSink, more: dict[str, str]) -> None:
    with pytest.raises(OutsideFailure, match="cannot be written into a mail") as failure:
        carrier(sink.port).carry(message(**more))
    assert failure.value.permanent
    assert mails(sink.folder) == []


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_subject_of_two_lines_is_refused_by_the_library() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        compose(message(subject="Hi\r\nBcc: eve@example.org"), "no-reply@linden.example")


def test_carrier_comes_from_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEAD_SMTP_HOST", raising=False)
    assert find_carrier() is None
    monkeypatch.setenv("STEAD_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("STEAD_SMTP_PORT", "2525")
    found = carrier_of("email")
    assert isinstance(found, SmtpCarrier)
    assert (found.settings.port, found.settings.tls) == (2525, "none")
    monkeypatch.setenv("STEAD_SMTP_USER", "linden")
    assert find_carrier().settings.tls == "starttls"  # type: ignore[union-attr]  # a host is named
