"""The authenticator app: six digits that change every 30 seconds (RFC 6238, SHA-1, as every app understands)."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from stead.platform import encryption
from stead.platform.accounts.factor_models import Totp
from stead.platform.accounts.models import Account

STEP_SECONDS = 30
DRIFT = 1
"""Steps a phone's clock may be off, either way."""


def begin(account: Account) -> str:
    """Make a new secret, not yet in force, and return it in base32 as people type it."""
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    sealed = encryption.seal(secret, practice=encryption.NOWHERE, record=account.id, field="totp")
    Totp.objects.update_or_create(
        account=account, defaults={"secret_encrypted": sealed, "confirmed_at": None, "last_step": 0}
    )
    return secret


def secret_of(row: Totp) -> str:
    return encryption.unseal(row.secret_encrypted, practice=encryption.NOWHERE, record=row.account_id, field="totp")


def code_at(secret: str, at: datetime) -> str:
    """Return the six digits of the instant."""
    made = TOTP(base64.b32decode(secret), 6, SHA1(), STEP_SECONDS)  # noqa: S303  RFC 6238; HMAC needs no collisions
    return made.generate(int(at.timestamp())).decode()


def is_right(row: Totp, code: str, at: datetime) -> bool:
    """Check a code and use it up: the step is remembered in one statement, so two at once cannot both pass."""
    digits = "".join(code.split())
    now = int(at.timestamp()) // STEP_SECONDS
    for step in range(now - DRIFT, now + DRIFT + 1):
        wanted = code_at(secret_of(row), datetime.fromtimestamp(step * STEP_SECONDS, at.tzinfo))
        if secrets.compare_digest(wanted.encode(), digits.encode()):
            return bool(Totp.objects.filter(id=row.id, last_step__lt=step).update(last_step=step))
    return False


def confirm(row: Totp, code: str, at: datetime) -> bool:
    """Put the secret in force once its first code was typed back."""
    if not is_right(row, code, at):
        return False
    Totp.objects.filter(id=row.id).update(confirmed_at=at)
    return True


def find_confirmed(account: Account) -> Totp | None:
    return Totp.objects.filter(account=account, confirmed_at__isnull=False).first()


def address_for_app(account: Account, secret: str) -> str:
    """Return the otpauth address that the app reads."""
    label = quote(f"Stead:{account.email}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': 'Stead'})}"


def picture(address: str) -> str:
    """Return the QR code as a data address; white behind it, as scanners need it in a dark theme too."""
    return str(segno.make(address, error="m").svg_data_uri(scale=5, light="#fff", dark="#000"))
