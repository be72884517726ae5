"""The catalogue of measures. How to add one: docs/how-to/add-a-measure.md.

A measure's `sql` is written once and read twice: summed up it is the figure, listed it is the rows behind the figure.
So the rows always add up to it. The statement reads weeks from `w` (week, starts, ends, friday_noon, and the journal's
identifier bounds) and yields for each row: week, n (counts), d (is counted among), v (a value), row_id, patient_id,
staff_id, location_id, at, note.
"""

from __future__ import annotations

from stead.operating.measures import access, care, money, people
from stead.operating.terms import Measure

CATALOGUE: tuple[Measure, ...] = (*access.MEASURES, *care.MEASURES, *money.MEASURES, *people.MEASURES)
BY_KEY: dict[str, Measure] = {m.key: m for m in CATALOGUE}


def find(key: str) -> Measure | None:
    return BY_KEY.get(key)
