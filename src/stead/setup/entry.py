"""From an invitation to an account of the directory: what lies above the practices, so outside its context."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from stead.platform.accounts import passwords
from stead.platform.accounts.models import Account, Membership, Practice
from stead.platform.actors import Actor, public
from stead.platform.tenancy.context import acting
from stead.setup import actions, rules
from stead.setup.models import StaffInvitation


def find_invitation(practice: Practice, token: str) -> StaffInvitation | None:
    """Return the invitation of this token with its person, used or not."""
    with acting(practice.id, public()):
        rows = StaffInvitation.objects.select_related("staff")
        return rows.filter(token_sha256=rules.token_hash(token)).first()


def find_account(email: str) -> Account | None:
    return Account.objects.filter(email=email.lower()).first()


def is_in(account: Account | None, practice: Practice, person_id: UUID) -> bool:
    """Answer whether this account works there as that person: somebody who presses twice is in already."""
    mine = Membership.objects.filter(account=account, practice=practice, kind="staff", person_id=person_id)
    return account is not None and mine.filter(ended_at=None).exists()


def new_account(email: str, password: str) -> Account:
    """Make the account of an address that has none, with its first password."""
    account = Account(email=email.lower())
    passwords.check_new(password, email=email, second_factor=False)
    account.set_password(password)
    account.save(force_insert=True)
    return account


def take(practice: Practice, invitation: StaffInvitation, account: Account, at: datetime) -> Membership:
    """Use the invitation up and let the account work there, both or neither. Refuses an account of another address: the
    link says that somebody read that mailbox, and nothing of any other person."""
    if account.email != invitation.email:
        raise rules.OtherAccount()
    person = invitation.staff
    by = Actor(person.id, "staff", person.name, frozenset({"public"}))
    with transaction.atomic():
        with acting(practice.id, by):
            actions.take_staff_invitation(practice=practice.id, by=by, at=at, invitation_id=invitation.id)
        membership, _ = Membership.objects.update_or_create(
            practice=practice, account=account, kind="staff", person_id=person.id,
            defaults={"name": person.name, "ended_at": None},
        )  # fmt: skip
    return membership
