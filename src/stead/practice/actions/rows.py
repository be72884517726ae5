"""What the room's actions share: find a row or refuse, save one whose name may be taken."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from stead.platform.refusals import Conflict, InvalidInput, NotFound

_ONCE = {
    "location_name_once": ("There is already a location of this name.", "name"),
    "room_name_once": ("This location already has a room of this name.", "name"),
    "seat_key_once": ("There is already a seat of this key.", "key"),
    "closure_once": ("This day is closed already.", "day"),
}


class NameTaken(Conflict):
    """There is already one of this name."""


def check_named(name: str, field: str = "name") -> None:
    if not name.strip():
        raise InvalidInput("This needs a name.", field=field)


def get_row[M: Any](model: type[M], row_id: UUID, *, lock: bool = False) -> M:
    """Return the row or refuse; with `lock` nobody else changes it before this transaction ends."""
    rows = model.objects.get_queryset()
    found: M | None = (rows.select_for_update() if lock else rows).get_or_none(id=row_id)
    if found is None:
        raise NotFound()
    return found


def saved[M: Any](row: M, *, changed: bool = False) -> M:
    """Insert a row, or save a changed one; a name that is taken is a refusal."""
    try:
        with transaction.atomic():
            row.save(force_update=changed, force_insert=not changed)
    except IntegrityError as error:
        for constraint, (words, field) in _ONCE.items():
            if constraint in str(error):
                raise NameTaken(words, field=field) from None
        raise
    return row
