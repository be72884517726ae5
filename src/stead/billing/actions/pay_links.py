"""The link in a statement's message: make it, pay by it, and say what it may do (ADR 8).

Whoever holds the link can pay what is owed of that statement, and nothing else. Another's card on file pays nothing but
that patient's own debt to the practice; what is seen is the amount, the practice and four digits.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from stead.billing import queries, rules
from stead.billing.actions.payments import keep_card, take_payment, usable_card
from stead.billing.models import PayLink, PayLinkChoice, Payment, Statement
from stead.billing.terms import LINK_DAYS, LINK_WAYS, CardToken, LinkWay
from stead.patients.models import Patient
from stead.platform.accounts.models import Practice
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.journal.write import write
from stead.platform.money import Money
from stead.platform.refusals import InvalidInput, NotFound


class LinkWayUnknown(InvalidInput):
    words = "Choose one of the answers."


def open_link(statement: Statement, at: datetime, base_url: str) -> str:
    """Make the statement's link and return its address, which is kept nowhere. An earlier one of it ends."""
    PayLink.objects.filter(statement_id=statement.id, ended_at=None).update(ended_at=at)
    token = secrets.token_urlsafe(24)
    PayLink.objects.create(
        id=uuid7(at),
        patient_id=statement.patient_id,
        statement_id=statement.id,
        token_sha256=queries.token_hash(token),
        sent_at=at,
        expires_at=at + timedelta(days=LINK_DAYS),
    )
    slug = Practice.objects.get(id=statement.practice_id).slug
    return f"{base_url.rstrip('/')}/p/{slug}/pay/{token}/"


@action("pay_by_link", permission="billing.pay_by_link", words="pay a statement by its link", may_change_nothing=True)
def pay_by_link(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    link_id: UUID,
    amount: Money,
    last4: str = "",
    card: CardToken | None = None,
) -> Payment:
    """Take what is owed of the link's statement, from the card on file that the page named by its last four digits, or
    from a `card` that was typed there. That one is used for this payment and not kept: it may be anybody's.

    A second press while the first waits for its answer gives the first payment back. Refuses a link that is over, an
    amount or a card that is not the one that was shown, and the card on file where the practice does not let it.
    """
    found = PayLink.objects.filter(id=link_id).first()
    if found is None:
        raise NotFound()
    Patient.objects.select_for_update().get(id=found.patient_id)  # one payment of theirs at a time: link, page or desk
    link = PayLink.objects.get(id=link_id)
    standing = queries.standing_of_link(link, at)
    if standing.started is not None:
        return standing.started
    if standing.state != "open":
        raise rules.LinkOver()
    if amount != Money(standing.due_cents):
        raise rules.LinkAmountChanged()
    chosen = keep_card(link.patient_id, card, at) if card else usable_card(link.patient_id, None, at)
    if card is None and standing.way != "kept_card":
        raise rules.LinkTakesNoKeptCard()
    if card is None and chosen.last4 != last4:
        raise rules.LinkCardChanged()
    row = take_payment(
        practice=practice,
        by=_holder(link.patient_id),
        at=at,
        patient_id=link.patient_id,
        amount=amount,
        method="card",
        card_id=chosen.id,
        statement_id=link.statement_id,
        key=queries.key_of_link(link, standing.declines),
    )
    if card is not None:
        chosen.removed_at = at
        chosen.save(update_fields=["removed_at"])
    kept = "typed there" if card else "on file"
    write("pay_link.used", by=by, at=at, subject=link, patient_id=link.patient_id, card=kept, payment=str(row.id))
    return row


def _holder(patient_id: UUID) -> Actor:
    """Return who pays: with the patient's limits, and not under their name, because nobody has asked who it is."""
    return Actor(id=patient_id, kind="patient", name="Holder of a pay link", roles=frozenset({"patient"}))


@action("set_pay_link", permission="billing.set_pay_link", words="say what the link of a statement may do")
def set_pay_link(*, practice: UUID, by: Actor, at: datetime, way: LinkWay) -> PayLinkChoice:
    """Keep the practice's choice. It holds at once, for links that were sent before too."""
    if way not in LINK_WAYS:
        raise LinkWayUnknown(field="way")
    before = queries.link_way()
    row, _ = PayLinkChoice.objects.update_or_create(practice_id=practice, id=practice, defaults={"way": way})
    write("pay_link.set", by=by, at=at, subject=row, way=way, before=before)
    return row
