"""Charges: what a signed note earned."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from stead.billing import ledger, rules
from stead.billing.models import Charge, Fee
from stead.care.models import Encounter, Note
from stead.coverage import queries as coverage
from stead.coverage.models import Payer
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.journal.write import write
from stead.platform.money import Money
from stead.platform.refusals import Conflict, InvalidInput, NotFound
from stead.scheduling.models import Appointment, Service


class NoteNotSigned(Conflict):
    words = "The note of this visit is not signed, so there is nothing to charge yet."


class FeeThere(Conflict):
    words = "There is a fee for this procedure from this day already."


@action("add_fee", permission="billing.fees", words="write down a fee")
def add_fee(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    procedure_code: str,
    amount: Money,
    from_date: date,
    payer_id: UUID | None = None,
) -> Fee:
    """Set a price from a day on: the practice's own (no payer) or what a payer's contract allows."""
    if amount.cents < 0 or not procedure_code.strip():
        raise InvalidInput("A fee needs a procedure code and an amount that is not below zero.")
    if payer_id and not Payer.objects.filter(id=payer_id).exists():
        raise NotFound()
    given = {"payer_id": payer_id, "procedure_code": procedure_code.strip(), "from_date": from_date}
    if Fee.objects.filter(**given).exists():
        raise FeeThere()
    row = Fee.objects.create(amount_cents=amount.cents, **given)
    write("fee.added", by=by, at=at, subject=row, procedure_code=row.procedure_code, amount_cents=amount.cents)
    return row


@action("make_charges", permission="billing.charge", words="charge a signed visit", may_change_nothing=True)
def make_charges(*, practice: UUID, by: Actor, at: datetime, encounter_id: UUID) -> list[Charge]:
    """Charge a visit whose note is signed, and owe it: to the payer where there is one, else to the patient.

    Refuses an unsigned note. A visit charged before keeps its charge; one without a service (imported) earns none.
    """
    visit = Encounter.objects.filter(id=encounter_id).first()
    if visit is None:
        raise NotFound()
    if not Note.objects.filter(encounter_id=visit.id, state="signed").exists():
        raise NoteNotSigned()
    charged = list(Charge.objects.filter(encounter_id=visit.id, voided_at=None))
    service = Service.objects.filter(id=visit.service_id).first() if visit.service_id else None
    if charged or service is None:
        return charged
    return [_charge(visit, service, by, at)]


def _charge(visit: Encounter, service: Service, by: Actor, at: datetime) -> Charge:
    place, modifiers = rules.place_of(_modality(visit, service))
    row = Charge.objects.create(
        id=uuid7(at),
        encounter_id=visit.id,
        patient_id=visit.patient_id,
        practitioner_id=visit.practitioner_id,
        procedure_code=service.procedure_code,
        modifiers=modifiers,
        amount_cents=fee_of(service, visit.service_date),
        diagnosis_codes=visit.diagnosis_codes,
        place_of_service=place,
        service_date=visit.service_date,
        made_at=at,
    )
    policy = coverage.find_first_coverage(visit.patient_id, visit.service_date)
    if row.amount_cents:
        owing = policy.payer_id if policy else None
        ledger.post(
            rules.charge_posting(
                row.id, row.patient_id, row.amount_cents, row.service_date, payer_id=owing, words=service.name
            ),
            by=by,
            at=at,
        )
    write(
        "charge.made",
        by=by,
        at=at,
        subject=row,
        patient_id=row.patient_id,
        amount_cents=row.amount_cents,
        encounter_id=str(visit.id),
        self_pay=policy is None,
    )
    return row


def _modality(visit: Encounter, service: Service) -> str:
    booked = Appointment.objects.filter(id=visit.appointment_id).first() if visit.appointment_id else None
    return booked.modality if booked else service.modality


def fee_of(service: Service, on: date) -> int:
    """Return the practice's newest fee of a procedure on a day, in cents; the service's own price where none is
    written."""
    rows = Fee.objects.filter(procedure_code=service.procedure_code, payer_id=None, from_date__lte=on)
    newest = rows.order_by("-from_date").first() if service.procedure_code else None
    return newest.amount_cents if newest else service.price_cents
