"""The journal's lines of a bulk-loaded past: each knows its predecessor, and the heads point at the last ones."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from stead.platform import actors
from stead.platform.journal.models import JournalEntry, JournalHead
from stead.simulation.demo.rows import Ids, Rows


class Lines:
    """Gathers lines in any order; `write` sorts them by time and links each stream."""

    def __init__(self, rows: Rows, ids: Ids, staff: dict[str, UUID]) -> None:
        self.rows, self.ids, self.staff = rows, ids, staff
        self._lines: list[tuple[datetime, int, dict[str, Any]]] = []

    def add(
        self,
        verb: str,
        at: datetime,
        who: str,
        subject_type: str,
        subject_id: UUID,
        patient_id: UUID | None = None,
        case_id: UUID | None = None,
        **data: Any,
    ) -> None:
        line = {
            "verb": verb, "who": who, "subject_type": subject_type, "subject_id": subject_id,
            "patient_id": patient_id, "case_id": case_id, "data": data,
        }  # fmt: skip
        self._lines.append((at, len(self._lines), line))

    def write(self) -> None:
        heads: dict[UUID, tuple[UUID, datetime, str, UUID]] = {}
        system = actors.system()
        for at, _, line in sorted(self._lines, key=lambda item: item[:2]):
            entry = self.ids.at(at)
            actor = self.staff.get(line["who"])
            stream = line["case_id"] or line["patient_id"]
            before = heads.get(stream) if stream else None
            self.rows.add(
                JournalEntry,
                id=entry,
                at=at,
                verb=line["verb"],
                actor_kind="staff" if actor else "system",
                actor_id=actor or system.id,
                actor_name=line["who"] if actor else system.name,
                subject_type=line["subject_type"],
                subject_id=line["subject_id"],
                patient_id=line["patient_id"],
                case_id=line["case_id"],
                data=line["data"],
                previous_id=before[0] if before else None,
                previous_verb=before[2] if before else "",
                previous_actor_id=before[3] if before else None,
                waited_seconds=int((at - before[1]).total_seconds()) if before else None,
            )
            if stream:
                heads[stream] = (entry, at, line["verb"], actor or system.id)
        for stream, (entry, at, verb, actor_id) in heads.items():
            self.rows.add(JournalHead, id=stream, last_id=entry, last_at=at, last_verb=verb, last_actor_id=actor_id)
