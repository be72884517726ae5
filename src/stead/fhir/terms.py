"""What an import says when it is done: what arrived, what was there already, and what was left and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

STATE_CODES = {
    "alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA", "colorado": "CO",
    "connecticut": "CT", "delaware": "DE", "district of columbia": "DC", "florida": "FL", "georgia": "GA",
    "hawaii": "HI", "idaho": "ID", "illinois": "IL", "indiana": "IN", "iowa": "IA", "kansas": "KS", "kentucky": "KY",
    "louisiana": "LA", "maine": "ME", "maryland": "MD", "massachusetts": "MA", "michigan": "MI", "minnesota": "MN",
    "mississippi": "MS", "missouri": "MO", "montana": "MT", "nebraska": "NE", "nevada": "NV", "new hampshire": "NH",
    "new jersey": "NJ", "new mexico": "NM", "new york": "NY", "north carolina": "NC", "north dakota": "ND",
    "ohio": "OH", "oklahoma": "OK", "oregon": "OR", "pennsylvania": "PA", "puerto rico": "PR", "rhode island": "RI",
    "south carolina": "SC", "south dakota": "SD", "tennessee": "TN", "texas": "TX", "utah": "UT", "vermont": "VT",
    "virginia": "VA", "washington": "WA", "west virginia": "WV", "wisconsin": "WI", "wyoming": "WY",
}  # fmt: skip
"""Names of states as FHIR addresses write them, to the two letters that claims need."""


@dataclass(frozen=True)
class Problem:
    """One thing that did not arrive, or not whole. Never holds what the resource said, only where it was and why."""

    file: str
    resource: str
    reason: str


@dataclass
class Report:
    """Counts by kind: patients, practitioners, coverages, encounters."""

    files: int = 0
    created: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    @property
    def arrived(self) -> bool:
        """Whether anything is here now that the files named."""
        return bool(self.created.total() or self.known.total())

    def __iadd__(self, other: Report) -> Report:
        self.files += other.files
        self.created += other.created
        self.known += other.known
        self.left_out += other.left_out
        self.problems += other.problems
        return self

    def as_json(self) -> dict[str, Any]:
        return {
            "name": "import fhir",
            "files": self.files,
            "created": dict(self.created),
            "already_there": dict(self.known),
            "left_out": dict(self.left_out),
            "problems": [{"file": p.file, "resource": p.resource, "reason": p.reason} for p in self.problems],
        }
