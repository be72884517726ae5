"""What a case needs: asked, received, accepted, or returned for one coded reason. Each may let the case move."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from stead.platform.actions import action
from stead.platform.actors import Actor, system
from stead.platform.files.models import StoredFile
from stead.platform.files.store import Upload, store
from stead.platform.journal.write import write
from stead.platform.refusals import InvalidInput, NotFound
from stead.processes.actions.cases import taken
from stead.processes.models import CaseItem
from stead.processes.moving import Mover
from stead.processes.rules import check_item_move
from stead.processes.terms import RETURN_REASONS


@action("ask_item", permission="cases.work", words="ask the patient for something")
def ask_item(*, practice: UUID, by: Actor, at: datetime, case_id: UUID, key: str) -> CaseItem:
    """Ask the patient for an item, once more if need be; the message follows the line `case.items_asked`."""
    hand = taken(case_id, at, by)
    item = _item(case_id, key)
    if item.asked_of != "patient":
        raise InvalidInput("This is ours to do; there is nobody to ask.")
    hand.ask_items([item])
    _look_again(hand)
    return item


@action("receive_item", permission="cases.give_item", words="give what a case asks for")
def receive_item(
    *, practice: UUID, by: Actor, at: datetime, case_id: UUID, key: str, value: Any = None,
    file_id: UUID | None = None, upload: Upload | None = None,
) -> CaseItem:  # fmt: skip
    """Keep what has arrived: an answer, or a file of the case's own patient, stored already or sent now. It waits for
    our decision. Of a file that is refused nothing stays."""
    hand = taken(case_id, at, by)
    item = _item(case_id, key)
    check_item_move(item.state, "received")
    if upload is not None:
        name, purpose = upload.name or "file", "case_item"
        file_id = store(upload.data, name=name, purpose=purpose, by=by, at=at, patient_id=item.patient_id).id
    if file_id is not None and not StoredFile.objects.filter(id=file_id, patient_id=item.patient_id).exists():
        raise NotFound()
    if item.kind == "document" and file_id is None:
        raise InvalidInput("A document is a file.", field="file")
    if item.kind == "field" and value in (None, ""):
        raise InvalidInput("An answer is needed.", field="value")
    item.state, item.received_at, item.value, item.file_id, item.return_reason = "received", at, value, file_id, ""
    item.save(update_fields=["state", "received_at", "value", "file_id", "return_reason"])
    _line("item.received", item, by, at)
    _look_again(hand)
    return item


@action("accept_item", permission="cases.work", words="accept what has arrived")
def accept_item(*, practice: UUID, by: Actor, at: datetime, case_id: UUID, key: str) -> CaseItem:
    """Find an item good, or a check done."""
    hand = taken(case_id, at, by)
    item = _item(case_id, key)
    if item.kind == "document" and item.file_id is None:
        raise InvalidInput("There is no document to accept yet. Upload it first.")
    return _decide(hand, item, "accepted", "item.accepted")


@action("return_item", permission="cases.work", words="send something back")
def return_item(*, practice: UUID, by: Actor, at: datetime, case_id: UUID, key: str, reason: str) -> CaseItem:
    """Send an item back with one coded reason. Only this item is open again."""
    hand = taken(case_id, at, by)
    if reason not in RETURN_REASONS:
        raise InvalidInput("Choose one of the reasons.", field="reason")
    item = _item(case_id, key)
    item.return_reason = reason
    return _decide(hand, item, "returned", "item.returned", reason=reason)


@action("waive_item", permission="cases.work", words="do without something")
def waive_item(*, practice: UUID, by: Actor, at: datetime, case_id: UUID, key: str, reason: str) -> CaseItem:
    """Do without an item that is not required; a required one cannot be waived by hand."""
    hand = taken(case_id, at, by)
    item = _item(case_id, key)
    if item.required:
        raise InvalidInput("The playbook requires this. Return it or ask for it again; it cannot be skipped.")
    if not reason.strip():
        raise InvalidInput("Say why it is not needed.", field="reason")
    return _decide(hand, item, "waived", "item.waived")


def _decide(hand: Mover, item: CaseItem, state: str, verb: str, **codes: str) -> CaseItem:
    check_item_move(item.state, state)
    item.state, item.decided_at, item.decided_by_name = state, hand.at, hand.by.name
    item.save(update_fields=["state", "decided_at", "decided_by_name", "return_reason"])
    _line(verb, item, hand.by, hand.at, **codes)
    _look_again(hand)
    return item


def _look_again(hand: Mover) -> None:
    hand.by = system()
    hand.advance()


def _item(case_id: UUID, key: str) -> CaseItem:
    item = CaseItem.objects.get_or_none(case_id=case_id, key=key)
    if item is None:
        raise NotFound()
    return item


def _line(verb: str, item: CaseItem, by: Actor, at: datetime, **codes: str) -> None:
    write(
        verb, by=by, at=at, subject=item, patient_id=item.patient_id, case_id=item.case_id, item=item.key,
        stage=item.stage_key, **codes,
    )  # fmt: skip
