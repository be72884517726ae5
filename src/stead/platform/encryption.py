"""Encrypt single fields and stored files: AES-256-GCM, bound to practice, record and field, with the key's name inside.

A value looks like `k1:base64(nonce || ciphertext || tag)`. A value copied to another row or column does not open there.
Keys come from STEAD_FIELD_KEYS ("k2:base64,k1:base64", newest first). The last, k0, is derived from the secret unless
it is named there: what was sealed before keys were set stays readable. `stead keys new` prints the setting, `stead keys
rotate` rewrites values under the newest key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from functools import cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE_BYTES = 12
KEY_BYTES = 32
DERIVED = "k0"
NOWHERE = UUID(int=0)
"""The practice of what belongs to none: accounts."""
_NAME = re.compile(r"[a-z][a-z0-9]{0,18}")


class ValueNotReadable(RuntimeError):
    """The key is unknown, or the value was changed or moved. A fault: nothing the person did."""


@cache
def keys() -> dict[str, bytes]:
    """Return key name to 32 bytes, newest first. Raises ImproperlyConfigured for a setting that holds no such keys."""
    derived = hmac.new(settings.SECRET_KEY.encode(), b"stead.fields.v1", hashlib.sha256).digest()
    named = _named()
    return named if DERIVED in named else named | {DERIVED: derived}


def _named() -> dict[str, bytes]:
    parts = [part.strip() for part in os.environ.get("STEAD_FIELD_KEYS", "").split(",") if part.strip()]
    return dict(_key(number, part) for number, part in enumerate(parts, start=1))


def _key(number: int, part: str) -> tuple[str, bytes]:
    """Read "k1:base64"; what is wrong is told by its place, never by its content."""
    name, _, value = part.partition(":")
    if not _NAME.fullmatch(name):
        raise ImproperlyConfigured(f"STEAD_FIELD_KEYS: part {number} does not begin with a key's name, such as k1.")
    try:
        key = base64.b64decode(value, validate=True)
    except ValueError:
        raise ImproperlyConfigured(f"STEAD_FIELD_KEYS: {name} is no base64.") from None
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(f"STEAD_FIELD_KEYS: {name} has {len(key)} bytes; AES-256 needs {KEY_BYTES}.")
    return name, key


def setting_with_new_key() -> str:
    """Return STEAD_FIELD_KEYS with a fresh key before all that are known, the derived one among them."""
    known = keys()
    number = 1 + max((int(name[1:]) for name in known if name[1:].isdigit()), default=0)
    fresh = {f"k{number}": os.urandom(KEY_BYTES)}
    return ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in (fresh | known).items())


def newest_key() -> str:
    return next(iter(keys()))


def seal_bytes(data: bytes, bound_to: str) -> tuple[str, bytes]:
    """Return the key's name and nonce plus ciphertext."""
    name = newest_key()
    nonce = os.urandom(NONCE_BYTES)
    return name, nonce + AESGCM(keys()[name]).encrypt(nonce, data, bound_to.encode())


def open_bytes(key_id: str, sealed: bytes, bound_to: str) -> bytes:
    """Return the plain bytes or raise ValueNotReadable."""
    try:
        return AESGCM(keys()[key_id]).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
    except (KeyError, InvalidTag) as error:
        raise ValueNotReadable(
            f"A value sealed with {key_id} for {bound_to.split('|')[-1]} cannot be opened."
        ) from error


def bound(practice: UUID, record: UUID, field: str) -> str:
    return f"{practice}|{record}|{field}"


def seal(text: str, *, practice: UUID, record: UUID, field: str) -> str:
    """Encrypt a text for one field of one row."""
    name, sealed = seal_bytes(text.encode(), bound(practice, record, field))
    return f"{name}:{base64.b64encode(sealed).decode()}"


def unseal(value: str, *, practice: UUID, record: UUID, field: str) -> str:
    """Decrypt what `seal` made for the same field of the same row."""
    name, _, body = value.partition(":")
    return open_bytes(name, base64.b64decode(body), bound(practice, record, field)).decode()


def reseal(value: str, *, practice: UUID, record: UUID, field: str) -> str:
    """Rewrite a value under the newest key; the same value if it has it already."""
    if value.partition(":")[0] == newest_key():
        return value
    return seal(
        unseal(value, practice=practice, record=record, field=field), practice=practice, record=record, field=field
    )


def blind_index(text: str) -> str:
    """Return a keyed hash by which an encrypted value can be looked up."""
    key = hmac.new(settings.SECRET_KEY.encode(), b"stead.index.v1", hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
