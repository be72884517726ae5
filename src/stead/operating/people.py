"""Who holds which seat, for many measures, stages and rows at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from stead.practice.models import Location, Seat, SeatHolding, StaffMember


@dataclass(frozen=True)
class SeatName:
    """A seat and who holds it; `holder` "" is no one."""

    key: str
    name: str
    holder: str = ""
    staff_id: UUID | None = None
    location_id: UUID | None = None


class Chart:
    """The seats of a day in two queries. A key such as "front_desk" also finds a location's own "front_desk.…"."""

    def __init__(self, on: date) -> None:
        held = {
            h.seat_id: h.staff
            for h in SeatHolding.objects.filter(
                Q(until_date=None) | Q(until_date__gt=on), from_date__lte=on
            ).select_related("staff")
        }
        self.seats = list(Seat.objects.filter(closed_date=None).order_by("position", "name"))
        self.names = [SeatName(s.key, s.name, *_of(held.get(s.id)), location_id=s.location_id) for s in self.seats]

    def find(self, key: str) -> SeatName:
        """Return who answers for this key (see `answering`); an unknown key has no one."""
        return answering(key, self.names)

    def of_staff(self, staff_id: UUID) -> list[SeatName]:
        return [s for s in self.names if s.staff_id == staff_id]

    def title_of(self, staff_id: UUID | None, otherwise: str = "") -> str:
        """Return the name of the first seat somebody holds: "Billing lead"."""
        return next((s.name for s in self.names if staff_id and s.staff_id == staff_id), otherwise)


def answering(key: str, seats: Sequence[SeatName]) -> SeatName:
    """Return the seat that answers for a key, of seats in the order of the chart.

    That is the seat of the very key, held or blank; of a key that only locations have ("front_desk.…"), the first of
    theirs that somebody holds. A blank desk of one location does not make a figure of all of them nobody's: the chart
    shows the blank one, and the figure has somebody to ask.
    """
    exact = [seat for seat in seats if seat.key == key]
    own = [seat for seat in seats if seat.key.startswith(f"{key}.")]
    held = [seat for seat in own if seat.staff_id is not None]
    unknown = SeatName(key, key.replace("_", " ").replace(".", ", ").capitalize())
    return (exact or held or own or [unknown])[0]


def _of(staff: StaffMember | None) -> tuple[str, UUID | None]:
    return (staff.name, staff.id) if staff else ("", None)


def names_of(staff_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    return dict(StaffMember.objects.filter(id__in={i for i in staff_ids if i}).values_list("id", "name"))


def location_names(location_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    return dict(Location.objects.filter(id__in={i for i in location_ids if i}).values_list("id", "name"))
