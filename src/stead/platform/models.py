"""All tables of the platform, gathered for Django."""

from stead.platform.access.models import BreakGlass, PatientAccess
from stead.platform.accounts.factor_models import Passkey, RecoveryCode, SignedIn, SignInTry, Totp
from stead.platform.accounts.models import Account, ApiToken, Membership, Practice
from stead.platform.files.models import StoredFile
from stead.platform.idempotency.models import IdempotencyKey
from stead.platform.jobs.models import Effect
from stead.platform.journal.models import JournalEntry, JournalHead, JournalPending, JournalSeal, JournalSealed

__all__ = [
    "Account",
    "ApiToken",
    "BreakGlass",
    "Effect",
    "IdempotencyKey",
    "JournalEntry",
    "JournalHead",
    "JournalPending",
    "JournalSeal",
    "JournalSealed",
    "Membership",
    "Passkey",
    "PatientAccess",
    "Practice",
    "RecoveryCode",
    "SignInTry",
    "SignedIn",
    "StoredFile",
    "Totp",
]
