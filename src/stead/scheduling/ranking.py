"""Which of the times that begin together comes first. Pure: no Django, no clock, no settings.

Earlier always comes first. Of times that begin together the patient's own practitioner does, as far as one is known:
the one on the record, then whom they saw last. Then the place the desk works at, then where the patient usually comes.
Then whatever leaves the least time that no other visit can use. Identifiers decide only what nothing else does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from uuid import UUID

from stead.scheduling.terms import DESK, RECORD, SEEN, USUAL, Slot

WORDS = {
    RECORD: "the patient's practitioner",
    SEEN: "has seen the patient before",
    DESK: "at your location",
    USUAL: "where the patient usually comes",
}


@dataclass(frozen=True)
class Preference:
    """Who and where is nearest, nearest first, each with what it is preferred for."""

    practitioners: Sequence[tuple[UUID, str]] = ()
    places: Sequence[tuple[UUID, str]] = ()


NONE = Preference()


def preference(
    *, practitioner: UUID | None, home: UUID | None, visits: Sequence[tuple[UUID, UUID]], desk: UUID | None
) -> Preference:
    """Order what is known of a patient. `visits` are those that took place, newest first: practitioner, location."""
    people = [(practitioner, RECORD)] if practitioner else []
    people += [(who, SEEN) for who, _ in visits]
    usual = [home] if home else [where for where, _ in Counter(where for _, where in visits).most_common()]
    places = [(desk, DESK)] if desk else []
    return Preference(_first_of_each(people), _first_of_each([*places, *((where, USUAL) for where in usual)]))


def ranked(slots: Iterable[Slot], preference: Preference) -> list[Slot]:
    """Order times, earliest first; the first of those that begin together says what it is preferred for, if it is."""
    people = {who: n for n, (who, _) in enumerate(preference.practitioners)}
    places = {where: n for n, (where, _) in enumerate(preference.places)}

    def nearness(slot: Slot) -> tuple[int, int, int]:
        who = people.get(slot.practitioner_id, len(people))
        return who, places.get(slot.location_id, len(places)), slot.orphan_minutes

    found: list[Slot] = []
    order = sorted(slots, key=lambda s: (s.starts_at, nearness(s), s.practitioner_id, s.location_id))
    for _, group in groupby(order, key=lambda s: s.starts_at):
        first, *rest = group
        if rest:
            who, where, _ = (a < b for a, b in zip(nearness(first), nearness(rest[0]), strict=True))
            if who:
                first = _preferred(first, dict(preference.practitioners)[first.practitioner_id])
            elif where:
                first = _preferred(first, dict(preference.places)[first.location_id])
        found += [first, *rest]
    return found


def _preferred(slot: Slot, reason: str) -> Slot:
    return replace(slot, preferred=reason, why=f"{WORDS[reason]}, {slot.why}")


def _first_of_each(pairs: Iterable[tuple[UUID, str]]) -> list[tuple[UUID, str]]:
    known: dict[UUID, str] = {}
    for key, reason in pairs:
        known.setdefault(key, reason)
    return list(known.items())


__all__ = ["NONE", "WORDS", "Preference", "preference", "ranked"]
