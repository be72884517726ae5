"""By an invitation to a visit, and from a visit to an account: what lies above the practices, so outside their context.
Reading an invitation consumes nothing, however often a scanner of mails does it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from stead.intake import rules
from stead.intake.models import PortalInvitation
from stead.platform.accounts import limits, passwords
from stead.platform.accounts.models import Account, Membership, Practice
from stead.platform.refusals import InvalidInput


class PasswordWrong(InvalidInput):
    words = "This is not the password of your sign-in. Try once more, or call us."


def find_invitation(token: str) -> PortalInvitation | None:
    """Return the invitation of this token with its patient, used or not."""
    found = PortalInvitation.objects.select_related("patient").filter(token_sha256=rules.token_hash(token))
    return found.first()


def is_over(invitation: PortalInvitation, at: datetime) -> bool:
    try:
        rules.check_invitation_holds(
            used_at=invitation.used_at,
            ended_at=invitation.ended_at,
            expires_at=invitation.expires_at,
            tries=invitation.tries,
            at=at,
        )
    except rules.InvitationEnded:
        return True
    return False


def count_entry(address: str, at: datetime) -> None:
    """Take one try of this network address, over all links together; each link has its own five besides."""
    try:
        limits.count_try("enter", "", address, at)
    except limits.TooManyTries:
        raise rules.TooManyEntries() from None


def forget_entries(address: str) -> None:
    limits.forget_tries("enter", "", address)


def find_account(email: str) -> Account | None:
    return Account.objects.filter(email=email.lower()).first()


def has_sign_in(practice: Practice, patient_id: UUID) -> bool:
    """Answer whether the patient has a sign-in here. A link then makes no second one: whoever holds it would take the
    pages over from their owner."""
    rows = Membership.objects.filter(practice=practice, kind="patient", person_id=patient_id, ended_at=None)
    return rows.filter(account__is_active=True).exists()


def count_password(email: str, address: str, at: datetime) -> None:
    """Take one try of an account's password, as at the sign-in. Outside the transaction that a wrong one takes back."""
    limits.count_try("password", email.lower(), address, at)


def account_for(email: str, password: str) -> Account:
    """Return the account of the e-mail: made with the password, or the one it has already if the password is its."""
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
