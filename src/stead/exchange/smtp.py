"""Hand e-mail to the practice's own server over SMTP.

STEAD_SMTP_HOST and STEAD_SMTP_PORT name it, STEAD_SMTP_USER and STEAD_SMTP_PASSWORD sign in, STEAD_SMTP_FROM is the
sender; STEAD_SMTP_TLS is "starttls" (the default where a user is named), "tls" or "none". The reply decides: 5xx to
the recipient or the mail is final (RFC 5321 §4.2.1); 4xx, a broken line and silence may pass and are tried again. So is
a 5xx before the recipient was named: a wrong password or a refused sender is the deployment's to mend, and says nothing
of the message.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from stead.messaging.models import OutboxMessage
from stead.messaging.terms import Delivery
from stead.platform.jobs.queue import OutsideFailure

TIMEOUT_SECONDS = 20
REPLY_SHOWN = 120


@dataclass(frozen=True)
class SmtpSettings:
    """Where mail goes out and under which sender."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    tls: str = "none"


def find_settings() -> SmtpSettings | None:
    """Read the deployment's mail server; None where none is named."""
    host = os.environ.get("STEAD_SMTP_HOST", "")
    if not host:
        return None
    user = os.environ.get("STEAD_SMTP_USER", "")
    return SmtpSettings(
        host=host,
        port=int(os.environ.get("STEAD_SMTP_PORT", "25")),
        sender=os.environ.get("STEAD_SMTP_FROM", "no-reply@localhost"),
        user=user,
        password=os.environ.get("STEAD_SMTP_PASSWORD", ""),
        tls=os.environ.get("STEAD_SMTP_TLS", "starttls" if user else "none"),
    )


def find_carrier() -> SmtpCarrier | None:
    settings = find_settings()
    return SmtpCarrier(settings) if settings else None


class SmtpCarrier:
    """One conversation per message: mail is rare enough, and a shared line would tie one refusal to another message."""

    def __init__(self, settings: SmtpSettings, timeout: float = TIMEOUT_SECONDS) -> None:
        self.settings = settings
        self.timeout = timeout

    def carry(self, message: OutboxMessage) -> Delivery:
        """Hand the message over and return the server's yes with our Message-ID."""
        mail = _composed(message, self.settings.sender)
        with _as_outside_failure(), self._line() as line:
            line.ehlo_or_helo_if_needed()
            _expect(line.mail(self.settings.sender))
            _expect(line.rcpt(message.to), final=True)
            code, said = _expect(line.data(mail.as_bytes(policy=SMTP)), final=True)
            # The server has it now; whatever happens to the farewell changes nothing.
            return Delivery(reference=str(mail["Message-ID"]), reply=f"{code} {_shown(said)}".strip())

    @contextmanager
    def _line(self) -> Iterator[smtplib.SMTP]:
        settings = self.settings
        if settings.tls == "tls":
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=self.timeout, context=ssl.create_default_context()
            )
        else:
            line = smtplib.SMTP(settings.host, settings.port, timeout=self.timeout)
        try:
            if settings.tls == "starttls":
                line.starttls(context=ssl.create_default_context())
            if settings.user:
                line.login(settings.user, settings.password)
            yield line
        finally:
            _say_goodbye(line)


def compose(message: OutboxMessage, sender: str) -> EmailMessage:
    """Make the mail. Its Message-ID is made of the row, so a second copy of it is recognisable as the same mail."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, message.to, message.subject
    mail["Message-ID"] = f"<{message.id.hex}@{sender.rpartition('@')[2] or 'localhost'}>"
    mail["Date"] = format_datetime(message.created_at)
    mail["Content-Language"] = message.language
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    return mail


def _composed(message: OutboxMessage, sender: str) -> EmailMessage:
    """Make the mail, or fail for good: what cannot be written today, such as a line break in an address, cannot be
    written tomorrow."""
    try:
        return compose(message, sender)
    except (ValueError, LookupError, AttributeError, UnboundLocalError) as error:
        # The library's address parser ends on odd addresses in any of these ways ("a:", "@[", two lines).
        words = f"The address or subject cannot be written into a mail ({type(error).__name__})."
        raise OutsideFailure(words, permanent=True) from error


class _Refused(Exception):
    def __init__(self, code: int, said: bytes, final: bool) -> None:
        self.code, self.said, self.final = code, said, final


def _expect(reply: tuple[int, bytes], *, final: bool = False) -> tuple[int, bytes]:
    """Go on after a yes. `final` says that a 5xx here speaks of this message."""
    if not 200 <= reply[0] < 300:
        raise _Refused(*reply, final)
    return reply


@contextmanager
def _as_outside_failure() -> Iterator[None]:
    """Turn every way in which mail is not taken into one failure that says whether trying again makes sense."""
    try:
        yield
    except _Refused as refused:
        raise _failure(refused.code, refused.said, final=refused.final) from None
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        raise _failure(error.smtp_code, said, final=isinstance(error, smtplib.SMTPDataError)) from None
    except smtplib.SMTPNotSupportedError:
        raise OutsideFailure("The mail server does not offer what the settings ask for.", permanent=False) from None
    except UnicodeEncodeError:
        raise OutsideFailure("The address has letters that mail cannot carry.", permanent=True) from None
    except (smtplib.SMTPException, OSError) as error:
        raise OutsideFailure(f"The mail server cannot be reached ({type(error).__name__}).", permanent=False) from None


def _failure(code: int, said: bytes, *, final: bool) -> OutsideFailure:
    return OutsideFailure(f"{code} {_shown(said)}".strip(), permanent=final and 500 <= code < 600)


def _shown(said: bytes) -> str:
    return " ".join(said.decode("utf-8", "replace").split())[:REPLY_SHOWN]


def _say_goodbye(line: smtplib.SMTP) -> None:
    try:
        line.quit()
    except (smtplib.SMTPException, OSError):
        line.close()
