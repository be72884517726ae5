"""From an invitation to an account of the directory: what lies above the practices, so outside its context."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from stead.intake import rules
from stead.intake.models import PortalInvitation
from stead.platform.accounts import passwords
from stead.platform.accounts.models import Account, Membership, Practice
from stead.platform.refusals import InvalidInput


class PasswordWrong(InvalidInput):
    words = "This is not the password of your sign-in. Try once more, or call us."


def find_invitation(token: str) -> PortalInvitation | None:
    """Return the invitation of this token with its patient, used or not."""
    found = PortalInvitation.objects.select_related("patient").filter(token_sha256=rules.token_hash(token))
    return found.first()


def check_holds(invitation: PortalInvitation, at: datetime) -> None:
    rules.check_invitation_holds(
        used_at=invitation.used_at,
        ended_at=invitation.ended_at,
        expires_at=invitation.expires_at,
        tries=invitation.tries,
        at=at,
    )


def is_over(invitation: PortalInvitation, at: datetime) -> bool:
    try:
        check_holds(invitation, at)
    except rules.InvitationEnded:
        return True
    return False


def find_account(email: str) -> Account | None:
    return Account.objects.filter(email=email.lower()).first()


def account_for(email: str, password: str) -> Account:
    """Return the account of the address: made with the password, or the one it has already if the password is its."""
    if find_account(email) is not None:
        known = passwords.find_by_password(email, password)
        if known is None:
            raise PasswordWrong(field="password")
        return known
    account = Account(email=email.lower())
    passwords.check_new(password, email=email, second_factor=False)
    account.set_password(password)
    account.save()
    return account


def membership_for(account: Account, practice: Practice, patient_id: UUID, name: str) -> Membership:
    """Return the account's membership as this patient, living again if it had ended."""
    membership, _ = Membership.objects.update_or_create(
        practice=practice,
        account=account,
        kind="patient",
        person_id=patient_id,
        defaults={"name": name, "ended_at": None},
    )
    return membership
