"""Send claims: what is ready is looked at once more, numbered into files of at most 100, and marked as sent.

One file rejected is one file's worth of claims to mend, so files stay small. A claim that cannot be written at all
(a name in letters that X12 does not carry) stays out with a fault on the mailbox page; the others leave.
"""

from __future__ import annotations

from datetime import datetime
from itertools import batched
from uuid import UUID

from django.db import transaction

from stead.billing.actions import record_claim_sent, scrub_claim
from stead.billing.models import Claim
from stead.billing.queries import claim_form
from stead.exchange.models import Interchange, MailboxFault
from stead.exchange.outgoing import SET_NUMBER, keep_file
from stead.exchange.partner import get_profile, partner_of
from stead.exchange.terms import Partner
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.platform.journal.write import write
from stead.platform.refusals import Refusal
from stead.practice.models import PracticeProfile
from stead.x12 import claim837p as form
from stead.x12.faults import UnwritableError
from stead.x12.writer import Body

FILE_CLAIMS = 100
RUN_CLAIMS = 1000
Ready = tuple[UUID, form.Claim]


@action("send_claims", permission="mailbox.send", words="send the claims that are ready", may_change_nothing=True)
def send_claims(*, practice: UUID, by: Actor, at: datetime) -> list[Interchange]:
    """Write the ready claims into files, oldest first. Two workers never take the same claim."""
    rows = Claim.objects.select_for_update(skip_locked=True).filter(state="ready").order_by("made_at", "id")
    ids = [row.id for row in rows[:RUN_CLAIMS]]
    if not ids:
        return []
    profile = get_profile()
    ready = [one for claim_id in ids if (one := _looked_at(practice, by, at, claim_id, profile)) is not None]
    files = [_send(practice, by, at, list(some), profile) for some in batched(ready, FILE_CLAIMS, strict=False)]
    return [row for row in files if row is not None]


def _looked_at(practice: UUID, by: Actor, at: datetime, claim_id: UUID, profile: PracticeProfile) -> Ready | None:
    """Scrub a claim again, as a record may have changed since it was made, and try whether it can be written."""
    claim = scrub_claim(practice=practice, by=by, at=at, claim_id=claim_id)
    if claim.state != "ready":
        return None
    record = claim_form(claim)
    try:
        form.compose_claims(_batch("1", at, [record], profile, partner_of(profile)), control=SET_NUMBER)
    except UnwritableError as error:
        _tell(claim.number, str(error), at)
        return None
    return claim.id, record


def _send(practice: UUID, by: Actor, at: datetime, ready: list[Ready], profile: PracticeProfile) -> Interchange | None:
    """Mark the claims as sent under the file's identifier, then write the file with those that were let go."""
    key, partner = new_id(), partner_of(profile)
    going = [record for claim_id, record in ready if _let_go(practice, by, at, claim_id, key)]
    if not going:
        return None

    def compose(reference: str, control: str, local: datetime) -> Body:
        return form.compose_claims(_batch(reference, local, going, profile, partner), control=control)

    row = keep_file("837P", partner, compose, by=by, at=at, key=key)
    write("file.built", by=by, at=at, subject=row, kind="837P", claims=len(going))
    return row


def _let_go(practice: UUID, by: Actor, at: datetime, claim_id: UUID, key: UUID) -> bool:
    """A gate of the practice may keep a claim back; its refusal is journalled and the rest leaves."""
    try:
        with transaction.atomic():
            record_claim_sent(practice=practice, by=by, at=at, claim_id=claim_id, interchange_id=key)
    except Refusal:
        return False
    return True


def _batch(
    reference: str, at: datetime, claims: list[form.Claim], profile: PracticeProfile, partner: Partner
) -> form.ClaimBatch:
    digits = "".join(c for c in profile.phone if c.isdigit())[-10:]
    return form.ClaimBatch(
        reference=reference,
        created_at=at.replace(tzinfo=None),
        submitter=form.TradingPartner(partner.sender_name, partner.sender),
        contact=form.Contact("Billing office", digits, profile.email),
        receiver=form.TradingPartner(partner.receiver_name, partner.receiver),
        claims=tuple(claims),
    )


def _tell(number: str, words: str, at: datetime) -> None:
    """Put a fault on the mailbox page, once while it is open."""
    name = f"claim {number}"
    if not MailboxFault.objects.filter(file_name=name, settled_at=None).exists():
        MailboxFault.objects.create(file_name=name, reason=words[:300], at=at)
