"""Recovery codes: ten codes of 80 bits to print and keep; each opens the second step once."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from stead.platform.accounts.factor_models import RecoveryCode
from stead.platform.accounts.models import Account

HOW_MANY = 10


def _hash(code: str) -> str:
    plain = "".join(c for c in code.upper() if c.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def make_codes(account: Account) -> list[str]:
    """Replace the account's codes and return the new ones, which are shown once: "ABCD-EFGH-IJKL-MNOP"."""
    codes = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(HOW_MANY)]
    with transaction.atomic():
        RecoveryCode.objects.filter(account=account).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(account=account, code_sha256=_hash(c)) for c in codes)
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in codes]


def use_code(account: Account, code: str, at: datetime) -> bool:
    """Use a code up. False if it is unknown or was used; two at once cannot both pass."""
    unused = RecoveryCode.objects.filter(account=account, code_sha256=_hash(code), used_at=None)
    return bool(unused.update(used_at=at))


def how_many_left(account: Account) -> int:
    return RecoveryCode.objects.filter(account=account, used_at=None).count()
