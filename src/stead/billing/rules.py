"""What money does: postings as pure functions, shares of an answer, states of a claim.

A visit of $150.00 at a payer that allows $110.00 and leaves $30.00 to the patient is three postings:

    charge            payer +150.00                    revenue -150.00
    insurer           cash   +80.00  contractual +40.00  patient +30.00  payer -150.00
    patient payment   cash   +30.00                    patient  -30.00

Debits are positive. Each balance is the sum of its account's entries and is stored nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from stead.billing.terms import LINK_DECLINES, Account, LinkState, LinkWay, PayMethod, Posting, Share, Side
from stead.platform.money import Money
from stead.platform.refusals import Conflict, InvalidInput, NotPermitted
from stead.x12.queues import Queue, queue_for

CASH = Account("cash")
REVENUE = Account("revenue")
CONTRACTUAL = Account("contractual")
WRITE_OFF = Account("write_off")
INTEREST = Account("interest")
INTEREST_REASON = "L6"
"""The PLB that is income and asks nobody for anything."""


class PostingUnbalanced(ValueError):
    """A builder made a posting that does not sum to zero: a fault of the program."""


class AlreadyPosted(Conflict):
    words = "This was posted before. Nothing was posted a second time."


class MoreThanOwed(InvalidInput):
    words = "This is more than you owe. Nothing was paid."


class CardsOnly(InvalidInput):
    words = "Here you can pay by card. Cash and checks are taken at the desk."


class NothingToPost(InvalidInput):
    words = "The amount must be more than zero."


class TooMuchAtOnce(InvalidInput):
    words = "One payment is at most $10,000.00. Check the amount; more than that is taken in parts."


MOST_AT_ONCE = Money(1_000_000)
"""A slip of the finger must not reach the processor; no session, package or deposit costs this much."""


class ClaimStateRefuses(Conflict):
    words = "The claim is no longer in a state that allows this. Open it again to see what happened."


class WriteOffAboveLimit(NotPermitted):
    words = "This is more than your seats may write off."


class RefundAboveLimit(NotPermitted):
    words = "This is more than your seats may give back."


class WriteOffAboveBalance(InvalidInput):
    words = "This is more than is owed. Nothing was written off."


class PayerNumberMissing(InvalidInput):
    words = (
        "A replacement or void must quote the payer's claim number, and no acknowledgement or remittance has brought "
        "it yet. Ask the payer for it, write it into the correction, then send again."
    )


class ServiceCharged(Conflict):
    words = "This visit is charged with that procedure code already."


class SeveralServices(Conflict):
    words = "This claim bills several services; one of them alone cannot be changed here."


class PaidByFirstPlan(Conflict):
    words = (
        "This plan has paid on the claim. It must take its payment back before another plan is billed: void the charge "
        "and charge the visit again, or ask the plan for a reversal."
    )


class AlreadyVoided(Conflict):
    words = "This charge was voided before. Nothing was changed."


def patient_account(patient_id: UUID) -> Account:
    return Account("patient", patient_id=patient_id)


def payer_account(payer_id: UUID) -> Account:
    return Account("payer", payer_id=payer_id)


def unapplied_account(payer_id: UUID | None) -> Account:
    return Account("unapplied", payer_id=payer_id)


def balanced(posting: Posting) -> Posting:
    """Drop empty sides and prove the sum; the database proves it again."""
    sides = tuple(side for side in posting.sides if side.cents)
    if sum(side.cents for side in sides) or len(sides) < 2:
        raise PostingUnbalanced(f"{posting.key}: {[s.cents for s in sides]}")
    return replace(posting, sides=sides)


def charge_posting(
    charge_id: UUID, patient_id: UUID, cents: int, on: date, *, payer_id: UUID | None, words: str
) -> Posting:
    """Owe a visit: to the payer when one is billed, else to the patient."""
    owing = payer_account(payer_id) if payer_id else patient_account(patient_id)
    return balanced(
        Posting(
            key=f"charge:{charge_id}",
            kind="charge",
            effective_date=on,
            sides=(Side(owing, cents, patient_id), Side(REVENUE, -cents, patient_id)),
            words=words,
            patient_id=patient_id,
            charge_id=charge_id,
        )
    )


def insurer_posting(
    key: str, share: Share, on: date, *, payer_id: UUID, patient_id: UUID, claim_id: UUID, words: str, source: Account
) -> Posting | None:
    """Post a payer's decision; a reversal (status 22) carries negative shares and so becomes the contra of the first.

    What the payer refused stays on its account. None when nothing moves, as with a denial of the whole.
    """
    settled = share.paid + share.contractual + share.patient
    sides = (
        Side(source, share.paid, patient_id),
        Side(CONTRACTUAL, share.contractual, patient_id),
        Side(patient_account(patient_id), share.patient, patient_id),
        Side(payer_account(payer_id), -settled, patient_id),
    )
    if not any(side.cents for side in sides):
        return None
    return balanced(Posting(key, "insurer", on, sides, words=words, patient_id=patient_id, claim_id=claim_id))


def unmatched_posting(key: str, cents: int, on: date, *, payer_id: UUID | None, words: str) -> Posting | None:
    """Keep money that no claim of ours answers to: it is in the bank and belongs to somebody we do not know yet."""
    if not cents:
        return None
    sides = (Side(CASH, cents), Side(unapplied_account(payer_id), -cents))
    return balanced(Posting(key, "unmatched", on, sides, words=words))


def provider_posting(key: str, reason: str, cents: int, on: date, *, payer_id: UUID | None) -> Posting | None:
    """Post a PLB. Positive lowers the payment: a recovery. Interest (L6) is income, all else waits unapplied."""
    if not cents:
        return None
    other = INTEREST if reason == INTEREST_REASON else unapplied_account(payer_id)
    sides = (Side(CASH, -cents), Side(other, cents))
    return balanced(Posting(key, "provider", on, sides, words=f"Provider adjustment {reason}"))


def patient_payment_posting(key: str, patient_id: UUID, cents: int, on: date, method: PayMethod) -> Posting:
    sides = (Side(CASH, cents, patient_id), Side(patient_account(patient_id), -cents, patient_id))
    return balanced(Posting(key, "patient_payment", on, sides, words=f"Payment by {method}", patient_id=patient_id))


def refund_posting(key: str, patient_id: UUID, cents: int, on: date, method: str) -> Posting:
    """Give money back: the mirror of a payment, under a kind of its own."""
    sides = (Side(patient_account(patient_id), cents, patient_id), Side(CASH, -cents, patient_id))
    return balanced(Posting(key, "refund", on, sides, words=f"Refund by {method}", patient_id=patient_id))


def write_off_posting(
    key: str, owing: Account, patient_id: UUID, cents: int, on: date, *, claim_id: UUID | None, words: str
) -> Posting:
    sides = (Side(WRITE_OFF, cents, patient_id), Side(owing, -cents, patient_id))
    return balanced(Posting(key, "write_off", on, sides, words=words, patient_id=patient_id, claim_id=claim_id))


def to_patient_posting(key: str, payer_id: UUID, patient_id: UUID, cents: int, on: date, claim_id: UUID) -> Posting:
    """Move what a payer refused for good to the patient, once a person decided so."""
    sides = (Side(patient_account(patient_id), cents, patient_id), Side(payer_account(payer_id), -cents, patient_id))
    words = "Not covered by the plan, billed to the patient"
    return balanced(Posting(key, "to_patient", on, sides, words=words, patient_id=patient_id, claim_id=claim_id))


def to_payer_posting(
    key: str,
    old_id: UUID,
    new_id: UUID,
    patient_id: UUID,
    cents: int,
    on: date,
    *,
    claim_id: UUID,
    words: str,
    kind: Literal["to_payer", "next_payer"] = "to_payer",
) -> Posting | None:
    """Let another payer owe what one owed: because a person billed it (`to_payer`), or because it answered after the
    first (`next_payer`). None where nothing moves, as between one payer and itself."""
    if not cents or old_id == new_id:
        return None
    sides = (Side(payer_account(new_id), cents, patient_id), Side(payer_account(old_id), -cents, patient_id))
    return balanced(Posting(key, kind, on, sides, words=words, patient_id=patient_id, claim_id=claim_id))


def reversal_posting(posted_id: UUID, posting: Posting, on: date, words: str) -> Posting:
    """Take a posting back with its mirror image; each can be taken back once, because the key is its id."""
    return balanced(
        replace(
            posting,
            key=f"reversal:{posted_id}",
            kind="reversal",
            effective_date=on,
            sides=tuple(replace(side, cents=-side.cents) for side in posting.sides),
            words=words,
            reverses_id=posted_id,
        )
    )


FORWARDED = frozenset({"19", "20", "21", "23"})
"""Statuses that say another payer was sent the claim: the patient's share waits for that payer's answer."""
PRIOR_PAYER = ("OA", "23")
"""What the payer before paid and adjusted, as a payer after it says it: news of a decision that was posted already."""


def share_of(
    paid: int,
    adjustments: Iterable[tuple[str, str, int]],
    remarks: Iterable[str] = (),
    *,
    forwarded: bool = False,
    is_later: bool = False,
) -> Share:
    """Sort adjustments (group, reason, cents) by who owes them. Nothing unknown is written off or billed. `is_later`
    says that another payer answered before: what it paid and adjusted (OA 23) is left out."""
    told = tuple(remarks)
    contractual = patient = left = 0
    for group, reason, cents in adjustments:
        if is_later and (group, reason) == PRIOR_PAYER:
            continue
        match queue_for(group, reason, told):
            case Queue.CONTRACTUAL:
                contractual += cents
            case Queue.PATIENT_BALANCE if not forwarded:
                patient += cents
            case _:
                left += cents
    return Share(paid, contractual, patient, left)


def why_it_waits(
    *,
    is_reversal: bool,
    unreversed: Sequence[Share],
    is_copy: bool,
    own_payer: bool,
    own_payer_answered: bool,
    settles: int,
    owed: int | None,
) -> str:
    """Say why an answer to a claim must not be posted by itself; empty where it may be.

    `unreversed` are the shares of this payer's earlier answers that stand. One that moved nothing (a denial of the
    whole) may be followed by a new answer; one that moved money is taken back (22) first. `owed` is None where
    nothing but this answer can have settled the visit.
    """
    if not own_payer and not own_payer_answered:
        return "other_payer"
    if is_reversal:
        return "" if unreversed else "nothing_to_reverse"
    if is_copy or any(moves(share) for share in unreversed):
        return "second_answer"
    return "above_owed" if owed is not None and settles > max(owed, 0) else ""


def is_left_to_next_plan(queue: str, group: str, reason: str) -> bool:
    """Whether an adjustment is the patient's part by one plan, which another plan may still pay."""
    return queue == Queue.OTHER_INSURANCE and queue_for(group, reason) is Queue.PATIENT_BALANCE


def moves(share: Share) -> bool:
    return bool(share.paid or share.contractual or share.patient)


def state_after(share: Share, *, is_reversal: bool) -> str:
    """Name a claim's state after an answer. A reversal puts it back in the payer's hands."""
    if is_reversal:
        return "accepted"
    if share.open <= 0:
        return "paid"
    return "part_paid" if share.paid + share.patient > 0 else "denied"


_ANSWERS = frozenset({"accepted", "paid", "part_paid", "denied"})
TRANSITIONS: Mapping[str, frozenset[str]] = {
    "held": frozenset({"ready", "held", "closed"}) | _ANSWERS,
    "ready": frozenset({"sent", "held", "closed"}) | _ANSWERS,
    "sent": frozenset({"rejected", "closed"}) | _ANSWERS,
    "accepted": frozenset({"rejected", "closed"}) | _ANSWERS,
    "rejected": frozenset({"closed"}) | _ANSWERS,
    "paid": frozenset({"closed"}) | _ANSWERS,
    "part_paid": frozenset({"closed"}) | _ANSWERS,
    "denied": frozenset({"closed"}) | _ANSWERS,
    "closed": frozenset(),
}
"""What a claim may become. A payer's answer is a fact and may find a claim in any state but closed, where it is only
written into the history: the replacement stands for it."""


def check_transition(now: str, then: str) -> None:
    """Refuse a step the life of a claim does not know."""
    if then not in TRANSITIONS[now]:
        raise ClaimStateRefuses(f"The claim is {now.replace('_', ' ')}; it cannot become {then.replace('_', ' ')}.")


def frequency_to_resend(state: str) -> str:
    """Say how a claim leaves again: one that was never judged is new (1), a judged one is replaced (7)."""
    if state in ("rejected", "held", "ready"):
        return "1"
    if state in ("denied", "part_paid", "paid"):
        return "7"
    raise ClaimStateRefuses("This claim is on its way. It can be sent again once it was rejected, denied or paid.")


def frequency_to_void(state: str) -> str:
    """Say how a payer is told that a charge is void: not at all where it never judged the claim, else by a void (8)."""
    if state in ("held", "ready", "rejected", "closed"):
        return ""
    if state in ("accepted", "denied", "part_paid", "paid"):
        return "8"
    raise ClaimStateRefuses("This claim is on its way. Void the charge once the payer has taken it in or answered.")


PLACE_OF_SERVICE = {"room": "11", "video": "10", "phone": "10"}
TELEHEALTH_MODIFIER = {"video": "95", "phone": "93"}
"""Place 10 is the patient's home; 95 live video, 93 sound only (edi.md §4.2). A payer's own habit is not kept yet."""


def place_of(modality: str) -> tuple[str, list[str]]:
    """Return place of service and modifiers for how the visit was held."""
    modifier = TELEHEALTH_MODIFIER.get(modality)
    return PLACE_OF_SERVICE.get(modality, "11"), [modifier] if modifier else []


def file_before(service_date: date, timely_filing_days: int) -> date:
    return service_date + timedelta(days=timely_filing_days)


def deadline_of(paid_date: date, appeal_days: int) -> date:
    """Count a denial's deadline from the remittance: corrected claim and appeal share the payer's appeal days."""
    return paid_date + timedelta(days=appeal_days)


BUCKETS = ("0-30", "31-60", "61-90", "over 90")


def ageing_bucket(days: int) -> str:
    """Name the column of the ageing table."""
    return next((name for limit, name in ((30, "0-30"), (60, "31-60"), (90, "61-90")) if days <= limit), "over 90")


NOTHING = Money(0)
WRITE_OFF_WINDOW = timedelta(days=30)
"""How far back the write-offs of one claim or account count together: a limit that counts each alone limits nothing."""


def check_write_off(
    amount: Money, limit_cents: int | None, owed: Money, who_may: str, *, before: Money = NOTHING
) -> None:
    """Refuse more than is owed, or more than the seats of the person may write off together with what was written off
    there before; name who may."""
    if amount.cents <= 0:
        raise NothingToPost(field="amount")
    if amount > owed:
        raise WriteOffAboveBalance(f"{owed} is owed; {amount} cannot be written off.", field="amount")
    if limit_cents is None or (amount + before).cents > limit_cents:
        may = f"up to {Money(limit_cents)}" if limit_cents else "nothing"
        together = (
            f"; with {before} of the last month it is {amount + before}" if before.cents > 0 else f"; this is {amount}"
        )
        own = f"Your seats may write off {may}{together}."
        raise WriteOffAboveLimit(f"{own} {who_may}", field="amount")


def check_refund(amount: Money, limit_cents: int | None, who_may: str, *, before: Money) -> None:
    """Refuse more than the seats of the person may give back of one payment; name who may."""
    if amount.cents <= 0:
        raise NothingToPost(field="amount")
    if limit_cents is None or (amount + before).cents > limit_cents:
        may = f"up to {Money(limit_cents)}" if limit_cents else "nothing"
        raise RefundAboveLimit(f"Your seats may give back {may}; this is {amount + before}. {who_may}", field="amount")


def open_debts(moves: Sequence[tuple[date, int]]) -> list[tuple[date, int]]:
    """Return what is still open of a running account: credits pay the oldest debits; a credit left over is last.

    >>> open_debts([(date(2026, 1, 1), 100), (date(2026, 2, 1), 50), (date(2026, 3, 1), -120)])
    [(datetime.date(2026, 2, 1), 30)]
    """
    credit = -sum(cents for _, cents in moves if cents < 0)
    left: list[tuple[date, int]] = []
    for day, cents in moves:
        if cents > 0:
            paid = min(cents, credit)
            credit -= paid
            if cents > paid:
                left.append((day, cents - paid))
    if credit:
        left.append((moves[-1][0], -credit))
    return left


def aged(moves: Sequence[tuple[date, int]], on: date) -> dict[str, int]:
    """Sort what is open of an account by its age on a day; the columns add up to its balance."""
    columns = dict.fromkeys(BUCKETS, 0)
    for day, cents in open_debts(moves):
        columns[ageing_bucket((on - day).days)] += cents
    return columns


def receipt_number(row_id: UUID) -> str:
    """Return what patient and desk call a payment by on the telephone."""
    return row_id.hex[-8:].upper()


class LinkOver(Conflict):
    words = "This link is over. Nothing was paid. Open it again to see why, or call us."


class LinkAmountChanged(Conflict):
    words = "What is owed has changed since this page was opened. Nothing was paid. Look at the new amount first."


class LinkCardChanged(Conflict):
    words = "The card on file has changed since this page was opened. Nothing was paid. Look at it first."


class LinkTakesNoKeptCard(InvalidInput):
    words = "Here a card is typed anew. To use the card on file, sign in."


def due_by_link(*, total_cents: int, paid_since_cents: int, left_cents: int) -> int:
    """Return what is still owed of a statement: its total less what was paid since it was made, and never more than the
    whole account owes now."""
    return max(0, min(total_cents - paid_since_cents, left_cents))


def link_state(
    *, way: LinkWay, over: bool, newer: bool, started: bool, due_cents: int, declines: int
) -> LinkState:  # fmt: skip
    """Say what a statement's link does now. `over` means expired, `newer` that a newer statement or link was made,
    `started` that a payment of this link waits for its answer. What is paid is said first: whoever paid asks that."""
    if started:
        return "on_the_way"
    if due_cents == 0:
        return "paid"
    if newer:
        return "replaced"
    if over:
        return "expired"
    if declines >= LINK_DECLINES:
        return "locked"
    return "sign_in" if way == "sign_in" else "open"


def check_own_payment(amount: Money, method: str, *, owed: Money) -> None:
    """Refuse what a patient cannot do alone: hand over cash on a page, or pay ahead by a slip of the finger."""
    if method != "card":
        raise CardsOnly(field="method")
    if amount > owed:
        raise MoreThanOwed(field="amount")
