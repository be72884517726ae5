"""Change coverage: payers, policies, questions to payers and their answers, authorizations, enrollments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from stead.coverage import rules
from stead.coverage.models import Authorization, AuthorizationUse, Coverage, EligibilityCheck, Enrollment, Payer
from stead.coverage.terms import AuthorizationDetails, EligibilityAnswer, PayerDetails, Subscriber
from stead.patients.models import Patient
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.files.models import StoredFile
from stead.platform.files.store import Upload, store
from stead.platform.identifiers import new_id
from stead.platform.journal.write import write
from stead.platform.refusals import InvalidInput, NotFound, Refusal
from stead.practice.models import StaffMember
from stead.practice.queries import practice_day


@contextmanager
def _refusing(constraint: str, refusal: Refusal) -> Iterator[None]:
    """Turn a broken constraint into the refusal that explains it."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if constraint in str(error):
            raise refusal from None
        raise


def _coverage(coverage_id: UUID, by: Actor) -> Coverage:
    row = Coverage.objects.get_or_none(id=coverage_id)
    if row is None or (by.kind == "patient" and row.patient_id != by.id):
        raise NotFound()
    return row


def _check_files(row: Coverage, files: set[UUID]) -> None:
    """Refuse a photo that is not of this policy's patient: it would be shown with their record."""
    if StoredFile.objects.filter(id__in=files, patient_id=row.patient_id).count() != len(files):
        raise NotFound()


@action("add_payer", permission="coverage.payers", words="add a payer")
def add_payer(*, practice: UUID, by: Actor, at: datetime, details: PayerDetails) -> Payer:
    """Write down an insurer as the clearinghouse knows it."""
    rules.check_payer(details)
    with _refusing(
        "payer_edi_id_once", rules.PayerUnreadable("A payer with this identifier is in the list.", field="edi_id")
    ):
        row = Payer.objects.create(
            **(asdict(details) | {"name": details.name.strip(), "edi_id": details.edi_id.strip()})
        )
    write("payer.added", by=by, at=at, subject=row)
    return row


@action("add_coverage", permission="coverage.change", words="write down a policy")
def add_coverage(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    patient_id: UUID,
    payer_id: UUID,
    member_id: str,
    group_number: str = "",
    rank: int = 1,
    relation: str = "self",
    subscriber: Subscriber | None = None,
    starts_date: date | None = None,
    ends_date: date | None = None,
) -> Coverage:
    """Write down a patient's policy. Refuses a second one of the same rank while the first is not retired."""
    if by.kind == "patient" and by.id != patient_id:
        raise NotFound()
    if not Patient.objects.filter(id=patient_id).exists() or not Payer.objects.filter(id=payer_id).exists():
        raise NotFound()
    holder = subscriber or Subscriber()
    has_holder = bool(holder.last_name.strip() and holder.birth_date)
    rules.check_policy(
        member_id=member_id, rank=rank, relation=relation, has_subscriber=has_holder, starts=starts_date, ends=ends_date
    )
    with _refusing("coverage_one_per_rank", rules.RankTaken(field="rank")):
        row = Coverage.objects.create(
            patient_id=patient_id,
            payer_id=payer_id,
            rank=rank,
            member_id=rules.clean_member_id(member_id),
            group_number=group_number.strip(),
            relation=relation,
            subscriber_first_name=holder.first_name.strip(),
            subscriber_last_name=holder.last_name.strip(),
            subscriber_birth_date=holder.birth_date,
            starts_date=starts_date,
            ends_date=ends_date,
        )
    write("coverage.added", by=by, at=at, subject=row, patient_id=patient_id, payer_id=str(payer_id), rank=rank)
    return row


@action("retire_coverage", permission="coverage.change", words="retire a policy")
def retire_coverage(
    *, practice: UUID, by: Actor, at: datetime, coverage_id: UUID, ends_date: date | None = None
) -> Coverage:
    """End a policy: it is billed no more for later services; what was billed under it stays.

    Without a last day it covers nothing from today on, whatever day it was written down to end.
    """
    row = _coverage(coverage_id, by)
    if row.retired_at is not None:
        raise rules.AlreadyRetired()
    row.retired_at = at
    row.ends_date = rules.last_day(row.ends_date, ends_date, practice_day(at))
    row.save(update_fields=["retired_at", "ends_date"])
    write("coverage.retired", by=by, at=at, subject=row, patient_id=row.patient_id)
    return row


@action("attach_card", permission="coverage.change", words="attach an insurance card")
def attach_card(
    *, practice: UUID, by: Actor, at: datetime, coverage_id: UUID, front_file_id: UUID | None = None,
    back_file_id: UUID | None = None, front: Upload | None = None, back: Upload | None = None,
) -> Coverage:  # fmt: skip
    """Keep the photos of the card, stored already or sent now (`front`, `back`); a new photo must be compared anew.
    A side that is not new stays as it was. Refuses a card without a front; of photos that are refused none stays.
    """
    row = _coverage(coverage_id, by)
    front_file_id = _stored(row, front, "front", by, at) or front_file_id or row.card_front_file_id
    back_file_id = _stored(row, back, "back", by, at) or back_file_id
    if front_file_id is None:
        raise rules.CardMissing()
    _check_files(row, {file_id for file_id in (front_file_id, back_file_id) if file_id is not None})
    row.card_front_file_id, row.card_verified_at = front_file_id, None
    row.card_back_file_id = back_file_id or row.card_back_file_id
    row.save(update_fields=["card_front_file_id", "card_back_file_id", "card_verified_at"])
    write("coverage.card_attached", by=by, at=at, subject=row, patient_id=row.patient_id)
    return row


def _stored(row: Coverage, photo: Upload | None, side: str, by: Actor, at: datetime) -> UUID | None:
    """Store one side's photo. A refusal names the side."""
    if photo is None:
        return None
    try:
        return store(photo.data, name=photo.name, purpose="insurance card", by=by, at=at, patient_id=row.patient_id).id
    except InvalidInput as refusal:
        refusal.field = side
        raise


@action("verify_card", permission="coverage.verify", words="compare an insurance card")
def verify_card(*, practice: UUID, by: Actor, at: datetime, coverage_id: UUID) -> Coverage:
    """Say that payer, member number and holder were compared with the card's photo."""
    row = _coverage(coverage_id, by)
    if row.card_front_file_id is None:
        raise rules.CardMissing()
    row.card_verified_at = at
    row.save(update_fields=["card_verified_at"])
    write("coverage.card_verified", by=by, at=at, subject=row, patient_id=row.patient_id)
    return row


@action("ask_eligibility", permission="coverage.ask", words="ask a payer about cover")
def ask_eligibility(
    *, practice: UUID, by: Actor, at: datetime, coverage_id: UUID, service_date: date
) -> EligibilityCheck:
    """Put the question to the payer; the answer comes by `record_eligibility_answer` and this trace."""
    coverage = _coverage(coverage_id, by)
    if coverage.retired_at is not None:
        raise rules.AlreadyRetired("This policy is retired. Ask about the one that is in force.")
    key = new_id()
    row = EligibilityCheck.objects.create(
        id=key,
        coverage_id=coverage.id,
        patient_id=coverage.patient_id,
        trace=key.hex.upper(),
        service_date=service_date,
        asked_at=at,
    )
    write("eligibility.asked", by=by, at=at, subject=row, patient_id=row.patient_id)
    return row


@action(
    "record_eligibility_answer",
    permission="coverage.answer",
    words="write down a payer's answer",
    may_change_nothing=True,
)
def record_eligibility_answer(
    *, practice: UUID, by: Actor, at: datetime, trace: str, answer: EligibilityAnswer
) -> EligibilityCheck:
    """Keep what the payer said. The same answer twice changes nothing; a failed transport may be answered later."""
    row = EligibilityCheck.objects.select_for_update().filter(trace=trace).first()
    if row is None:
        raise NotFound("No question of ours has this trace number.")
    if row.state not in ("asked", "failed"):
        if _kept(answer) == row.answer and answer.state == row.state:
            return row
        raise rules.AlreadyAnswered()
    for name in (
        "state",
        "copay_cents",
        "deductible_left_cents",
        "coinsurance_percent",
        "authorization_required",
        "carve_out",
        "reject_code",
    ):
        setattr(row, name, getattr(answer, name))
    row.answered_at, row.answer, row.carve_out = at, _kept(answer), answer.carve_out[:120]
    row.save()
    write(
        "eligibility.answered",
        by=by,
        at=at,
        subject=row,
        patient_id=row.patient_id,
        state=row.state,
        code=row.reject_code,
    )
    return row


def _kept(answer: EligibilityAnswer) -> dict[str, Any]:
    return {"words": answer.words, "rows": [list(row) for row in answer.rows], "source": answer.source}


@action("add_authorization", permission="coverage.authorize", words="write down an authorization")
def add_authorization(*, practice: UUID, by: Actor, at: datetime, details: AuthorizationDetails) -> Authorization:
    """Keep the payer's yes, with its units and dates."""
    rules.check_authorization(details)
    coverage = _coverage(details.coverage_id, by)
    row = Authorization.objects.create(
        patient_id=coverage.patient_id, **(asdict(details) | {"number": details.number.strip()})
    )
    write("authorization.added", by=by, at=at, subject=row, patient_id=row.patient_id, units=row.units)
    return row


@action(
    "count_unit", permission="coverage.count", words="count a visit against an authorization", may_change_nothing=True
)
def count_unit(
    *, practice: UUID, by: Actor, at: datetime, coverage_id: UUID, service_date: date, encounter_id: UUID,
    units: int = 1,
) -> Authorization | None:  # fmt: skip
    """Take the visit's units of the authorization that ends first; a visit counted before keeps its own.

    None if the policy has none on that day, or none with units left: most payers ask for none, and whether one was
    needed is for the caller to say (`queries.is_used_up`). The rows are locked, so that two visits at once cannot both
    take the last unit.
    """
    days = {"starts_date__lte": service_date, "ends_date__gte": service_date}
    rows = Authorization.objects.select_for_update().filter(coverage_id=coverage_id, state="approved", **days)
    found = list(rows.order_by("ends_date", "id"))
    used = AuthorizationUse.objects.filter(encounter_id=encounter_id, given_back_at=None).first()
    if used is not None:
        return Authorization.objects.get(id=used.authorization_id)
    row = next((r for r in found if r.units_used + units <= r.units), None)
    if row is None:
        return None
    AuthorizationUse.objects.create(authorization_id=row.id, encounter_id=encounter_id, units=units, at=at)
    _use(row, units)
    left = row.units - row.units_used
    write("authorization.counted", by=by, at=at, subject=row, patient_id=row.patient_id, left=left)
    return row


@action(
    "give_unit_back", permission="coverage.count", words="give the unit of a visit back to its authorization",
    may_change_nothing=True,
)  # fmt: skip
def give_unit_back(*, practice: UUID, by: Actor, at: datetime, encounter_id: UUID) -> Authorization | None:
    """Give back what a visit took, when its charge is voided; None where it took nothing or gave it back before."""
    uses = AuthorizationUse.objects.select_for_update().filter(encounter_id=encounter_id, given_back_at=None)
    used = uses.first()
    if used is None:
        return None
    used.given_back_at = at
    used.save(update_fields=["given_back_at"])
    row = Authorization.objects.select_for_update().get(id=used.authorization_id)
    _use(row, -used.units)
    left = row.units - row.units_used
    write("authorization.given_back", by=by, at=at, subject=row, patient_id=row.patient_id, left=left)
    return row


def _use(row: Authorization, units: int) -> None:
    row.units_used += units
    row.save(update_fields=["units_used"])


@action("enroll_practitioner", permission="coverage.enroll", words="write down an enrollment")
def enroll_practitioner(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    staff_id: UUID,
    payer_id: UUID,
    effective_date: date,
    location_id: UUID | None = None,
    ended_date: date | None = None,
) -> Enrollment:
    """Say from when, and until which day, a payer pays this practitioner, everywhere or at one location."""
    if not StaffMember.objects.filter(id=staff_id).exists() or not Payer.objects.filter(id=payer_id).exists():
        raise NotFound()
    if ended_date and ended_date < effective_date:
        raise rules.DatesReversed(field="ended_date")
    row, _ = Enrollment.objects.update_or_create(
        staff_id=staff_id,
        payer_id=payer_id,
        location_id=location_id,
        defaults={"effective_date": effective_date, "ended_date": ended_date},
    )
    write("enrollment.written", by=by, at=at, subject=row, payer_id=str(payer_id))
    return row
