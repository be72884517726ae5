"""Collect the patients a request shows and write them as one row when the request ends, off the hot path of queries."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from stead.platform.access.models import PatientAccess
from stead.platform.tenancy import context


def reads(*patient_ids: UUID | None) -> None:
    """Note that the page in hand shows these patients. Outside a practice nothing can be shown, nor noted."""
    now = context.find_current()
    if now is not None:
        now.read_patients.update({p: "" for p in patient_ids if p is not None})


def reads_all(patient_ids: Iterable[UUID | None]) -> None:
    reads(*patient_ids)


def flush(page: str, at: datetime, reason: str = "") -> PatientAccess | None:
    """Write what was noted. A patient reading their own record is logged too."""
    now = context.current()
    if not now.read_patients:
        return None
    row = PatientAccess.objects.create(
        at=at,
        actor_id=now.actor.id,
        actor_name=now.actor.name,
        page=page[:120],
        patient_ids=sorted(now.read_patients),
        reason=reason,
    )
    now.read_patients.clear()
    return row
