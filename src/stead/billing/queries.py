"""Read the money: balances, claims, denials, what nobody answered, and who may write off."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, cast
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce, RowNumber

from stead.billing import ledger, rules
from stead.billing.claim_form import claim_form as claim_form
from stead.billing.models import (
    Charge,
    Claim,
    ClaimEvent,
    ClaimLine,
    Denial,
    LedgerEntry,
    LedgerTransaction,
    PayLink,
    PayLinkChoice,
    Payment,
    PaymentCard,
    ProviderAdjustment,
    Refund,
    Remittance,
    RemittanceClaim,
    Statement,
)
from stead.billing.terms import LINK_WAYS, LinkState, LinkWay
from stead.coverage.models import Payer
from stead.patients.models import Patient
from stead.platform.money import Money
from stead.platform.refusals import NotFound
from stead.platform.tenancy import context
from stead.practice.models import Seat
from stead.practice.queries import holders_of, seats, seats_of

UNDECIDED = ("held", "ready", "sent", "accepted", "rejected")


def balance_of(patient_id: UUID) -> Money:
    """What the patient owes now; negative when the practice owes the patient."""
    return Money(ledger.balance(rules.patient_account(patient_id)))


def on_the_way(patient_id: UUID) -> Money:
    """What cards were asked for and have not answered yet."""
    rows = Payment.objects.filter(patient_id=patient_id, state="started")
    return Money(int(rows.aggregate(sum=Sum("amount_cents"))["sum"] or 0))


def forgotten_payments(before: datetime) -> list[UUID]:
    """Card payments that were last asked for (or started) before a moment and still have no answer, oldest first."""
    rows = Payment.objects.filter(state="started").annotate(last=Coalesce("asked_at", "started_at"))
    return list(rows.filter(last__lt=before).order_by("started_at", "id").values_list("id", flat=True))


def forgotten_refunds(before: datetime) -> list[UUID]:
    """Refunds to a card that were last asked for before a moment and still have no answer, oldest first."""
    rows = Refund.objects.filter(state="started").annotate(last=Coalesce("asked_at", "started_at"))
    return list(rows.filter(last__lt=before).order_by("started_at", "id").values_list("id", flat=True))


def refunds_of(payment_id: UUID) -> list[Refund]:
    return list(Refund.objects.filter(payment_id=payment_id).order_by("started_at", "id"))


def given_back(payment_id: UUID) -> Money:
    """What was given back of a payment, or is on its way back."""
    rows = Refund.objects.filter(payment_id=payment_id).exclude(state="declined")
    return Money(int(rows.aggregate(sum=Sum("amount_cents"))["sum"] or 0))


def get_claim(claim_id: UUID) -> Claim:
    row = (
        Claim.objects.select_related("patient", "payer", "practitioner", "coverage__payer").filter(id=claim_id).first()
    )
    if row is None:
        raise NotFound()
    return row


def get_charge(charge_id: UUID) -> Charge:
    row = Charge.objects.select_related("encounter").filter(id=charge_id).first()
    if row is None:
        raise NotFound()
    return row


def get_denial(denial_id: UUID) -> Denial:
    row = (
        Denial.objects.select_related("claim__patient", "claim__payer", "claim__coverage__payer")
        .filter(id=denial_id)
        .first()
    )
    if row is None:
        raise NotFound()
    return row


def get_payment(payment_id: UUID) -> Payment:
    row = Payment.objects.select_related("patient").filter(id=payment_id).first()
    if row is None:
        raise NotFound()
    return row


def get_posting(transaction_id: UUID) -> tuple[LedgerTransaction, Patient]:
    """Return a posting of a patient's account, and the patient."""
    row = LedgerTransaction.objects.filter(id=transaction_id).first()
    if row is None or row.patient_id is None:
        raise NotFound()
    return row, Patient.objects.get(id=row.patient_id)


def get_statement(statement_id: UUID) -> Statement:
    row = Statement.objects.filter(id=statement_id).first()
    if row is None:
        raise NotFound()
    return row


_CLAIM_SORTS = {
    "claim": "number",
    "patient": "patient__last_name",
    "payer": "payer__name",
    "service": "service_date",
    "amount": "total_cents",
    "state": "state",
    "since": "state_at",
    "deadline": "file_before_date",
}


def claims_queue(
    *,
    states: Sequence[str] = (),
    payer_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    silent_at: datetime | None = None,
    sort: str = "-amount",
) -> QuerySet[Claim]:
    """Claims by state and payer. Without a state those that still need somebody; with `silent_at` only silent ones."""
    rows = Claim.objects.select_related("patient", "payer", "practitioner")
    rows = rows.filter(state__in=states) if states else rows.filter(_needs_somebody())
    if payer_id:
        rows = rows.filter(payer_id=payer_id)
    if practitioner_id:
        rows = rows.filter(practitioner_id=practitioner_id)
    if silent_at:
        rows = rows.filter(id__in=silent_claims(silent_at).values("id"))
    column = _CLAIM_SORTS.get(sort.removeprefix("-"), "total_cents")
    return rows.order_by(f"-{column}" if sort.startswith("-") else column, "id")


def _needs_somebody() -> Q:
    """A claim without a decision, or decided with a refusal that nobody has settled. A refusal that was written off or
    billed to the patient leaves the claim "denied", and asks nobody for anything any more."""
    refused = Denial.objects.filter(claim_id=OuterRef("id"), state="open")
    return Q(state__in=UNDECIDED) | Q(Exists(refused), state__in=("denied", "part_paid"))


def silent_claims(at: datetime) -> QuerySet[Claim]:
    """Claims that left and whose payer has said nothing for longer than it may: no decision after `silent_after_days`,
    or no acknowledgement at all after five."""
    waiting = Claim.objects.filter(state__in=("sent", "accepted"), sent_at__isnull=False)
    aged = waiting.annotate(heard=Max("events__at", filter=Q(events__kind__in=("999", "277CA", "835"))))
    no_word = Q(heard=None, sent_at__lt=at - timedelta(days=5))
    limits = Claim.objects.values_list("payer_id", "payer__silent_after_days").distinct()
    too_long = Q()
    for payer_id, days in limits:
        too_long |= Q(payer_id=payer_id, sent_at__lt=at - timedelta(days=days))
    return aged.filter(no_word | too_long) if too_long else aged.filter(no_word)


def claims_of_charge(charge_id: UUID) -> list[Claim]:
    """Return the claims that bill a charge, oldest first."""
    bills = ClaimLine.objects.filter(charge_id=charge_id, claim_id=OuterRef("id"))
    return list(Claim.objects.filter(Exists(bills)).order_by("made_at", "id"))


def held_claims_of(encounter_id: UUID) -> list[UUID]:
    """Return the claims of a visit that are held, oldest first."""
    rows = Claim.objects.filter(state="held", lines__charge__encounter_id=encounter_id)
    return list(rows.order_by("id").distinct().values_list("id", flat=True))


def is_charged(encounter_id: UUID) -> bool:
    return Charge.objects.filter(encounter_id=encounter_id, voided_at=None).exists()


def claim_history(claim_id: UUID) -> list[ClaimEvent]:
    return list(ClaimEvent.objects.filter(claim_id=claim_id).order_by("-at", "-id"))


def claim_lines(claim_id: UUID) -> list[ClaimLine]:
    return list(ClaimLine.objects.filter(claim_id=claim_id).select_related("charge").order_by("position"))


def claim_answers(claim_id: UUID) -> list[RemittanceClaim]:
    rows = RemittanceClaim.objects.filter(claim_id=claim_id).select_related("remittance")
    return list(rows.order_by("remittance__posted_at", "id"))


def claims_of_the_same_visits(claim_ids: Collection[UUID]) -> set[UUID]:
    """Return every claim ever made of the visits that these claims bill: themselves, and what they replaced."""
    charges = ClaimLine.objects.filter(claim_id__in=claim_ids).values("charge_id")
    return set(ClaimLine.objects.filter(charge_id__in=charges).values_list("claim_id", flat=True))


def claim_owed(claim: Claim) -> int:
    """Cents the payer still owes for the visits of a claim, told by the ledger, over every claim ever made of them."""
    return owed_of([claim])[claim.id]


# Through the patient, whose postings are indexed; a posting that names both charge and claim counts once.
_OWED = """
with named as (
  select c.id, c.practice_id, c.patient_id, array_agg(distinct l.charge_id) as charges
  from claim c join claim_line l on l.practice_id = c.practice_id and l.claim_id = c.id
  where c.practice_id = %(practice)s and c.id = any(%(claims)s)
  group by c.id, c.practice_id, c.patient_id
), family as (
  select n.id, n.practice_id, n.patient_id, n.charges,
    (select array_agg(distinct l.claim_id) from claim_line l
     where l.practice_id = n.practice_id and l.charge_id = any(n.charges)) as claims
  from named n
)
select f.id, coalesce(sum(e.amount_cents), 0)::bigint
from family f
join ledger_transaction t on t.practice_id = f.practice_id and t.patient_id = f.patient_id
  and (t.charge_id = any(f.charges) or t.claim_id = any(f.claims))
join ledger_entry e on e.practice_id = t.practice_id and e.transaction_id = t.id
join ledger_account a on a.practice_id = e.practice_id and a.id = e.account_id and a.kind = 'payer'
group by f.id
"""


def owed_of(claims: Sequence[Claim]) -> dict[UUID, int]:
    """Cents that payers still owe for the visits of each claim, in one query."""
    found = dict.fromkeys((claim.id for claim in claims), 0)
    if found:
        with connection.cursor() as cursor:
            cursor.execute(_OWED, {"practice": context.practice_id(), "claims": list(found)})
            found.update(cursor.fetchall())
    return found


_DENIAL_SORTS = {"amount": "amount_cents", "deadline": "deadline_date", "queue": "queue", "payer": "claim__payer__name"}


def denials_queue(
    *, queue: str = "", payer_id: UUID | None = None, state: str = "open", sort: str = "deadline"
) -> QuerySet[Denial]:
    """Denials of a state, by queue and payer; those whose deadline is nearest first."""
    rows = Denial.objects.select_related("claim__patient", "claim__payer").filter(state=state)
    if queue:
        rows = rows.filter(queue=queue)
    if payer_id:
        rows = rows.filter(claim__payer_id=payer_id)
    column = _DENIAL_SORTS.get(sort.removeprefix("-"), "deadline_date")
    return rows.order_by(f"-{column}" if sort.startswith("-") else column, "-amount_cents", "id")


def next_denial(after: Denial) -> Denial | None:
    """The open denial to work after this one: the same queue first, nearest deadline first."""
    rows = Denial.objects.filter(state="open").exclude(id=after.id).order_by("deadline_date", "-amount_cents", "id")
    return rows.filter(queue=after.queue).first() or rows.first()


def unmatched_answers() -> QuerySet[RemittanceClaim]:
    """Answers of payers that wait for a person, oldest first: they name no claim of ours, or one that cannot take
    them."""
    rows = RemittanceClaim.objects.filter(claim_id=None, closed_at=None)
    return rows.select_related("remittance", "named_claim").order_by("remittance__posted_at", "id")


LIKELY = 10


def likely_claims(answers: Sequence[RemittanceClaim]) -> dict[UUID, list[Claim]]:
    """Return by answer the claims it may mean: the one it names first, then those of the same amount that still wait
    for a decision; at most ten, newest first. Three queries however many answers there are."""
    amounts = {abs(answer.charged_cents) for answer in answers}
    rows = Claim.objects.select_related("patient", "payer")
    named = {claim.id: claim for claim in rows.filter(id__in={a.named_claim_id for a in answers})}
    waiting = rows.filter(total_cents__in=amounts, state__in=("sent", "accepted", "denied", "part_paid"))
    by_amount: dict[int, list[Claim]] = {}
    numbered = waiting.annotate(
        place=Window(RowNumber(), partition_by="total_cents", order_by=[F("service_date").desc(), F("id").asc()])
    )
    for claim in numbered.filter(place__lte=LIKELY).order_by("-service_date", "id"):
        by_amount.setdefault(claim.total_cents, []).append(claim)
    found: dict[UUID, list[Claim]] = {}
    for answer in answers:
        first = [named[answer.named_claim_id]] if answer.named_claim_id in named else []
        others = [c for c in by_amount.get(abs(answer.charged_cents), []) if c.id != answer.named_claim_id]
        found[answer.id] = (first + others)[:LIKELY]
    return found


def open_provider_adjustments() -> QuerySet[ProviderAdjustment]:
    """Money that payers took back, held or moved for the whole practice and that nobody has looked at, oldest first."""
    rows = ProviderAdjustment.objects.filter(settled_at=None).select_related("remittance", "payer")
    return rows.order_by("told_at", "id")


def unapplied_balances() -> list[tuple[str, int]]:
    """Return what is held for each payer without a claim, by name, in cents: positive is money of theirs with us,
    negative what they took before it was given back."""
    found = {payer_id: -cents for payer_id, cents in ledger.balances("unapplied").items()}
    names = dict(Payer.objects.filter(id__in=[p for p in found if p]).values_list("id", "name"))
    return sorted((names[payer_id] if payer_id else "Payer not known", cents) for payer_id, cents in found.items())


REMITTANCE_SORTS = {"day": "paid_date", "trace": "trace", "amount": "amount_cents"}


def remittances(payer_id: UUID | None = None, sort: str = "") -> QuerySet[Remittance]:
    """Return what payers paid, of one payer or of all; newest first, or as asked for by one of REMITTANCE_SORTS."""
    rows = Remittance.objects.get_queryset()
    rows = rows.filter(payer_id=payer_id) if payer_id else rows
    column = REMITTANCE_SORTS.get(sort.removeprefix("-"))
    if column is None:
        return rows.order_by("-paid_date", "-posted_at", "-id")
    return rows.order_by(f"-{column}" if sort.startswith("-") else column, "-posted_at", "-id")


def claims_in(remittance_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many claims each remittance speaks of."""
    rows = RemittanceClaim.objects.filter(remittance_id__in=remittance_ids).values("remittance_id")
    return {row["remittance_id"]: row["n"] for row in rows.annotate(n=Count("id"))}


def cards_of(patient_id: UUID) -> QuerySet[PaymentCard]:
    return PaymentCard.objects.filter(patient_id=patient_id, removed_at=None).order_by("-vaulted_at")


def find_usable_card(patient_id: UUID, on: date) -> PaymentCard | None:
    """Return the newest card on file, if it is not over."""
    card = cards_of(patient_id).first()
    return card if card and (card.expires_year, card.expires_month) >= (on.year, on.month) else None


def has_usable_card(patient_id: UUID, on: date) -> bool:
    month = Q(expires_year__gt=on.year) | Q(expires_year=on.year, expires_month__gte=on.month)
    return cards_of(patient_id).filter(month).exists()


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def link_way() -> LinkWay:
    """Return what the practice lets a statement's link do."""
    row = PayLinkChoice.objects.get_queryset().first()
    return cast(LinkWay, row.way) if row else next(iter(LINK_WAYS))


def find_pay_link(token: str) -> PayLink | None:
    return PayLink.objects.filter(token_sha256=token_hash(token)).first()


def key_of_link(link: PayLink, declines: int) -> str:
    """Return the key of the link's next payment: however often it is pressed, one payment for each decline before."""
    return f"link:{link.id}:{declines}"


@dataclass(frozen=True, slots=True)
class LinkStanding:
    """What a statement's link does now. `started` waits for its answer; `newest` is the link's newest payment."""

    state: LinkState
    way: LinkWay
    due_cents: int
    declines: int
    started: Payment | None
    newest: Payment | None


def standing_of_link(link: PayLink, at: datetime) -> LinkStanding:
    """Ask the account, the payments and the statements what the link does at this moment."""
    statement = Statement.objects.get(id=link.statement_id)
    own = list(Payment.objects.filter(key__startswith=f"link:{link.id}:").order_by("-started_at", "-id"))
    since = Payment.objects.filter(
        patient_id=link.patient_id, started_at__gte=statement.made_at, state__in=("started", "paid")
    )
    due = rules.due_by_link(
        total_cents=statement.total_cents,
        paid_since_cents=int(since.aggregate(sum=Sum("amount_cents"))["sum"] or 0),
        left_cents=balance_of(link.patient_id).cents - on_the_way(link.patient_id).cents,
    )
    started = next((row for row in own if row.state == "started"), None)
    declines = sum(row.state == "declined" for row in own)
    way = link_way()
    newer = Statement.objects.filter(patient_id=link.patient_id, number__gt=statement.number).exists()
    state = rules.link_state(
        way=way,
        over=at >= link.expires_at,
        newer=newer or link.ended_at is not None,
        started=started is not None,
        due_cents=due,
        declines=declines,
    )
    return LinkStanding(state, way, due, declines, started, own[0] if own else None)


def statements_of(patient_id: UUID) -> QuerySet[Statement]:
    return Statement.objects.filter(patient_id=patient_id).order_by("-number")


def payments_of(patient_id: UUID) -> QuerySet[Payment]:
    return Payment.objects.filter(patient_id=patient_id).order_by("-started_at")


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """One account of the ageing table, in cents by age of what is still open, oldest debt paid first."""

    owner_id: UUID
    kind: str
    buckets: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.buckets.values())


# Credits pay the oldest debits: a debit is open by what the debits up to it exceed all credits. An account in credit
# has no open debit; what is left over counts on its last day.
_AGEING = """
with moves as (
  select a.{owner}_id as owner, t.effective_date as day, e.id, e.amount_cents as cents
  from ledger_account a
  join ledger_entry e on e.practice_id = a.practice_id and e.account_id = a.id
  join ledger_transaction t on t.practice_id = e.practice_id and t.id = e.transaction_id
  where a.practice_id = %(practice)s and a.kind = %(kind)s and t.effective_date <= %(on)s
), standing as (
  select owner, sum(cents) as total, max(day) as last_day, coalesce(-sum(cents) filter (where cents < 0), 0) as credit
  from moves group by owner having sum(cents) <> 0
), open as (
  select m.owner, m.day, least(m.cents,
      greatest(sum(m.cents) over (partition by m.owner order by m.day, m.id) - s.credit, 0)) as cents
  from moves m join standing s using (owner) where m.cents > 0 and s.total > 0
  union all
  select owner, last_day, total from standing where total < 0
)
select owner, least(greatest(%(on)s::date - day - 1, 0) / 30, 3) as bucket, sum(cents)::bigint
from open where cents <> 0 group by 1, 2
"""


def ageing(on: date, kind: Literal["patient", "payer"] = "patient") -> list[AgeingRow]:
    """Age what patients (or payers) owe on a day. Credits pay the oldest debits first; rows add up to the balances.

    Worked out by the database, over the accounts that are not even: a row here for each, however long their histories.
    """
    found: dict[UUID, dict[str, int]] = {}
    with connection.cursor() as cursor:
        given = {"practice": context.practice_id(), "kind": kind, "on": on}
        cursor.execute(_AGEING.format(owner=kind), given)
        for owner_id, bucket, cents in cursor.fetchall():
            found.setdefault(owner_id, dict.fromkeys(rules.BUCKETS, 0))[rules.BUCKETS[bucket]] += cents
    rows = [AgeingRow(owner_id, kind, buckets) for owner_id, buckets in found.items()]
    return sorted(rows, key=lambda row: -row.total)


def overdue_cents(patient_id: UUID, on: date, days: int = 90) -> int:
    """Cents a patient owes for longer than so many days."""
    moves = LedgerEntry.objects.filter(account__kind="patient", account__patient_id=patient_id)
    told = moves.order_by("transaction__effective_date", "id").values_list(
        "transaction__effective_date", "amount_cents"
    )
    return sum(cents for day, cents in rules.open_debts(list(told)) if (on - day).days > days)


def written_off_since(since: date, *, patient_id: UUID, claim_id: UUID | None) -> Money:
    """What was written off since a day and not taken back: of the visits of a claim, or of a patient's own account."""
    rows = LedgerTransaction.objects.filter(kind="write_off", patient_id=patient_id, effective_date__gte=since)
    rows = rows.filter(claim_id__in=claims_of_the_same_visits([claim_id])) if claim_id else rows.filter(claim_id=None)
    back = LedgerTransaction.objects.filter(patient_id=patient_id, reverses_id=OuterRef("id"))
    given_up = rows.exclude(Exists(back)).aggregate(
        cents=Sum("entries__amount_cents", filter=Q(entries__account__kind="write_off"))
    )
    return Money(given_up["cents"] or 0)


def write_off_limit(staff_id: UUID, on: date) -> int | None:
    """The highest limit among the seats somebody holds that day, in cents; None when none of them may write off."""
    limits = [seat.write_off_limit_cents for seat in seats_of(staff_id, on)]
    return max((limit for limit in limits if limit is not None), default=None)


def who_may_write_off(amount: Money, on: date) -> str:
    """Say who may write off this much: the seats with the lowest sufficient limit first, by who holds them."""
    names = _who_may("write_off_limit_cents", amount, on)
    if not names:
        return "No seat may write off this much; the owner can set a limit on the Seats page."
    return f"It may be written off by {', '.join(names)}."


def refund_limit(staff_id: UUID, on: date) -> int | None:
    """The highest limit for refunds among the seats somebody holds that day, in cents; None when there is none."""
    limits = [seat.refund_limit_cents for seat in seats_of(staff_id, on)]
    return max((limit for limit in limits if limit is not None), default=None)


def who_may_refund(amount: Money, on: date) -> str:
    """Say who may give this much back, as `who_may_write_off` does."""
    names = _who_may("refund_limit_cents", amount, on)
    if not names:
        return "No seat may give this much back; the owner can set a limit on the Seats page."
    return f"It may be given back by {', '.join(names)}."


def _who_may(column: str, amount: Money, on: date) -> list[str]:
    able: list[Seat] = list(seats().filter(**{f"{column}__gte": amount.cents}).order_by(column)[:3])
    holders = holders_of(able, on)
    return [f"{holders[seat.id].name} ({seat.name})" for seat in able]


account_lines = ledger.account_lines
LedgerLine = ledger.LedgerLine
