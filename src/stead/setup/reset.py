"""A new password by a link sent to the account's address: above the practices, so outside their context.

Whoever asks gets the same answer in the same time, whether the account exists or not: the page keeps the sealed address
and a job looks it up. The link works once, for an hour, and opens no session: whoever holds it sets a password and then
signs in, with the second step if there is one. Asking again ends the earlier link.

The message leaves through the outbox of one practice where the person is known by this very address. Where there is
none (a record was corrected, somebody left everywhere) nothing leaves, and `stead account reset` makes a link.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from stead.messaging import rules as messaging_rules
from stead.messaging.actions import queue_message
from stead.messaging.queries import zone_of
from stead.messaging.terms import SEALED_MARK
from stead.patients.models import Patient
from stead.platform import actors, encryption
from stead.platform.accounts import passwords, totp
from stead.platform.accounts.factor_models import SignedIn
from stead.platform.accounts.models import Account, Membership, Practice
from stead.platform.accounts.tokens import revoke_tokens_of
from stead.platform.actors import Actor
from stead.platform.jobs.queue import enqueue
from stead.platform.journal.write import write
from stead.platform.tenancy.context import acting
from stead.practice.models import StaffMember
from stead.setup import rules
from stead.setup.models import PasswordReset, ResetRequest
from stead.setup.terms import RESET_FOR

_FIELD = "email"


@dataclass(frozen=True)
class Receiver:
    """Through whose outbox a message to an account leaves, and as whom it is known there."""

    practice: Practice
    person_id: UUID
    is_patient: bool
    not_before: datetime


def ask(email: str, site: str, at: datetime) -> None:
    """Keep the asking for the job. Does the same for an address that nobody has."""
    host = Practice.objects.order_by("id").first()
    if host is None:
        return  # nobody can have an account yet
    row = ResetRequest(site=site, asked_at=at)
    row.email_encrypted = encryption.seal(
        email.strip().lower(), practice=encryption.NOWHERE, record=row.id, field=_FIELD
    )
    with transaction.atomic():
        row.save(force_insert=True)
        with acting(host.id, actors.system()):
            enqueue("setup.answer_reset", request_id=row.id)


def answer(request_id: UUID, at: datetime) -> None:
    """Make the link and queue its mail, if the address is an account's and a practice knows it; forget the asking."""
    with transaction.atomic():
        row = ResetRequest.objects.select_for_update().filter(id=request_id).first()
        if row is None:
            return  # answered by an earlier run of this job
        email = encryption.unseal(row.email_encrypted, practice=encryption.NOWHERE, record=row.id, field=_FIELD)
        row.delete()
        account = Account.objects.filter(email=email, is_active=True).first()
        receiver = find_receiver(account, at) if account else None
        if account is not None and receiver is not None:
            reset, token = make_link(account, max(at, receiver.not_before))
            minutes = str(int(RESET_FOR.total_seconds() // 60))
            link = f"{row.site.rstrip('/')}/sign-in/reset/{token}/"
            _tell(receiver, "password_link", f"password_link:{reset.id}", at, secret=link, minutes=minutes)


def make_link(account: Account, at: datetime) -> tuple[PasswordReset, str]:
    """Return a new link's row and token; an earlier one ends. It holds for an hour from `at`."""
    Account.objects.select_for_update().get(id=account.id)  # two at once: one after the other
    PasswordReset.objects.filter(account=account, used_at=None, ended_at=None).update(ended_at=at)
    token = secrets.token_urlsafe(32)
    row = PasswordReset.objects.create(
        account=account, token_sha256=rules.token_hash(token), made_at=at, expires_at=at + RESET_FOR
    )
    return row, token


def make_link_by_operator(account: Account, at: datetime) -> tuple[PasswordReset, str]:
    """Make a link for whoever runs the server to hand over; every practice of the person has a line that says so."""
    with transaction.atomic():
        made = make_link(account, at)
        _note(account, at, "account.reset_link_made", actors.system())
    return made


def find_link(token: str, at: datetime) -> PasswordReset | None:
    """Return the link of this token if it still holds. Looking at it uses nothing up."""
    found = PasswordReset.objects.select_related("account").filter(token_sha256=rules.token_hash(token))
    row = found.filter(account__is_active=True).first()
    if row is None or not rules.holds(used_at=row.used_at, ended_at=row.ended_at, expires_at=row.expires_at, at=at):
        return None
    return row


def set_password(token: str, password: str, at: datetime) -> Account:
    """Use the link up and keep the password. Every session and every token of the account ends. Refuses a link that is
    over, and a password that is too weak; that one leaves the link as it is."""
    with transaction.atomic():
        found = find_link(token, at)
        row = PasswordReset.objects.select_for_update().filter(id=found.id, used_at=None).first() if found else None
        if row is None or found is None or row.ended_at is not None:
            raise rules.LinkOver()
        account = found.account
        passwords.set_password(account, password, second_factor=totp.find_confirmed(account) is not None)
        PasswordReset.objects.filter(id=row.id).update(used_at=at)
        SignedIn.objects.filter(account=account).delete()
        revoke_tokens_of(account, at)
        receiver = find_receiver(account, at)
        if receiver is not None:
            _tell(receiver, "password_changed", f"password_changed:{row.id}", at)
        _note(account, at, "account.password_reset")
    return account


def find_receiver(account: Account, at: datetime) -> Receiver | None:
    """Return where the account is known by its own address, at work before as a patient. A message goes to the address
    that is on record there, so another one would lead the link to somebody else."""
    living = Membership.objects.select_related("practice").filter(account=account, ended_at=None)
    for membership in living.order_by("-kind", "id"):  # staff before patient
        is_patient = membership.kind == "patient"
        with acting(membership.practice.id, actors.system()):
            person: Patient | StaffMember | None = (
                Patient.objects.get_or_none(id=membership.person_id) if is_patient
                else StaffMember.objects.get_or_none(id=membership.person_id)
            )  # fmt: skip
            if person is None or person.email.lower() != account.email:
                continue
            morning = messaging_rules.end_of_quiet(at, zone_of(person)) if isinstance(person, Patient) else None
        return Receiver(membership.practice, membership.person_id, is_patient, morning or at)
    return None


def _tell(receiver: Receiver, name: str, key: str, at: datetime, *, secret: str = "", **values: str) -> None:
    who = "patient" if receiver.is_patient else "staff"
    said = {"practice": receiver.practice.name, **values} | ({"link": SEALED_MARK} if secret else {})
    with acting(receiver.practice.id, actors.system()):
        queue_message(
            practice=receiver.practice.id, by=actors.system(), at=at, key=key, channel="email",
            purpose="care" if receiver.is_patient else "staff", template=f"{who}_{name}", context=said, secret=secret,
            patient_id=receiver.person_id if receiver.is_patient else None,
            staff_id=None if receiver.is_patient else receiver.person_id,
        )  # fmt: skip


def _note(account: Account, at: datetime, verb: str, by: Actor | None = None) -> None:
    """Write the line in every practice where the person is; the directory has no journal of its own."""
    living = Membership.objects.select_related("practice").filter(account=account, ended_at=None)
    for membership in living.order_by("id"):
        is_patient = membership.kind == "patient"
        who = by or Actor(membership.person_id, "patient" if is_patient else "staff", membership.name)
        with acting(membership.practice.id, who):
            model = Patient if is_patient else StaffMember
            subject = model.objects.get_or_none(id=membership.person_id)
            patient_id = membership.person_id if is_patient else None
            write(verb, by=who, at=at, subject=subject, patient_id=patient_id)
