"""Take in a photo or scan that a case asked for, from the patient or at the desk."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from stead.coverage.actions import attach_card
from stead.coverage.queries import find_first_coverage
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.files import store
from stead.platform.files.models import StoredFile
from stead.platform.refusals import InvalidInput, NotFound
from stead.processes.actions import receive_item
from stead.processes.models import CaseItem

FRONT, BACK = "insurance_card_front", "insurance_card_back"


class NotADocument(InvalidInput):
    words = "This is not answered with a photo."


@action("send_document", permission="intake.send", words="send a document")
def send_document(*, practice: UUID, by: Actor, at: datetime, item_id: UUID, data: bytes, name: str) -> CaseItem:
    """Store the file and hand it to the case. Both sides of an insurance card are kept with the policy too.

    Refuses what is no photo or PDF, what is empty or too large, and an item that does not wait for a document.
    """
    item = CaseItem.objects.get_or_none(id=item_id)
    if item is None or (by.kind == "patient" and item.patient_id != by.id):
        raise NotFound()
    if item.kind != "document":
        raise NotADocument()
    file = store.store(data, name=name, purpose="intake", by=by, at=at, patient_id=item.patient_id)
    received = receive_item(practice=practice, by=by, at=at, case_id=item.case_id, key=item.key, file_id=file.id)
    if item.key in (FRONT, BACK) and item.patient_id:
        _keep_with_policy(practice, by, at, item, file)
    return received


def _keep_with_policy(practice: UUID, by: Actor, at: datetime, item: CaseItem, file: StoredFile) -> None:
    """Attach what there is of the card to the first policy, once there is a front and a policy."""
    policy = find_first_coverage(item.patient_id) if item.patient_id else None
    sides = CaseItem.objects.filter(case_id=item.case_id, key__in=(FRONT, BACK)).exclude(file_id=None)
    kept = {key: file_id for key, file_id in sides.values_list("key", "file_id") if file_id} | {item.key: file.id}
    if policy is not None and FRONT in kept:
        attach_card(
            practice=practice,
            by=by,
            at=at,
            coverage_id=policy.id,
            front_file_id=kept[FRONT],
            back_file_id=kept.get(BACK),
        )
