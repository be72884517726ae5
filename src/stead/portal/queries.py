"""What a patient may read of their own record. Columns are named one by one: a field that staff add later does not
appear here by itself. Rows are kept to the patient twice, by these filters and by row-level security."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from stead.billing.models import Payment, PaymentCard, Statement
from stead.coverage.models import Coverage
from stead.messaging.models import OutboxMessage
from stead.patients.models import Patient
from stead.patients.rules import zip_words
from stead.platform.files.models import StoredFile
from stead.platform.refusals import NotFound
from stead.practice.models import Location
from stead.processes.models import Case, CaseItem
from stead.scheduling.models import Appointment

ITEM_COLUMNS = (
    "id", "case_id", "stage_key", "key", "kind", "words", "state", "return_reason", "received_at", "decided_at",
)  # fmt: skip
PAYMENT_COLUMNS = (
    "id", "amount_cents", "method", "state", "declined_because", "started_at", "card__brand", "card__last4",
)  # fmt: skip
OPEN_STATES = ("open", "asked", "returned")
VISIT_COLUMNS = (
    "id", "starts_at", "ends_at", "status", "modality", "held_until", "practitioner_id", "service_id",
    "practitioner__name", "practitioner__credentials", "service__name", "service__name_es", "location_id",
    "location__name", "location__line1", "location__city", "location__time_zone", "location__phone",
)  # fmt: skip


@dataclass(frozen=True)
class Me:
    """The patient as their own pages greet them."""

    id: UUID
    first_name: str
    last_name: str
    called: str
    language: str
    email: str
    phone: str
    status: str
    location_id: UUID | None
    practitioner_id: UUID | None


@dataclass(frozen=True)
class Journey:
    """A case as its patient sees it."""

    case_id: UUID
    stage_key: str
    waiting_on: str
    opened_at: datetime
    due_at: datetime | None
    helper: str
    stages: tuple[tuple[str, str, str], ...]
    """(key, English, Spanish) in order."""


def get_me(patient_id: UUID) -> Me:
    columns = ("first_name", "last_name", "preferred_name", "language", "email", "phone", "status", "home_location_id",
               "practitioner_id")  # fmt: skip
    row = Patient.objects.filter(id=patient_id).values(*columns).first()
    if row is None:
        raise NotFound()
    return Me(
        id=patient_id,
        first_name=row["first_name"],
        last_name=row["last_name"],
        called=row["preferred_name"] or row["first_name"],
        language=row["language"],
        email=row["email"],
        phone=row["phone"],
        status=row["status"],
        location_id=row["home_location_id"],
        practitioner_id=row["practitioner_id"],
    )


def address_of(patient_id: UUID) -> dict[str, str]:
    """Return where the patient lives, as people write it; an empty part is not known."""
    row = Patient.objects.filter(id=patient_id).values("line1", "city", "zip_code", "state").first()
    if row is None:
        raise NotFound()
    return {name: str(value) for name, value in row.items()} | {"zip_code": zip_words(row["zip_code"])}


def find_journey(patient_id: UUID, *, only: UUID | None = None) -> Journey | None:
    """Return the newest open case that has words for the patient; `only` looks at that one. Needs the portal role."""
    stages = _stages()
    columns = ("id", "stage_key", "waiting_on", "opened_at", "due_at", "owner_staff__name")
    rows = Case.objects.filter(patient_id=patient_id, state="open", **({"id": only} if only else {}))
    for case in rows.order_by("-opened_at").values(*columns):
        if stages.get(case["id"]):
            return Journey(
                case_id=case["id"],
                stage_key=case["stage_key"],
                waiting_on=case["waiting_on"],
                opened_at=case["opened_at"],
                due_at=case["due_at"],
                helper=case["owner_staff__name"] or "",
                stages=tuple(stages[case["id"]]),
            )
    return None


def _stages() -> dict[UUID, list[tuple[str, str, str]]]:
    found: dict[UUID, list[tuple[str, str, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute("select case_id, stage_key, en, es from stead.portal_stages() order by case_id, place")
        for case_id, key, english, spanish in cursor.fetchall():
            if english:
                found.setdefault(case_id, []).append((key, english, spanish or english))
    return found


def item_words() -> dict[tuple[UUID, str], tuple[str, str]]:
    """Return (case, item key) to the English and Spanish ask. Needs the portal role; empty for the app role."""
    with connection.cursor() as cursor:
        cursor.execute("select case_id, item_key, en, es from stead.portal_item_words()")
        return {(row[0], row[1]): (row[2], row[3] or row[2]) for row in cursor.fetchall()}


def items_of(patient_id: UUID, case_id: UUID) -> list[dict[str, Any]]:
    """Return what the case asks of the patient, in the playbook's order."""
    rows = CaseItem.objects.filter(patient_id=patient_id, case_id=case_id, asked_of="patient")
    return list(rows.order_by("id").values(*ITEM_COLUMNS))


def get_item(patient_id: UUID, item_id: UUID) -> dict[str, Any]:
    """Return one thing asked of the patient. Another patient's is not there."""
    rows = CaseItem.objects.filter(id=item_id, patient_id=patient_id, asked_of="patient", case__state="open")
    found = rows.values(*ITEM_COLUMNS).first()
    if found is None:
        raise NotFound()
    return dict(found)


def visits_of(patient_id: UUID) -> list[dict[str, Any]]:
    """Return visits, newest first; what was only held and let go is left out."""
    rows = Appointment.objects.filter(patient_id=patient_id).exclude(status="released")
    return list(rows.order_by("-starts_at").values(*VISIT_COLUMNS)[:100])


def get_visit(patient_id: UUID, visit_id: UUID) -> dict[str, Any]:
    found = Appointment.objects.filter(id=visit_id, patient_id=patient_id).values(*VISIT_COLUMNS).first()
    if found is None:
        raise NotFound()
    return dict(found)


def open_signatures(patient_id: UUID) -> list[dict[str, Any]]:
    """Return what the patient's open cases ask to be signed, oldest first: `case_id`, `stage_key`, `key`, `state`."""
    rows = CaseItem.objects.filter(
        patient_id=patient_id, asked_of="patient", kind="signature", state__in=OPEN_STATES, case__state="open"
    )
    return list(rows.order_by("case_id", "id").values(*ITEM_COLUMNS))


def find_next_visit(patient_id: UUID, at: datetime) -> dict[str, Any] | None:
    rows = Appointment.objects.filter(
        patient_id=patient_id, starts_at__gt=at, status__in=("held", "booked", "confirmed")
    )
    found = rows.order_by("starts_at").values(*VISIT_COLUMNS).first()
    return dict(found) if found else None


def statements_of(patient_id: UUID) -> list[dict[str, Any]]:
    columns = ("id", "number", "as_of_date", "due_date", "total_cents", "file_id")
    return list(Statement.objects.filter(patient_id=patient_id).order_by("-as_of_date", "-number").values(*columns))


def cards_of(patient_id: UUID) -> list[dict[str, Any]]:
    """Return the cards on file: never the token."""
    columns = ("id", "brand", "last4", "expires_month", "expires_year", "vaulted_at")
    rows = PaymentCard.objects.filter(patient_id=patient_id, removed_at=None)
    return list(rows.order_by("-vaulted_at").values(*columns))


def payments_of(patient_id: UUID) -> list[dict[str, Any]]:
    """Return the last twenty payments, newest first."""
    rows = Payment.objects.filter(patient_id=patient_id).order_by("-started_at", "-id")
    return list(rows.values(*PAYMENT_COLUMNS)[:20])


def get_payment(patient_id: UUID, payment_id: UUID) -> dict[str, Any]:
    found = Payment.objects.filter(id=payment_id, patient_id=patient_id).values(*PAYMENT_COLUMNS).first()
    if found is None:
        raise NotFound()
    return dict(found)


def coverages_of(patient_id: UUID) -> list[dict[str, Any]]:
    columns = ("id", "payer__name", "rank", "member_id", "group_number", "relation")
    rows = Coverage.objects.filter(patient_id=patient_id, retired_at=None)
    return list(rows.order_by("rank").values(*columns))


def messages_of(patient_id: UUID) -> list[dict[str, Any]]:
    """Return what was sent to the patient, newest first."""
    columns = ("id", "channel", "template", "subject", "body", "sent_at", "created_at")
    rows = OutboxMessage.objects.filter(patient_id=patient_id, state="sent")
    return list(rows.order_by("-sent_at").values(*columns)[:100])


def find_receipt_address(patient_id: UUID, payment_id: UUID) -> str | None:
    """Return where the receipt of a payment was sent or is about to be; None when nobody may write to the patient."""
    rows = OutboxMessage.objects.filter(
        patient_id=patient_id, key=f"receipt:{payment_id}", state__in=("queued", "leaving", "sent")
    )
    channel = rows.filter(key=f"receipt:{payment_id}").values_list("channel", flat=True).first()
    me = get_me(patient_id)
    return {"email": me.email, "sms": me.phone}.get(channel or "")


def get_file(patient_id: UUID, file_id: UUID) -> StoredFile:
    found = StoredFile.objects.filter(id=file_id, patient_id=patient_id).first()
    if found is None:
        raise NotFound()
    return found


def phone_of(location_id: UUID | None) -> str:
    """Return the number to call: of the patient's place, else of the first place that has one."""
    rows = Location.objects.exclude(phone="").filter(closed_date=None)
    own = rows.filter(id=location_id).values_list("phone", flat=True).first() if location_id else None
    return own or rows.order_by("name").values_list("phone", flat=True).first() or ""


def time_zone_of(location_id: UUID | None, fallback: str) -> str:
    zone = Location.objects.filter(id=location_id).values_list("time_zone", flat=True).first() if location_id else None
    return zone or fallback
