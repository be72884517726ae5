"""Post what payers paid: balanced first, each claim found, every cent on an account, nothing posted twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from stead.billing import ledger, rules
from stead.billing.actions.claims import the_claim
from stead.billing.actions.denials import (
    close_denials,
    denials_of,
    is_left_to_next_plan,
    open_cases,
    settle_denials,
)
from stead.billing.days import book_day
from stead.billing.decisions import Decision, cents, decision_of, digest_of, read_back, take_back, taken_back
from stead.billing.matching import Ours, claims_of, find_payer, of_claims
from stead.billing.models import (
    Claim,
    ClaimEvent,
    ClaimLine,
    Denial,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
)
from stead.billing.payee import check_payee
from stead.billing.queries import claim_owed
from stead.billing.terms import WAITING_WORDS, Account, Posting, Share
from stead.coverage.models import Payer
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.journal.write import Line, write, write_all
from stead.platform.money import Money
from stead.platform.refusals import Conflict, InvalidInput, NotFound
from stead.platform.ui import words
from stead.practice.models import PracticeProfile
from stead.x12 import remit835
from stead.x12.queues import Queue, queue_for_provider_adjustment


class RemittanceUnbalanced(InvalidInput):
    words = "This remittance does not add up, so nothing of it was posted."


class RemittanceAlreadyPosted(Conflict):
    words = "This payment was posted before, perhaps from a file of another name. Nothing was posted twice."


class RemittanceDiffers(Conflict):
    words = (
        "Another payment of the same number, amount and day was posted before, for other claims. Nothing of this one "
        "was posted. Ask the payer which of the two holds."
    )


class AlreadyMatched(Conflict):
    words = "This answer belongs to a claim already, or was closed."


class AnswerDoesNotFit(Conflict):
    """A person may insist with a reason; the words say what does not fit."""


class AnswerNotPostable(Conflict):
    """Posting the answer to this claim would make the books wrong, whatever the reason."""


class ReasonMissing(InvalidInput):
    words = "Write why, in a few words."


class AlreadySettled(Conflict):
    words = "Somebody settled this before. Nothing was changed."


@dataclass
class Batch:
    """Everything one remittance writes, gathered first and written in few statements."""

    remittance: Remittance
    by: Actor
    at: datetime
    ours: Ours
    postings: list[Posting] = field(default_factory=list)
    answers: list[RemittanceClaim] = field(default_factory=list)
    events: list[ClaimEvent] = field(default_factory=list)
    denials: list[Denial] = field(default_factory=list)
    ended: list[tuple[UUID, str, dict[str, Any]]] = field(default_factory=list)
    """Denials of a claim that an answer ends: claim, state, and which of them."""
    touched: dict[UUID, Claim] = field(default_factory=dict)
    told: list[tuple[Claim, str, Share]] = field(default_factory=list)


@action("post_remittance", permission="billing.answer", words="post a remittance")
def post_remittance(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    remittance: remit835.Remittance,
    interchange_id: UUID | None = None,
) -> Remittance:
    """Post an 835. Refuses one that does not balance to the cent, and one that was posted before, by its own key; those
    of zero, for which some payers use one number again and again, are told apart by their claims.

    One for another payee is refused. An answer to a claim that is not found, was answered before, or was sent to
    another payer keeps its money unapplied and waits for a person. A reversal is posted before the answer that
    follows it.
    """
    _check_balance(remittance)
    check_payee(remittance.payee, PracticeProfile.objects.first())
    payer = find_payer(remittance.payer)
    row = _remember(remittance, payer, at, interchange_id)
    answers = list(remittance.claims)
    batch = Batch(row, by, at, claims_of(answers, row.payer_id))
    for index, answer in sorted(enumerate(answers, start=1), key=lambda one: one[1].status != "22"):
        _take(batch, index, answer)
    _take_provider_adjustments(batch)
    _write(batch)
    unmatched = sum(a.claim_id is None for a in batch.answers)
    write(
        "remittance.posted",
        by=by,
        at=at,
        subject=row,
        amount_cents=row.amount_cents,
        claims=len(answers),
        unmatched=unmatched,
        denials=len(batch.denials),
        payer_id=str(row.payer_id or ""),
    )
    return row


def _check_balance(remittance: remit835.Remittance) -> None:
    wrong = [found for found in remit835.check_balance(remittance) if not found.is_warning]
    if wrong:
        first = wrong[0]
        where = f"claim {first.claim}" + (f", line {first.line}" if first.line else "") if first.claim else "the total"
        raise RemittanceUnbalanced(
            f"This remittance does not add up, so nothing of it was posted. In {where}, {Money.of(first.expected)} "
            f"should stand and {Money.of(first.found)} does. Ask the payer for a corrected file."
        )


def _remember(
    remittance: remit835.Remittance, payer: Payer | None, at: datetime, interchange_id: UUID | None
) -> Remittance:
    pay = remittance.payment
    sign = -1 if pay.flag == "D" else 1
    key = {
        "trace": pay.trace[:50],
        "originator": (pay.payer_trace_id or remittance.payer.id)[:20],
        "amount_cents": sign * cents(pay.amount),
        "paid_date": pay.paid_date or book_day(at),
    }
    try:
        with transaction.atomic():
            return Remittance.objects.create(
                **key,
                id=uuid7(at),
                payer_id=payer.id if payer else None,
                digest=digest_of(remittance),
                method=pay.method[:4],
                posted_at=at,
                interchange_id=interchange_id,
                provider_adjustments=[
                    {"reason": p.reason, "cents": cents(p.amount), "reference": p.reference}
                    for p in remittance.provider_adjustments
                ],
            )
    except IntegrityError as error:
        if "remittance_of_zero_once" in str(error):
            raise RemittanceAlreadyPosted() from None
        if "remittance_once" not in str(error):
            raise
        same = _claims_posted(Remittance.objects.get(**key)) == sorted(map(_claim_said, remittance.claims))
        raise (RemittanceAlreadyPosted() if same else RemittanceDiffers()) from None


def _claim_said(answer: remit835.RemitClaim) -> tuple[str, str, int, int]:
    return answer.account[:40], answer.status[:2], cents(answer.charge), cents(answer.paid)


def _claims_posted(row: Remittance) -> list[tuple[str, str, int, int]]:
    rows = RemittanceClaim.objects.filter(remittance_id=row.id)
    return sorted(rows.values_list("claim_number", "status", "charged_cents", "paid_cents"))


def _take(batch: Batch, index: int, answer: remit835.RemitClaim) -> None:
    claim, decision = batch.ours.find(answer), decision_of(answer)
    why = _why_it_waits(batch, claim, decision) if claim else "not_found"
    row = RemittanceClaim(
        id=uuid7(batch.at),
        remittance_id=batch.remittance.id,
        claim_id=claim.id if claim and not why else None,
        named_claim_id=claim.id if claim and why else None,
        waits_because=why,
        claim_number=answer.account[:40],
        status=answer.status[:2],
        charged_cents=cents(answer.charge),
        paid_cents=decision.paid,
        patient_cents=cents(answer.patient_owes),
        payer_claim_number=answer.payer_number[:50],
        adjustments=decision.as_json(),
    )
    batch.answers.append(row)
    key, on = f"era:{row.id}", batch.remittance.paid_date
    if claim is None or why:
        said = f"Answer {index} waits. {WAITING_WORDS[why]}"
        posting = rules.unmatched_posting(key, decision.paid, on, payer_id=batch.remittance.payer_id, words=said)
        batch.postings.extend([posting] if posting else [])
        if claim:
            batch.events.append(_waiting_event(batch, claim, decision, why))
        return
    apply_decision(batch, claim, decision, key, rules.CASH, answer.payer_number)


def _payer_of(batch: Batch, claim: Claim) -> UUID:
    """Return who answers; a payer that we could not tell speaks for the claim's own."""
    return batch.remittance.payer_id or claim.payer_id


def _why_it_waits(batch: Batch, claim: Claim, decision: Decision) -> str:
    ours, payer_id = batch.ours, _payer_of(batch, claim)
    before, is_later = ours.standing.get((claim.id, payer_id), []), payer_id != claim.payer_id
    share = decision.share(is_later=is_later)
    return rules.why_it_waits(
        is_reversal=decision.is_reversal,
        unreversed=[one.share(is_later=is_later) for one in before],
        is_copy=decision in before,
        own_payer=not is_later,
        own_payer_answered=bool(ours.standing.get((claim.id, claim.payer_id))),
        settles=share.paid + share.contractual + share.patient,
        owed=ours.owed.get(claim.id),
    )


def _waiting_event(batch: Batch, claim: Claim, decision: Decision, why: str) -> ClaimEvent:
    return ClaimEvent(
        id=uuid7(batch.at),
        claim_id=claim.id,
        at=batch.at,
        kind="835",
        code=decision.status,
        words=f"An answer of {Money(decision.paid)} waits for a person. {WAITING_WORDS[why]}"[:300],
        interchange_id=batch.remittance.interchange_id,
    )


def apply_decision(
    batch: Batch, claim: Claim, decision: Decision, key: str, source: Account, payer_number: str
) -> None:
    """Post one decision on one claim: ledger, lines, state, history and what was refused.

    One of a payer that comes after the claim's own first takes over what it settles: $30.00 left to a second plan stand
    on the first one's account until the second one answers.
    """
    on, payer_id = batch.remittance.paid_date, _payer_of(batch, claim)
    if decision.is_reversal:
        turned = taken_back(batch.ours.standing[claim.id, payer_id], decision)
        decision = replace(decision, turns_forwarded=turned.is_forwarded)
    is_later = payer_id != claim.payer_id
    share = decision.share(is_later=is_later)
    settled = share.paid + share.contractual + share.patient
    postings = (
        rules.to_payer_posting(
            f"to_payer:{key}", claim.payer_id, payer_id, claim.patient_id, settled, on, claim_id=claim.id,
            words=f"{claim.number}: to the plan that comes after", kind="next_payer",
        ),
        rules.insurer_posting(
            key, share, on, payer_id=payer_id, patient_id=claim.patient_id, claim_id=claim.id,
            words=_words(decision, share, claim), source=source,
        ),
    )  # fmt: skip
    batch.postings.extend(posting for posting in postings if posting)
    for part in decision.lines:
        if line := batch.ours.line_of(claim, part):
            _add_to_line(line, decision.share_of(part, is_later=is_later))
    _remember_answer(batch, claim, decision, payer_id, settled)
    claim.paid_cents += share.paid
    if not is_later:
        claim.payer_claim_number = payer_number[:50] or claim.payer_claim_number
    state = rules.state_after(share, is_reversal=decision.is_reversal)
    if state in rules.TRANSITIONS[claim.state]:
        claim.state, claim.state_at = state, batch.at
    claim.version_no += 1
    batch.touched[claim.id] = claim
    batch.events.append(_event(batch, claim, decision, share))
    batch.denials.extend(denials_of(claim, decision, batch.ours, on, batch.at, payer_id=payer_id))
    batch.told.append((claim, "reversed" if decision.is_reversal else state, share))


def _remember_answer(batch: Batch, claim: Claim, decision: Decision, payer_id: UUID, settled: int) -> None:
    """Keep what stands of a claim for the next answer of the file, and end what the answers before refused: a reversal
    takes it back, a new answer to a denial of the whole stands in its place, a later plan answers what was left to
    it."""
    standing = batch.ours.standing.setdefault((claim.id, payer_id), [])
    batch.ours.settle(claim, settled)
    if decision.is_reversal:
        take_back(standing, decision)
        batch.ended.append((claim.id, "reversed", {}))
        return
    if payer_id != claim.payer_id:
        batch.ended.append((claim.id, "answered", {"queue": str(Queue.OTHER_INSURANCE), "group_code": "PR"}))
    elif standing:
        batch.ended.append((claim.id, "answered", {}))
        batch.denials = [denial for denial in batch.denials if denial.claim_id != claim.id]
    standing.append(decision)


def _add_to_line(line: ClaimLine, share: Share) -> None:
    line.paid_cents += share.paid
    line.adjusted_cents += share.contractual
    line.patient_cents += share.patient


def _words(decision: Decision, share: Share, claim: Claim) -> str:
    """Say what a payer decided, as the patient's ledger says it: with the claim's number."""
    said = _decided(decision, share)
    return f"{said} to {claim.number}" if decision.is_reversal else f"{claim.number}: {said}"


def _decided(decision: Decision, share: Share) -> str:
    if decision.is_reversal:
        return "Payer takes back its answer"
    said = [f"Payer paid {Money(share.paid)}"]
    if share.contractual:
        said.append(f"{Money(share.contractual)} by contract")
    if share.patient:
        said.append(f"{Money(share.patient)} to the patient")
    return ", ".join(said)


def _event(batch: Batch, claim: Claim, decision: Decision, share: Share) -> ClaimEvent:
    words = _decided(decision, share)
    if share.open > 0:
        words += f", {Money(share.open)} not paid"
    return ClaimEvent(
        id=uuid7(batch.at),
        claim_id=claim.id,
        at=batch.at,
        kind="835",
        code=decision.status,
        words=words[:300],
        interchange_id=batch.remittance.interchange_id,
    )


def _take_provider_adjustments(batch: Batch) -> None:
    """Post every PLB; each that is no interest is a row of work: money went where no claim says why."""
    row = batch.remittance
    work = []
    for index, moved in enumerate(row.provider_adjustments, start=1):
        key = f"plb:{row.id}:{index}"
        posting = rules.provider_posting(key, moved["reason"], moved["cents"], row.paid_date, payer_id=row.payer_id)
        batch.postings.extend([posting] if posting else [])
        if moved["reason"] != rules.INTEREST_REASON:
            work.append(
                ProviderAdjustment(
                    id=uuid7(batch.at),
                    remittance_id=row.id,
                    payer_id=row.payer_id,
                    reason=moved["reason"][:4],
                    reference=moved["reference"][:50],
                    amount_cents=moved["cents"],
                    queue=str(queue_for_provider_adjustment(moved["reason"])),
                    told_at=batch.at,
                )
            )
    ProviderAdjustment.objects.bulk_create(work)


def _write(batch: Batch) -> None:
    by, at = batch.by, batch.at
    ledger.post_all(batch.postings, by=by, at=at)
    RemittanceClaim.objects.bulk_create(batch.answers)
    _write_claims(batch)
    ClaimEvent.objects.bulk_create(batch.events)
    for claim_id, state, which in batch.ended:
        close_denials(Denial.objects.filter(claim_id=claim_id, **which), state, by=by, at=at)
    open_cases([d for d in batch.denials if not is_left_to_next_plan(d)], {c.id: c for c, _, _ in batch.told}, at)
    Denial.objects.bulk_create(batch.denials)
    settle_denials([claim.id for claim, state, _ in batch.told if state == "paid"], "paid", by=by, at=at)
    first_time = _first_answers(batch)
    told = [
        Line(
            f"claim.{state}", claim, claim.patient_id,
            data={
                "paid_cents": share.paid, "patient_cents": share.patient, "denied_cents": share.open,
                "first_answer": claim.id in first_time, "payer_id": str(claim.payer_id),
            },
        )
        for claim, state, share in batch.told
    ]  # fmt: skip
    waits = [
        Line(
            "remittance.waits", answer, named.patient_id if (named := _named(batch, answer)) else None,
            data={"because": answer.waits_because, "paid_cents": answer.paid_cents},
        )
        for answer in batch.answers if answer.waits_because
    ]  # fmt: skip
    opened = [
        Line(
            "denial.left_to_next_plan" if is_left_to_next_plan(denial) else "denial.opened",
            denial, denial.patient_id, denial.case_id,
            {
                "claim_id": str(denial.claim_id), "queue": denial.queue, "amount_cents": denial.amount_cents,
                "deadline": denial.deadline_date.isoformat(),
            },
        )
        for denial in batch.denials
    ]  # fmt: skip
    write_all([*told, *waits, *opened], by=by, at=at)


def _named(batch: Batch, answer: RemittanceClaim) -> Claim | None:
    return batch.ours.by_id.get(answer.named_claim_id) if answer.named_claim_id else None


_UPDATE_CLAIMS = """
update claim c set paid_cents = n.paid, payer_claim_number = n.number, state = n.state, state_at = n.at,
  version_no = n.version
from unnest(%s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::int[])
  as n(id, paid, number, state, at, version)
where c.practice_id = %s and c.id = n.id
"""
_UPDATE_LINES = """
update claim_line l set paid_cents = n.paid, adjusted_cents = n.adjusted, patient_cents = n.patient
from unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[]) as n(id, paid, adjusted, patient)
where l.practice_id = %s and l.id = n.id
"""


def _write_claims(batch: Batch) -> None:
    """Write every touched claim and line in two statements: a remittance may speak of a thousand."""
    claims = list(batch.touched.values())
    lines = [line for claim in claims for line in batch.ours.lines.get(claim.id, [])]
    practice = batch.remittance.practice_id
    with connection.cursor() as cursor:
        cursor.execute(
            _UPDATE_CLAIMS,
            [
                [c.id for c in claims],
                [c.paid_cents for c in claims],
                [c.payer_claim_number for c in claims],
                [c.state for c in claims],
                [c.state_at for c in claims],
                [c.version_no for c in claims],
                practice,
            ],
        )
        cursor.execute(
            _UPDATE_LINES,
            [
                [line.id for line in lines],
                [line.paid_cents for line in lines],
                [line.adjusted_cents for line in lines],
                [line.patient_cents for line in lines],
                practice,
            ],
        )


def _first_answers(batch: Batch) -> set[UUID]:
    ids = [claim.id for claim, _, _ in batch.told]
    before = RemittanceClaim.objects.filter(claim_id__in=ids).exclude(remittance_id=batch.remittance.id)
    return set(ids) - set(before.values_list("claim_id", flat=True))


def _waiting_answer(row_id: UUID) -> RemittanceClaim:
    row = RemittanceClaim.objects.select_for_update(of=("self",)).filter(id=row_id).first()
    if row is None:
        raise NotFound()
    if row.claim_id is not None or row.closed_at is not None:
        raise AlreadyMatched()
    return row


@action("match_remittance_claim", permission="billing.answer", words="give an answer to its claim")
def match_remittance_claim(
    *, practice: UUID, by: Actor, at: datetime, remittance_claim_id: UUID, claim_id: UUID, reason: str = ""
) -> RemittanceClaim:
    """Give an answer that waits to the claim it means: its money leaves "unapplied" for that claim.

    Another amount, another payer or a closed claim needs a reason, which is kept. Refuses what would settle more than
    is owed, or stand beside an answer that nobody took back.
    """
    row = _waiting_answer(remittance_claim_id)
    claim = the_claim(claim_id)
    remittance = Remittance.objects.get(id=row.remittance_id)
    batch = Batch(remittance, by, at, of_claims([claim], remittance.payer_id))
    batch.ours.owed[claim.id] = claim_owed(claim)
    decision = read_back(row.status, row.paid_cents, row.adjustments)
    _check_match(batch, row, claim, decision, reason)
    source = rules.unapplied_account(remittance.payer_id)
    apply_decision(batch, claim, decision, f"match:{row.id}", source, row.payer_claim_number)
    _write(batch)
    row.claim_id, row.waits_because = claim.id, ""
    row.save(update_fields=["claim_id", "waits_because"])
    write(
        "remittance.matched", by=by, at=at, subject=row, patient_id=claim.patient_id, claim_id=str(claim.id),
        paid_cents=row.paid_cents, reason=reason.strip()[:200],
    )  # fmt: skip
    return row


def _check_match(batch: Batch, row: RemittanceClaim, claim: Claim, decision: Decision, reason: str) -> None:
    why = _why_it_waits(batch, claim, decision)
    if why and why != "other_payer":
        raise AnswerNotPostable(f"This answer cannot be posted to {claim.number}. {WAITING_WORDS[why]}", field="claim")
    wrong = []
    if why == "other_payer":
        wrong.append("it was sent to another payer")
    if abs(row.charged_cents) != claim.total_cents:
        wrong.append(f"it charges {Money(claim.total_cents)} and the answer speaks of {Money(abs(row.charged_cents))}")
    if claim.state == "closed":
        wrong.append("it is closed")
    if wrong and not reason.strip():
        said = words.listed(wrong)
        raise AnswerDoesNotFit(
            f"{claim.number} does not fit: {said}. Write why it is meant all the same.", field="reason"
        )


@action("close_answer", permission="billing.answer", words="close an answer that is not posted")
def close_answer(*, practice: UUID, by: Actor, at: datetime, remittance_claim_id: UUID, reason: str) -> RemittanceClaim:
    """End an answer that belongs to no claim, as a copy does. Its money stays unapplied, the payer's, until the payer
    takes it back or it is sent back."""
    row = _waiting_answer(remittance_claim_id)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    row.closed_at, row.closed_because, row.closed_by_name = at, reason.strip()[:200], by.name
    row.save(update_fields=["closed_at", "closed_because", "closed_by_name"])
    write("remittance.answer_closed", by=by, at=at, subject=row, paid_cents=row.paid_cents)
    return row


@action("settle_provider_adjustment", permission="billing.answer", words="settle what a payer took back or moved")
def settle_provider_adjustment(
    *, practice: UUID, by: Actor, at: datetime, adjustment_id: UUID, reason: str
) -> ProviderAdjustment:
    """Write down what a person found of a provider adjustment. It posts nothing: the money moved with the
    remittance."""
    row = ProviderAdjustment.objects.select_for_update(of=("self",)).filter(id=adjustment_id).first()
    if row is None:
        raise NotFound()
    if not reason.strip():
        raise ReasonMissing(field="reason")
    if row.settled_at is not None:
        raise AlreadySettled()
    row.settled_at, row.settled_because, row.settled_by_name = at, reason.strip()[:200], by.name
    row.save(update_fields=["settled_at", "settled_because", "settled_by_name"])
    write("provider_adjustment.settled", by=by, at=at, subject=row, reason=row.reason, amount_cents=row.amount_cents)
    return row
