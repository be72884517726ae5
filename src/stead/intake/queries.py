"""What has come in: requests, the queue of intake cases, documents that wait for a look."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Case as Choose
from django.db.models import IntegerField, Prefetch, QuerySet, Value, When

from stead.intake.models import (
    IntakeRequest,
    PatientMessage,
    PortalInvitation,
    SafetyAlarm,
    SafetyMinutes,
    SafetyRing,
)
from stead.intake.terms import PLAYBOOK, Minutes
from stead.messaging.models import OutboxMessage
from stead.platform import encryption
from stead.platform.files.models import StoredFile
from stead.platform.refusals import NotFound
from stead.processes.models import Case, CaseItem
from stead.processes.terms import SETTLED


def get_request(request_id: UUID) -> IntakeRequest:
    found = IntakeRequest.objects.select_related("patient").filter(id=request_id).first()
    if found is None:
        raise NotFound()
    return found


def find_newest_request(patient_id: UUID) -> IntakeRequest | None:
    return IntakeRequest.objects.filter(patient_id=patient_id).order_by("-received_at", "-id").first()


def need_of(request: IntakeRequest) -> str:
    """Open what the person wrote, in their own words."""
    bound = {"practice": request.practice_id, "record": request.id}
    return encryption.unseal(request.need_encrypted, **bound, field="need")


def open_cases() -> QuerySet[Case]:
    """Return the open cases of the intake playbook with patient, owner, version and items that are not settled."""
    unsettled = CaseItem.objects.exclude(state__in=SETTLED).filter(required=True).order_by("id")
    return (
        Case.objects.filter(playbook_key=PLAYBOOK, state="open")
        .select_related("patient", "owner_staff", "version")
        .prefetch_related(Prefetch("items", queryset=unsettled, to_attr="missing_items"))
    )


def requests_of(request_ids: list[UUID]) -> dict[UUID, IntakeRequest]:
    """Return the requests by id: a case of this playbook is about one."""
    return {row.id: row for row in IntakeRequest.objects.filter(id__in=request_ids)}


def safety_minutes() -> Minutes:
    """Return how long each person of the ladder has, as the practice set it."""
    row = SafetyMinutes.objects.get_queryset().first()
    return Minutes(row.while_open, row.while_closed, row.again) if row else Minutes()


def ringing_alarms() -> list[UUID]:
    rows = SafetyAlarm.objects.filter(state="ringing").order_by("next_ring_at", "id")
    return list(rows.values_list("id", flat=True))


def late_urgent(at: datetime) -> list[UUID]:
    """Return the open urgent cases whose limit has passed."""
    rows = Case.objects.filter(state="open", alert="urgent", alert_by__lte=at).order_by("alert_by", "id")
    return list(rows.values_list("id", flat=True))


def is_lost(message_id: UUID) -> bool:
    """Answer whether a message will not arrive: it failed for good, or was stopped."""
    return OutboxMessage.objects.filter(id=message_id, state__in=("failed", "stopped")).exists()


def alarms() -> QuerySet[SafetyAlarm]:
    """Return safety requests, those that ring first, then those in hand, then the newest."""
    order = {"ringing": 0, "taken": 1, "settled": 2}
    place = Choose(*(When(state=s, then=Value(n)) for s, n in order.items()), output_field=IntegerField())
    return SafetyAlarm.objects.select_related("patient").order_by(place, "-raised_at", "-id")


def get_alarm(alarm_id: UUID) -> SafetyAlarm:
    found = SafetyAlarm.objects.select_related("patient", "request").filter(id=alarm_id).first()
    if found is None:
        raise NotFound()
    return found


def rings_of(alarm: SafetyAlarm) -> list[SafetyRing]:
    return list(SafetyRing.objects.filter(alarm_id=alarm.id).order_by("step"))


def find_case_of(request_id: UUID) -> Case | None:
    """Return the open intake case of a request."""
    return Case.objects.filter(playbook_key=PLAYBOOK, subject_id=request_id, state="open").first()


def find_alarm_of(request_id: UUID) -> SafetyAlarm | None:
    return SafetyAlarm.objects.filter(request_id=request_id).first()


def received_documents() -> QuerySet[CaseItem]:
    """Return documents that somebody sent and nobody has looked at, the longest waiting first."""
    rows = CaseItem.objects.filter(kind="document", state="received", case__state="open")
    return rows.select_related("case__patient", "case__owner_staff").order_by("received_at", "id")


def get_document(item_id: UUID) -> CaseItem:
    found = CaseItem.objects.filter(id=item_id, kind="document").select_related("case__patient").first()
    if found is None:
        raise NotFound()
    return found


def get_file(file_id: UUID) -> StoredFile:
    found = StoredFile.objects.get_or_none(id=file_id)
    if found is None or found.patient_id is None:
        raise NotFound()
    return found


def find_open_invitation(patient_id: UUID) -> PortalInvitation | None:
    return PortalInvitation.objects.filter(patient_id=patient_id, used_at=None, ended_at=None).first()


def find_newest_invitation(patient_id: UUID) -> PortalInvitation | None:
    return PortalInvitation.objects.filter(patient_id=patient_id).order_by("-sent_at", "-id").first()


def find_case_with_papers(patient_id: UUID) -> UUID | None:
    """Return the newest open case that asks something of the patient: the one whose papers a link opens."""
    asks = CaseItem.objects.filter(patient_id=patient_id, asked_of="patient", case__state="open")
    return asks.order_by("-case__opened_at", "-case_id").values_list("case_id", flat=True).first()


def get_message(message_id: UUID) -> PatientMessage:
    found = PatientMessage.objects.get_or_none(id=message_id)
    if found is None:
        raise NotFound()
    return found


def text_of(message: PatientMessage) -> str:
    """Open what the patient wrote."""
    bound = {"practice": message.practice_id, "record": message.id}
    return encryption.unseal(message.text_encrypted, **bound, field="text")
