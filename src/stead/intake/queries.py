"""What has come in: requests, the queue of intake cases, documents that wait for a look."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from stead.intake.models import IntakeRequest, PatientMessage, PortalInvitation
from stead.intake.terms import PLAYBOOK
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


def get_message(message_id: UUID) -> PatientMessage:
    found = PatientMessage.objects.get_or_none(id=message_id)
    if found is None:
        raise NotFound()
    return found


def text_of(message: PatientMessage) -> str:
    """Open what the patient wrote."""
    bound = {"practice": message.practice_id, "record": message.id}
    return encryption.unseal(message.text_encrypted, **bound, field="text")
