"""Make interchanges and keep them; they leave by `jobs.upload`, after the commit.

One file holds one group and one transaction, and ISA13, GS06 and BHT03 carry one and the same number: whatever comes
back (TA1, 999, 277CA) names the file it is about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from stead.exchange import rules
from stead.exchange.models import Interchange
from stead.exchange.numbers import next_control
from stead.exchange.terms import Partner
from stead.platform.actors import Actor
from stead.platform.files.models import StoredFile
from stead.platform.files.store import read, store
from stead.platform.identifiers import uuid7
from stead.platform.jobs.queue import enqueue
from stead.practice.queries import practice_zone
from stead.x12.writer import Body, stamp_group, stamp_interchange, write_interchange

SET_NUMBER = "0001"
Compose = Callable[[str, str, datetime], Body]
"""Makes the transaction: from its reference (BHT03), its ST02 and the local moment."""


def keep_file(
    kind: str, partner: Partner, compose: Compose, *, by: Actor, at: datetime, key: UUID | None = None
) -> Interchange:
    """Number a file, write it, keep its bytes and queue its upload. `key` is the row's identifier, where what is in the
    file must name it first."""
    number = next_control(partner.sender)
    control = rules.isa_number(number)
    local = at.astimezone(practice_zone())
    body = compose(control, SET_NUMBER, local.replace(tzinfo=None))
    header = stamp_interchange(
        sender=partner.sender, receiver=partner.receiver, control=number, at=local, usage=partner.usage
    )
    group = stamp_group(body, sender=partner.sender, receiver=partner.receiver, control=number, at=local)
    data = write_interchange(header, (group, [body]))
    name = rules.file_name(kind, control, at)
    kept = store(data, name=name, purpose="x12", by=by, at=at, trusted_type="application/edi-x12")
    row = Interchange.objects.create(
        id=key or uuid7(at),
        direction="out",
        kind=kind,
        control_number=control,
        file_name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        file_id=kept.id,
        at=at,
        state="built",
    )
    enqueue("exchange.upload", interchange_id=row.id)
    return row


def kept_bytes(row: Interchange) -> bytes:
    """Return a file as it left or came."""
    if row.file_id is None:
        raise RuntimeError(f"Interchange {row.control_number} has no kept file.")
    return read(StoredFile.objects.get(id=row.file_id))
