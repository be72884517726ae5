"""Send files to payers, take files from them, and deal with those that could not be read."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from stead.coverage.models import EligibilityCheck
from stead.exchange import rules
from stead.exchange.eligibility import inquiry_of
from stead.exchange.incoming import read_file
from stead.exchange.mailbox import Mailbox, mailbox_of
from stead.exchange.models import Interchange, MailboxFault
from stead.exchange.outgoing import keep_file, kept_bytes
from stead.exchange.partner import get_profile, partner_of
from stead.exchange.reading import Door
from stead.exchange.terms import Read
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.files.store import store
from stead.platform.journal.write import write
from stead.platform.refusals import NotFound
from stead.x12.eligibility import InquiryBatch, compose_inquiries
from stead.x12.writer import Body


@action("write_inquiry", permission="mailbox.send", words="send a question about cover")
def write_inquiry(*, practice: UUID, by: Actor, at: datetime, check_id: UUID) -> Interchange:
    """Write the 270 of one eligibility check, one question per file, as real-time payers want it."""
    rows = EligibilityCheck.objects.select_related("coverage__payer", "coverage__patient")
    check = rows.filter(id=check_id).first()
    if check is None:
        raise NotFound()
    profile = get_profile()
    inquiry = inquiry_of(check, check.coverage, check.coverage.patient, profile)

    def compose(reference: str, control: str, local: datetime) -> Body:
        return compose_inquiries(InquiryBatch(reference, local, (inquiry,)), control=control)

    row = keep_file("270", partner_of(profile), compose, by=by, at=at)
    write("file.built", by=by, at=at, subject=row, patient_id=check.patient_id, kind="270")
    return row


@action("upload_file", permission="mailbox.send", words="lay a file out for a payer", may_change_nothing=True)
def upload_file(
    *, practice: UUID, by: Actor, at: datetime, interchange_id: UUID, mailbox: Mailbox | None = None
) -> Interchange:
    """Put one kept file into the mailbox. Killed after the rename, it writes the same bytes under the same name and
    number again, which a receiver recognises by ISA13."""
    row = Interchange.objects.select_for_update().filter(id=interchange_id, direction="out").first()
    if row is None:
        raise NotFound()
    if row.state != "built":
        return row
    data = kept_bytes(row)
    (mailbox or mailbox_of(practice)).put(row.file_name, data)
    row.state = "sent"
    row.save(update_fields=["state"])
    write("file.sent", by=by, at=at, subject=row, kind=row.kind, control=row.control_number)
    return row


@action("take_file", permission="mailbox.take", words="read a file from a payer", may_change_nothing=True)
def take_file(
    *, practice: UUID, by: Actor, at: datetime, name: str, mailbox: Mailbox | None = None
) -> Interchange | None:
    """Read one waiting file. It leaves the tray only after the commit, so a kill at any point loses nothing: before the
    commit the file is still there, after it the hash is known and the file is only moved. None if it is
    gone, or too large to be read."""
    box = mailbox or mailbox_of(practice)
    try:
        data = box.take(name)
    except rules.FileTooLarge as refusal:
        _refuse_unread(box, name, refusal.words, by, at)
        return None
    if data is None:
        return None
    digest = hashlib.sha256(data).hexdigest()
    known = Interchange.objects.filter(direction="in", sha256=digest).first()
    if known is not None:
        _put_away_copy(box, name, known)
        write("file.repeated", by=by, at=at, subject=known)
        return known
    row = _keep_incoming(name, data, digest, by, at)
    door = Door(practice, by, at, row)
    _finish(row, read_file(data, door), door)
    _move_after_commit(box, name, row)
    return row


def _refuse_unread(box: Mailbox, name: str, words: str, by: Actor, at: datetime) -> None:
    """Put a file aside that cannot even be kept, with one open fault however often the move was cut short."""
    named = name[:120]
    if not MailboxFault.objects.filter(file_name=named, reason=words, settled_at=None).exists():
        fault = MailboxFault.objects.create(file_name=named, reason=words, at=at)
        write("file.refused", by=by, at=at, subject=fault, kind="unknown", used=0, faults=1)
    transaction.on_commit(partial(box.refuse, name, words))


def _keep_incoming(name: str, data: bytes, digest: str, by: Actor, at: datetime) -> Interchange:
    kept = store(data, name=name, purpose="x12", by=by, at=at, trusted_type="application/edi-x12")
    return Interchange.objects.create(
        direction="in", kind="unknown", file_name=name[:120], sha256=digest, file_id=kept.id, at=at, state="read"
    )


def _finish(row: Interchange, came: Read, door: Door) -> None:
    """Write down what came of the file. What is wrong waits on the mailbox page until somebody deals with it: a file
    that could not be used at all as one fault, otherwise each transaction left out as its own."""
    row.kind, row.faults = came.kind, list(came.faults)
    row.state = "read" if came.used else "refused"
    row.save(update_fields=["kind", "faults", "state"])
    for reason in came.faults if came.used else came.faults[:1]:
        MailboxFault.objects.create(file_name=row.file_name, sha256=row.sha256, reason=reason[:300], at=door.at)
    verb = "file.read" if came.used else "file.refused"
    write(verb, by=door.by, at=door.at, subject=row, kind=row.kind, used=came.used, faults=len(came.faults))


def _move_after_commit(box: Mailbox, name: str, row: Interchange) -> None:
    if row.state == "refused":
        transaction.on_commit(partial(box.refuse, name, "\n".join(row.faults)))
    else:
        transaction.on_commit(partial(box.archive, name))


def _put_away_copy(box: Mailbox, name: str, known: Interchange) -> None:
    """A copy of a refused file stays refused; any other is archived."""
    if known.state == "refused":
        box.refuse(name, "The same file was refused before:\n" + "\n".join(known.faults))
    else:
        box.archive(name)


@action("settle_fault", permission="mailbox.settle", words="deal with a refused file")
def settle_fault(*, practice: UUID, by: Actor, at: datetime, fault_id: UUID) -> MailboxFault:
    """Say that somebody has dealt with a fault; the file stays kept."""
    row = MailboxFault.objects.select_for_update().filter(id=fault_id).first()
    if row is None:
        raise NotFound()
    if row.settled_at is not None:
        raise rules.FaultSettled()
    row.settled_at = at
    row.save(update_fields=["settled_at"])
    write("file.fault_settled", by=by, at=at, subject=row)
    return row


@action("read_again", permission="mailbox.settle", words="read a refused file again")
def read_again(*, practice: UUID, by: Actor, at: datetime, fault_id: UUID) -> Interchange:
    """Read the kept bytes of a file anew, as after mending what it refers to. Its open faults are settled and what is
    still wrong is written down again; what was used before is recognised and changes nothing."""
    fault = MailboxFault.objects.filter(id=fault_id).first()
    row = Interchange.objects.filter(direction="in", sha256=fault.sha256).first() if fault else None
    if row is None:
        raise NotFound()
    MailboxFault.objects.filter(sha256=row.sha256, settled_at=None).update(settled_at=at)
    door = Door(practice, by, at, row)
    _finish(row, read_file(kept_bytes(row), door), door)
    return row
