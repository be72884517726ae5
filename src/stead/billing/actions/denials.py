"""Denials: what a payer refused, one row per reason, each with its queue, its money and its deadline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from stead.billing import ledger, queries, rules
from stead.billing.actions.claims import tell, the_claim
from stead.billing.days import book_day
from stead.billing.decisions import Decision
from stead.billing.matching import Ours, locked_lines
from stead.billing.models import Claim, Denial, LedgerTransaction
from stead.billing.queries import claim_owed, claims_of_the_same_visits
from stead.coverage.models import Payer
from stead.platform import actors
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id, uuid7
from stead.platform.journal.write import Line, write, write_all
from stead.platform.money import Money
from stead.platform.refusals import Conflict, NotFound
from stead.platform.ui import words
from stead.processes import gates
from stead.processes.actions import open_case
from stead.processes.queries import find_published
from stead.x12.queues import Queue, words_for

PLAYBOOK = "denial_management"


class DenialClosed(Conflict):
    words = "This denial is decided already. Open it again to see how."


class NotThePatients(Conflict):
    words = "The payer refused this for a reason of ours or its own; the patient does not owe it."


class LessIsOpen(Conflict):
    words = "Part of this was paid or written off since. Write off what is left, or take the write-off back first."


ENDINGS = {
    "paid": "denial.paid",
    "written_off": "denial.written_off",
    "to_patient": "denial.billed_to_patient",
    "reversed": "denial.reversed",
    "answered": "denial.answered",
    "voided": "denial.voided",
}
"""By the state in which a denial ends: the line that says so."""

_PATIENT_MAY_OWE = {Queue.NON_COVERED, Queue.REGISTRATION, Queue.OTHER_INSURANCE}
"""Queues whose refusals can end with the patient. A filing error, a missing authorization or late filing never can."""


def denials_of(claim: Claim, decision: Decision, ours: Ours, on: date, at: datetime, *, payer_id: UUID) -> list[Denial]:
    """Return the rows for what a decision refused, or left to the plan it was sent on to; not written yet."""
    refused = list(decision.refused(is_later=payer_id != claim.payer_id))
    if not refused:
        return []
    deadline = rules.deadline_of(on, ours.appeal_days[payer_id])
    return [
        Denial(
            id=uuid7(at),
            claim_id=claim.id,
            claim_line_id=line.id if (line := ours.line_of(claim, r.part)) else None,
            patient_id=claim.patient_id,
            group_code=r.group,
            reason_code=r.reason,
            remark_codes=list(r.part.remarks),
            amount_cents=r.cents,
            queue=str(r.queue),
            deadline_date=deadline,
            denied_at=at,
        )
        for r in refused
    ]


def may_be_patients(denial: Denial, payer: Payer) -> bool:
    """Whether a refusal is of a kind that the patient can owe: not a contract's, not our own fault, never Medicaid."""
    return denial.queue in _PATIENT_MAY_OWE and denial.group_code != "CO" and not payer.is_medicaid


def is_left_to_next_plan(denial: Denial) -> bool:
    """Whether a row is the patient's part that waits for the plan a claim was sent on to, and no refusal of anybody."""
    return rules.is_left_to_next_plan(denial.queue, denial.group_code, denial.reason_code)


def settle_denials(claim_ids: Collection[UUID], state: str, *, by: Actor, at: datetime) -> None:
    """Close what was refused of the visits of these claims, whichever of their claims was refused."""
    if claim_ids:
        visits = claims_of_the_same_visits(claim_ids)
        close_denials(Denial.objects.filter(claim_id__in=visits), state, by=by, at=at)


def close_denials(rows: QuerySet[Denial], state: str, *, by: Actor, at: datetime) -> None:
    """End those of these denials that still wait, each with its own line, which says how many of its case are left.

    All denials of the same cases are locked: of two who end the last two at once, the second must see that none is
    left.
    """
    waiting = ("open", "resent")
    meant = {row.id: row.case_id for row in rows.filter(state__in=waiting)}
    if not meant:
        return
    cases = {case_id for case_id in meant.values() if case_id}
    locked = list(
        Denial.objects.filter(Q(id__in=meant) | Q(case_id__in=cases)).select_for_update(of=("self",)).order_by("id")
    )
    ended = [row for row in locked if row.id in meant and row.state in waiting]
    Denial.objects.filter(id__in=[row.id for row in ended]).update(state=state)
    left = Counter(row.case_id for row in locked if row.state in waiting)
    told = []
    for row in ended:
        left[row.case_id] -= 1
        said = {
            "claim_id": str(row.claim_id),
            "amount_cents": row.amount_cents,
            "left_of_case": left[row.case_id] if row.case_id else 0,
        }
        told.append(Line(ENDINGS[state], row, row.patient_id, row.case_id, said))
    write_all(told, by=by, at=at)


def open_cases(denials: Sequence[Denial], claims: Mapping[UUID, Claim], at: datetime) -> None:
    """Open one case for each payer and cause among new denials, and write its id on them; not saved yet.

    Ten alike are one case and one letter. Where no denial playbook is published the money is posted all the same, and
    the denials wait in their queue without a case.
    """
    alike: dict[tuple[UUID, str, str], list[Denial]] = {}
    for denial in denials:
        alike.setdefault((claims[denial.claim_id].payer_id, denial.queue, denial.reason_code), []).append(denial)
    if not alike or find_published(PLAYBOOK) is None:
        return
    for (payer_id, queue, _), rows in alike.items():
        payer = Payer.objects.get(id=payer_id)
        first, claim = rows[0], claims[rows[0].claim_id]
        what = f"{words.count(len(rows), 'denial', start=True)} by {payer.name}, {words_for(Queue(queue)).lower()}"
        case = open_case(
            practice=claim.practice_id,
            by=actors.system(),
            at=at,
            playbook_key=PLAYBOOK,
            subject=first,
            title=f"{what}, answer by {words.day(first.deadline_date)}",
            patient_id=first.patient_id if len({row.patient_id for row in rows}) == 1 else None,
            location_id=claim.location_id,
            held_up_cents=sum(row.amount_cents for row in rows),
        )
        for row in rows:
            row.case_id = case.id


def the_denial(denial_id: UUID) -> Denial:
    row = Denial.objects.select_for_update().filter(id=denial_id).first()
    if row is None:
        raise NotFound()
    return row


@action(
    "bill_patient",
    permission="billing.claim",
    words="bill the patient for what the plan does not cover",
    gated=True,
    hands=("claim",),
)
def bill_patient(*, practice: UUID, by: Actor, at: datetime, denial_id: UUID) -> Denial:
    """Move a refused amount to the patient, where the refusal is of a kind that the patient can owe. Never Medicaid,
    and never more than is still open: what was written off is not asked of the patient."""
    claim = the_claim(queries.get_denial(denial_id).claim_id)
    locked_lines([claim.id])
    denial = the_denial(denial_id)
    if denial.state != "open":
        raise DenialClosed()
    payer = Payer.objects.get(id=claim.payer_id)
    if not may_be_patients(denial, payer):
        raise NotThePatients()
    if denial.amount_cents > claim_owed(claim):
        raise LessIsOpen()
    gates.ask("bill_patient", {"claim": claim}, by=by, at=at)
    # The denial's lock and state refuse a second bill. A bill that was taken back may be made again, so each has its
    # key.
    key = f"{bill_key(denial.id)}{new_id()}"
    ledger.post(
        rules.to_patient_posting(key, claim.payer_id, claim.patient_id, denial.amount_cents, book_day(at), claim.id),
        by=by,
        at=at,
    )
    tell(claim, "to_patient", at, f"{by.name} billed {Money(denial.amount_cents)} to the patient")
    close_denials(Denial.objects.filter(id=denial.id), "to_patient", by=by, at=at)
    if claim_owed(claim) <= 0:
        settle_denials([claim.id], "to_patient", by=by, at=at)
    denial.refresh_from_db(fields=["state"])
    return denial


def bill_key(denial_id: UUID) -> str:
    """Return how the key of every bill of a denial begins."""
    return f"to_patient:{denial_id}:"


def reopen_denials(posted: LedgerTransaction, *, by: Actor, at: datetime) -> None:
    """Put the denials that a posting ended back into their queue, now that it is taken back: whatever it settled of the
    visits is owed again. One that a bill of its own still covers stays billed."""
    state = {"write_off": "written_off", "to_patient": "to_patient"}.get(posted.kind)
    if state is None or posted.claim_id is None:
        return
    visits = claims_of_the_same_visits([posted.claim_id])
    rows = list(Denial.objects.filter(claim_id__in=visits, state=state).select_for_update().order_by("id"))
    covered = {row.id for row in rows if state == "to_patient" and _is_billed(row)}
    for row in rows:
        if row.id not in covered:
            row.state = "open"
            row.save(update_fields=["state"])
            write(
                "denial.reopened", by=by, at=at, subject=row, patient_id=row.patient_id, case_id=row.case_id,
                claim_id=str(row.claim_id), amount_cents=row.amount_cents,
            )  # fmt: skip


def _is_billed(denial: Denial) -> bool:
    """Whether a bill of this denial stands in the ledger."""
    bills = LedgerTransaction.objects.filter(patient_id=denial.patient_id, kind="to_patient")
    own = bills.filter(key__startswith=bill_key(denial.id).removesuffix(":"))
    back = LedgerTransaction.objects.filter(reverses_id=OuterRef("id"), patient_id=denial.patient_id)
    return own.exclude(Exists(back)).exists()
