"""Whom to tell that somebody may be in danger, in order.

The seat that answers for it (on call, where the practice has that seat), its holder, then its backups by rank; then the
same for each seat above it; then the owner's; then whatever other seat of the list anybody holds. Who is away that day
is passed over. A seat that leads to nobody stays in the list: it is said aloud and the next one is told at once.

    On-call clinician (blank) > Ken (backup 1) > Clinical director: Dr Cho > Owner: Olu
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from stead.intake.terms import SAFETY_ROLES, SAFETY_SEATS, Rung
from stead.practice.models import Seat, SeatBackup, SeatHolding, StaffMember
from stead.practice.queries import absent_on, find_seat, seats, staff


def ladder(on: date, location_id: UUID | None) -> list[Rung]:
    """Return the rungs of a day; where no seat leads to anybody, whoever owns, manages or treats."""
    rungs = [rung for seat in _chain(location_id) for rung in _rungs_of(seat, on)]
    if any(rung.email for rung in rungs):
        return rungs
    people = staff(on).filter(roles__overlap=list(SAFETY_ROLES)).exclude(id__in=absent_on(on).values("staff_id"))
    why = "no safety seat leads to anybody"
    return rungs + [Rung("", "No seat", p.id, p.name, p.email, why) for p in people]


def _chain(location_id: UUID | None) -> Iterator[Seat]:
    """Walk from the first safety seat there is upwards, then through the other safety seats; each once."""
    known = {seat.id: seat for seat in seats()}
    done: set[UUID] = set()
    for key in SAFETY_SEATS:
        seat = find_seat(key, location_id)
        while seat is not None and seat.id not in done:
            done.add(seat.id)
            yield seat
            seat = known.get(seat.reports_to_id) if seat.reports_to_id else None


def _rungs_of(seat: Seat, on: date) -> list[Rung]:
    """Return who answers for a seat today, or one rung that leads to nobody."""
    away = set(absent_on(on).values_list("staff_id", flat=True))
    named = [(person, why) for person, why in _named(seat, on) if _here(person, away, on)]
    if not named:
        return [Rung(seat.key, seat.name, None, "", "", f"nobody answers for the seat {seat.name} today")]
    return [Rung(seat.key, seat.name, person.id, person.name, person.email, why) for person, why in named]


def _named(seat: Seat, on: date) -> Iterator[tuple[StaffMember, str]]:
    holding = SeatHolding.objects.filter(seat_id=seat.id, from_date__lte=on).exclude(until_date__lte=on)
    for held in holding.select_related("staff"):
        yield held.staff, f"you hold the seat {seat.name}"
    for backup in SeatBackup.objects.filter(seat_id=seat.id).order_by("rank").select_related("staff"):
        yield backup.staff, f"you are backup {backup.rank} of the seat {seat.name}"


def _here(person: StaffMember, away: set[UUID], on: date) -> bool:
    return person.id not in away and (person.ended_date is None or person.ended_date > on)
