"""Carry files: build them, lay them out, fetch what came. Each job may run twice."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from stead.exchange import actions, claims
from stead.exchange.mailbox import mailbox_of
from stead.platform import actors, clock
from stead.platform.jobs.queue import OutsideFailure, enqueue, job, once_only
from stead.platform.tenancy import context


def _door() -> dict[str, Any]:
    return {"practice": context.practice_id(), "by": actors.system(), "at": clock.now()}


@job("exchange.send_inquiry", queue="exchange")
def send_inquiry(*, check_id: UUID) -> None:
    """Write the 270 of a check, once."""
    if once_only(f"270:{check_id}"):
        actions.write_inquiry(**_door(), check_id=check_id)


@job("exchange.send_claims", queue="exchange")
def send_claims() -> None:
    """Write every claim that is ready into files; also comes round by itself."""
    claims.send_claims(**_door())


@job("exchange.upload", queue="exchange")
def upload(*, interchange_id: UUID) -> None:
    """Lay one file out; a full disk or a mailbox out of reach may pass."""
    try:
        actions.upload_file(**_door(), interchange_id=interchange_id)
    except OSError as error:
        raise OutsideFailure(f"The mailbox took no file ({type(error).__name__}).", permanent=False) from error


@job("exchange.poll_mailbox", queue="exchange")
def poll_mailbox() -> None:
    """Queue one job per waiting file, so that one bad file holds up nobody. Names may hold a tax number, so the queue
    is told a hash of the name."""
    for name in mailbox_of(context.practice_id()).waiting():
        key = name_key(name)
        enqueue("exchange.take_file", lock="mailbox", once=f"take:{key}", key=key)


@job("exchange.take_file", queue="exchange")
def take_file(*, key: str) -> None:
    for name in mailbox_of(context.practice_id()).waiting():
        if name_key(name) == key:
            actions.take_file(**_door(), name=name)


def name_key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]
