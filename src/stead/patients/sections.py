"""Sections of the record that higher rooms add: coverage, cases, visits, balance.

    sections.register(Section("coverage", "Coverage", "coverage/record_section.html", load, permission="coverage.read"))

`load(patient_id, at)` returns the values the template gets as `s`. Sections come in the order of `place`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from stead.platform import permissions
from stead.platform.actors import Actor


@dataclass(frozen=True)
class Section:
    """One block of the record: `head` and `note` stand in the margin, the template prints the body."""

    key: str
    head: str
    template: str
    load: Callable[[UUID, datetime], Mapping[str, Any]]
    permission: str = "patients.read"
    note: str = ""
    place: int = 100


_sections: dict[str, Section] = {}


def register(section: Section) -> Section:
    if section.key in _sections:
        raise ValueError(f"The record has the section {section.key} twice.")
    _sections[section.key] = section
    return section


def shown(patient_id: UUID, by: Actor, at: datetime) -> list[dict[str, Any]]:
    """Load the sections this person may see."""
    allowed = [s for s in _sections.values() if permissions.holds(by, s.permission)]
    return [
        {"key": s.key, "head": s.head, "note": s.note, "template": s.template, "values": s.load(patient_id, at)}
        for s in sorted(allowed, key=lambda s: (s.place, s.key))
    ]
