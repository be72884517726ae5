"""Claims: made from a signed visit, scrubbed, sent, acknowledged, rejected, sent again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse

from stead.billing import ledger, rules
from stead.billing.claim_form import differs_from_note, findings_of
from stead.billing.days import book_day
from stead.billing.matching import locked_lines
from stead.billing.models import Charge, Claim, ClaimEvent, ClaimLine, Denial, LedgerTransaction, RemittanceClaim
from stead.billing.numbers import claim_number
from stead.billing.queries import claim_owed, claims_of_the_same_visits
from stead.billing.terms import Correction
from stead.care.models import Encounter, Note
from stead.coverage import queries as coverage
from stead.coverage.actions import count_unit
from stead.coverage.models import Authorization, Coverage, Payer
from stead.platform import actors
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.journal.write import write
from stead.platform.refusals import NotFound
from stead.processes import gates
from stead.processes.actions import create_task


def the_claim(claim_id: UUID) -> Claim:
    """Lock a claim, so that two answers to it are posted one after the other."""
    row = Claim.objects.select_for_update().filter(id=claim_id).first()
    if row is None:
        raise NotFound()
    return row


def tell(
    claim: Claim, kind: str, at: datetime, words: str = "", code: str = "", interchange: UUID | None = None
) -> None:
    """Add one step to the claim's history."""
    ClaimEvent.objects.create(
        id=uuid7(at), claim_id=claim.id, at=at, kind=kind, code=code[:30], words=words[:300], interchange_id=interchange
    )


def move(claim: Claim, state: str, at: datetime, **also: Any) -> None:
    """Change a claim's state as its life allows, and write the row."""
    rules.check_transition(claim.state, state)
    claim.state, claim.state_at, claim.version_no = state, at, claim.version_no + 1
    for name, value in also.items():
        setattr(claim, name, value)
    claim.save(update_fields=["state", "state_at", "version_no", *also])


@action("make_claim", permission="billing.claim", words="make a claim", may_change_nothing=True)
def make_claim(*, practice: UUID, by: Actor, at: datetime, encounter_id: UUID) -> Claim | None:
    """Make the claim of a charged visit and scrub it: ready to leave, or held with every reason.

    None where no policy covers the day: the patient owes, nobody is billed. A visit claimed before keeps its claim.
    """
    visit = Encounter.objects.filter(id=encounter_id).first()
    if visit is None:
        raise NotFound()
    charges = list(Charge.objects.filter(encounter_id=visit.id, voided_at=None, amount_cents__gt=0))
    policy = coverage.find_first_coverage(visit.patient_id, visit.service_date)
    if not charges or policy is None:
        return None
    there = ClaimLine.objects.filter(charge_id__in=[c.id for c in charges]).select_related("claim").first()
    if there:
        return there.claim
    yes = count_unit(
        practice=practice, by=by, at=at, coverage_id=policy.id, service_date=visit.service_date, encounter_id=visit.id
    )
    claim = _new_claim(visit, policy, sum(c.amount_cents for c in charges), yes, at)
    add_lines(claim, charges)
    _tell_made(claim, by, at)
    return claim


def _new_claim(visit: Encounter, policy: Coverage, total: int, yes: Authorization | None, at: datetime) -> Claim:
    payer = Payer.objects.get(id=policy.payer_id)
    return Claim.objects.create(
        id=uuid7(at),
        number=claim_number(),
        patient_id=visit.patient_id,
        coverage_id=policy.id,
        payer_id=payer.id,
        practitioner_id=visit.practitioner_id,
        location_id=visit.location_id,
        total_cents=total,
        authorization_number=yes.number if yes else "",
        service_date=visit.service_date,
        made_at=at,
        state_at=at,
        file_before_date=rules.file_before(visit.service_date, payer.timely_filing_days),
    )


def add_lines(claim: Claim, charges: Sequence[Charge]) -> None:
    ClaimLine.objects.bulk_create(
        ClaimLine(
            claim_id=claim.id,
            charge_id=charge.id,
            position=position,
            line_control=f"{claim.number}-{position}",
            amount_cents=charge.amount_cents,
        )
        for position, charge in enumerate(charges, start=1)
    )


def _tell_made(claim: Claim, by: Actor, at: datetime) -> None:
    tell(claim, "made", at, f"Made by {by.name}")
    write(
        "claim.made",
        by=by,
        at=at,
        subject=claim,
        patient_id=claim.patient_id,
        number=claim.number,
        amount_cents=claim.total_cents,
        payer_id=str(claim.payer_id),
    )
    _scrub(claim, by, at)


def _scrub(claim: Claim, by: Actor, at: datetime) -> None:
    """Hold a claim that would be rejected, or let a held one go."""
    found = findings_of(claim)
    state = "held" if found else "ready"
    if state == claim.state and found == claim.held_because:
        return
    move(claim, state, at, held_because=found)
    if found:
        tell(claim, "held", at, "; ".join(f["words"] for f in found), code=found[0]["code"])
        write(
            "claim.held",
            by=by,
            at=at,
            subject=claim,
            patient_id=claim.patient_id,
            codes=[f["code"] for f in found],
        )
    else:
        tell(claim, "ready", at, "Nothing stops it any more")
        write("claim.released", by=by, at=at, subject=claim, patient_id=claim.patient_id)


@action("scrub_claim", permission="billing.claim", words="check a held claim again", may_change_nothing=True)
def scrub_claim(*, practice: UUID, by: Actor, at: datetime, claim_id: UUID) -> Claim:
    """Check a claim that waits once more, after a record was mended."""
    claim = the_claim(claim_id)
    if claim.state not in ("held", "ready"):
        raise rules.ClaimStateRefuses()
    if not claim.authorization_number and not claim.replaces_id:
        _take_authorization(claim, practice, by, at)
    _scrub(claim, by, at)
    return claim


def _take_authorization(claim: Claim, practice: UUID, by: Actor, at: datetime) -> None:
    """Count the visit against an authorization that was written down after the claim was made, and quote it."""
    visit = claim.lines.select_related("charge")[0].charge.encounter_id
    door: dict[str, Any] = {"practice": practice, "by": by, "at": at}
    yes = count_unit(**door, coverage_id=claim.coverage_id, service_date=claim.service_date, encounter_id=visit)
    if yes is not None:
        claim.authorization_number = yes.number
        claim.save(update_fields=["authorization_number"])


@action("submit_claim", permission="billing.claim", words="send a claim", gated=True, hands=("claim",))
def record_claim_sent(
    *, practice: UUID, by: Actor, at: datetime, claim_id: UUID, interchange_id: UUID | None = None
) -> Claim:
    """Write down that a claim left in a file. Refuses a held one, and one that left before."""
    claim = the_claim(claim_id)
    if claim.state != "ready":
        raise rules.ClaimStateRefuses()
    gates.ask("submit_claim", {"claim": claim}, by=by, at=at)
    move(claim, "sent", at, sent_at=at, interchange_id=interchange_id)
    tell(claim, "sent", at, interchange=interchange_id)
    write("claim.sent", by=by, at=at, subject=claim, patient_id=claim.patient_id, amount_cents=claim.total_cents)
    return claim


@action("record_claim_acknowledged", permission="billing.answer", words="write down an acknowledgement")
def record_acknowledged(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    claim_id: UUID,
    kind: str,
    code: str = "",
    payer_claim_number: str = "",
    words: str = "",
    interchange_id: UUID | None = None,
) -> Claim:
    """Write down a 999 or 277CA that takes the claim in. A 277CA makes it accepted and brings the payer's number,
    which proves timely filing; an answer that comes late changes no later state."""
    claim = the_claim(claim_id)
    if payer_claim_number and payer_claim_number != claim.payer_claim_number:
        claim.payer_claim_number = payer_claim_number[:50]
        claim.save(update_fields=["payer_claim_number"])
    if kind == "277CA" and claim.state == "sent":
        # A void is taken in and then done: what it gives back comes as the reversal of the claim it voids.
        move(claim, "closed" if claim.frequency == "8" else "accepted", at)
    tell(claim, kind, at, words, code, interchange_id)
    write("claim.acknowledged", by=by, at=at, subject=claim, patient_id=claim.patient_id, kind=kind, code=code)
    return claim


@action("record_claim_rejected", permission="billing.answer", words="write down a rejection")
def record_rejected(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    claim_id: UUID,
    kind: str,
    code: str = "",
    words: str = "",
    interchange_id: UUID | None = None,
) -> Claim:
    """Write down a 999 or 277CA that sends the claim back. It was never judged: it is mended and sent as new. One that
    comes late, or a second time, stands in the claim's history and rejects nothing."""
    claim = the_claim(claim_id)
    is_open = claim.state in ("sent", "accepted")
    if is_open:
        move(claim, "rejected", at)
    tell(claim, kind, at, words, code, interchange_id)
    verb = "claim.rejected" if is_open else "claim.rejected_late"
    write(verb, by=by, at=at, subject=claim, patient_id=claim.patient_id, kind=kind, code=code)
    return claim


@action("resubmit_claim", permission="billing.claim", words="send a claim again", gated=True, hands=("claim",))
def resubmit_claim(
    *, practice: UUID, by: Actor, at: datetime, claim_id: UUID, correction: Correction | None = None
) -> Claim:
    """Send a claim again under a new number, corrected: as new (1) after a rejection, as replacement (7) with the
    payer's own number after a decision. Its denials then wait for the new answer; the old claim is closed."""
    old = the_claim(claim_id)
    change = correction or Correction()
    policy = _policy(old, change.coverage_id)
    is_other_policy = policy.id != old.coverage_id
    frequency = rules.frequency_to_resend(old.state)
    if is_other_policy:
        frequency = "1"
    if number := (change.payer_claim_number or "").strip():
        old.payer_claim_number = number[:50]
        old.save(update_fields=["payer_claim_number"])
    if frequency == "7" and not old.payer_claim_number:
        raise rules.PayerNumberMissing(field="payer_claim_number")
    gates.ask("resubmit_claim", {"claim": old}, by=by, at=at)
    charges = [line.charge for line in sorted(locked_lines([old.id]), key=lambda line: line.position)]
    changed = {str(charge.id): said for charge in charges if (said := _correct(charge, change, len(charges)))}
    claim = _successor(
        old,
        at,
        frequency=frequency,
        coverage_id=policy.id,
        payer_id=policy.payer_id,
        original_reference=old.payer_claim_number if frequency == "7" else "",
        authorization_number=_authorization(old, policy, change, is_other_policy=is_other_policy),
    )
    add_lines(claim, charges)
    if is_other_policy:
        _bill_other_policy(old, claim, by, at)
    if change.diagnosis_codes is not None:
        _ask_clinician(claim, charges, by, at)
    move(old, "closed", at)
    tell(old, "replaced", at, f"Sent again as {claim.number}")
    Denial.objects.filter(claim_id=old.id, state="open").update(state="resent")
    write(
        "claim.resubmitted",
        by=by,
        at=at,
        subject=old,
        patient_id=old.patient_id,
        frequency=frequency,
        new_claim_id=str(claim.id),
        changed=changed,
        from_payer_id=str(old.payer_id),
        to_payer_id=str(claim.payer_id),
    )
    _tell_made(claim, by, at)
    return claim


def _ask_clinician(claim: Claim, charges: Sequence[Charge], by: Actor, at: datetime) -> None:
    """Give the author of the note the task to amend it, where a claim names another diagnosis: the record is theirs,
    and the claim is held until it says the same."""
    for charge in charges:
        note = Note.objects.filter(encounter_id=charge.encounter_id, state="signed").first()
        if note and differs_from_note(charge):
            codes = ", ".join(charge.diagnosis_codes)
            create_task(
                practice=claim.practice_id,
                by=actors.system(),
                at=at,
                key=f"diagnosis:{charge.encounter_id}",
                title=f"{by.name} asks for diagnosis {codes} on {claim.number}: amend the note, or say why not",
                staff_id=note.author_id,
                patient_id=charge.patient_id,
                url=reverse("care_note", args=[note.id]),
            )


def _successor(old: Claim, at: datetime, **given: Any) -> Claim:
    """Write the claim that stands for another one, under a number of its own."""
    payer = Payer.objects.get(id=given.get("payer_id", old.payer_id))
    same = {
        name: getattr(old, name)
        for name in (
            "patient_id", "coverage_id", "payer_id", "practitioner_id", "location_id", "total_cents", "service_date",
        )
    }  # fmt: skip
    return Claim.objects.create(
        **same | given,
        id=uuid7(at),
        number=claim_number(),
        made_at=at,
        state_at=at,
        file_before_date=rules.file_before(old.service_date, payer.timely_filing_days),
        replaces_id=old.id,
    )


def _policy(old: Claim, coverage_id: UUID | None) -> Coverage:
    """Find the policy a claim is to be sent under; another patient's is not there."""
    wanted = coverage_id or old.coverage_id
    row = Coverage.objects.filter(id=wanted, patient_id=old.patient_id).first()
    if row is None:
        raise NotFound()
    return row


def _authorization(old: Claim, policy: Coverage, change: Correction, *, is_other_policy: bool) -> str:
    """Return the number to quote: what was typed, else what stood there. The number of one policy is none of
    another's."""
    typed = None if change.authorization_number is None else change.authorization_number.strip()
    if is_other_policy and typed in (None, old.authorization_number):
        yes = coverage.find_authorization(policy.id, old.service_date)
        return yes.number if yes else ""
    return old.authorization_number if typed is None else typed


def _bill_other_policy(old: Claim, claim: Claim, by: Actor, at: datetime) -> None:
    """Let the new policy's payer owe the visit whole: what the old one cut or left to the patient without paying is
    taken back first. Refused where it has paid, because only it can take its payment back."""
    visits = claims_of_the_same_visits([old.id])
    answers = list(RemittanceClaim.objects.filter(claim_id__in=visits, closed_at=None).order_by("id"))
    if sum(answer.paid_cents for answer in answers):
        raise rules.PaidByFirstPlan(field="coverage")
    keys = [f"{kind}:{answer.id}" for answer in answers for kind in ("era", "match")]
    words = f"{old.number} goes to another policy as {claim.number}"
    for row in LedgerTransaction.objects.filter(key__in=keys).order_by("id"):
        ledger.post(rules.reversal_posting(row.id, ledger.posting_of(row), book_day(at), words), by=by, at=at)
    RemittanceClaim.objects.filter(id__in=[answer.id for answer in answers]).update(
        closed_at=at, closed_because=words[:200], closed_by_name=by.name
    )
    move_debt = rules.to_payer_posting(
        f"to_payer:{claim.id}", old.payer_id, claim.payer_id, old.patient_id, claim_owed(old), book_day(at),
        claim_id=claim.id, words=words,
    )  # fmt: skip
    if move_debt:
        ledger.post(move_debt, by=by, at=at)


def _correct(charge: Charge, change: Correction, services: int) -> dict[str, list[Any]]:
    """Change what a charge says; return what changed, as {field: [old, new]}. The price stays: the visit is owed."""
    new: dict[str, Any] = {}
    if change.diagnosis_codes is not None:
        new["diagnosis_codes"] = list(change.diagnosis_codes)
    if change.modifiers is not None:
        new["modifiers"] = [code.upper() for code in change.modifiers]
    if change.place_of_service is not None:
        new["place_of_service"] = change.place_of_service
    if change.procedure_code is not None:
        new["procedure_code"] = change.procedure_code.strip().upper()
    changed = {name: [getattr(charge, name), value] for name, value in new.items() if getattr(charge, name) != value}
    if "procedure_code" in changed and services > 1:
        raise rules.SeveralServices(field="procedure")
    for name, (_, value) in changed.items():
        setattr(charge, name, value)
    try:
        with transaction.atomic():
            charge.save(update_fields=list(changed) or ["place_of_service"])
    except IntegrityError as error:
        if "charge_once" not in str(error):
            raise
        raise rules.ServiceCharged(field="procedure") from None
    return changed
