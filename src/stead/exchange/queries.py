"""Read the mailbox: files both ways, their faults, and what lies in the trays."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from stead.exchange.mailbox import TRAYS, mailbox_of
from stead.exchange.models import Interchange, MailboxFault
from stead.platform.tenancy import context

FILE_SORTS = {"file": "kind", "way": "direction", "number": "control_number", "state": "state", "at": "at"}


def files(direction: str = "", state: str = "", sort: str = "") -> QuerySet[Interchange]:
    """Files, newest first, or as asked for by one of FILE_SORTS."""
    column = FILE_SORTS.get(sort.removeprefix("-"), "")
    first = [f"-{column}" if sort.startswith("-") else column] if column else []
    rows = Interchange.objects.get_queryset().order_by(*first, "-at", "-id")
    if direction:
        rows = rows.filter(direction=direction)
    return rows.filter(state=state) if state else rows


def open_faults() -> QuerySet[MailboxFault]:
    """Faults nobody has dealt with, oldest first."""
    return MailboxFault.objects.filter(settled_at=None).order_by("at", "id")


def counts() -> dict[tuple[str, str], int]:
    """How many files of each direction stand in each state."""
    rows = Interchange.objects.values_list("direction", "state").annotate(Count("id")).order_by("direction", "state")
    return {(direction, state): count for direction, state, count in rows}


def tray_counts() -> dict[str, int]:
    """How many files lie in each tray of the mailbox right now."""
    box = mailbox_of(context.practice_id())
    return {tray: box.count(tray) for tray in TRAYS}
