"""Pure rules of the practice: business time, duties that must not lie in one hand, and who may raise or end whom.

Business time is exact: an opening is a pair of instants, so a day on which the clocks change is as long as it really
is, and "five business hours" counted across it are five hours of the people who work them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from stead.platform.refusals import InvalidInput, Refusal
from stead.practice.terms import WEEKDAYS, ProfileDetails
from stead.x12.scrub import is_npi

_SEARCH_DAYS = 400
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


class NeverOpen(InvalidInput):
    """A calendar without an open hour for over a year: no deadline can be counted in it."""

    words = "This location has no open hour in the next year. Give it hours, then deadlines can be counted."


class HoursNotUnderstood(InvalidInput):
    words = 'Hours are pairs such as ["08:00", "17:00"], the end after the start, for mon to sun.'


class TimeZoneUnknown(InvalidInput):
    words = "This time zone is not known. Use a name such as America/Chicago."


@dataclass(frozen=True)
class BusinessCalendar:
    """The open hours of one location. An opening is half-open: at its end the location is closed.

    >>> linden = BusinessCalendar("America/Kentucky/Louisville", {"mon": ["08:00", "17:00"]})
    >>> linden.add_hours(datetime(2026, 11, 20, 21, tzinfo=UTC), 9)  # Friday afternoon, closed
    datetime.datetime(2026, 11, 23, 22, 0, tzinfo=datetime.timezone.utc)
    """

    time_zone: str
    hours: Mapping[str, Sequence[str]]
    closed: frozenset[date] = frozenset()
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)
    _day_hours: Mapping[int, tuple[time, time | None]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_zone", check_time_zone(self.time_zone))
        object.__setattr__(self, "_day_hours", check_hours(self.hours))

    def local(self, at: datetime) -> datetime:
        """Return the instant on this location's clock."""
        return at.astimezone(self._zone)

    def opening(self, day: date) -> tuple[datetime, datetime] | None:
        """Return the day's opening as two UTC instants, or None when closed."""
        hours = self._day_hours.get(day.weekday())
        if hours is None or day in self.closed:
            return None
        opens, closes = hours
        start = datetime.combine(day, opens, self._zone).astimezone(UTC)
        until = (
            datetime.combine(day, closes, self._zone) if closes else datetime.combine(day + _DAY, time(), self._zone)
        )
        end = until.astimezone(UTC)
        # Hours that lie wholly inside the hour the clocks skip are no hours on that day.
        return (start, end) if start < end else None

    def is_open(self, at: datetime) -> bool:
        opening = self.opening(self.local(at).date())
        return opening is not None and opening[0] <= at < opening[1]

    def next_open(self, at: datetime) -> datetime:
        """Return `at` while open, else the next opening. Refuses when there is none for over a year."""
        start, _ = next(self._openings_from(at))
        return max(start, at.astimezone(UTC))

    def add_hours(self, at: datetime, hours: float) -> datetime:
        """Return the instant by which that much open time has passed; a deadline may fall on closing time."""
        if hours < 0:
            raise ValueError("business hours are counted forward")
        left = timedelta(hours=hours)
        for start, end in self._openings_from(at):
            begin = max(start, at.astimezone(UTC))
            if end - begin >= left:
                return begin + left
            left -= end - begin
        raise NeverOpen()

    def hours_between(self, a: datetime, b: datetime) -> float:
        """Return the open hours from a to b, negative when b is earlier."""
        if b < a:
            return -self.hours_between(b, a)
        total = timedelta()
        day, last = self.local(a).date(), self.local(b).date()
        while day <= last:
            if opening := self.opening(day):
                total += max(min(opening[1], b) - max(opening[0], a), timedelta())
            day += _DAY
        return total / _HOUR

    def _openings_from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield openings that end after `at`. Refuses after more than a year without one."""
        day, barren = self.local(at).date(), 0
        while barren < _SEARCH_DAYS:
            opening = self.opening(day)
            if opening and opening[1] > at:
                barren = 0
                yield opening
            else:
                barren += 1
            day += _DAY
        raise NeverOpen()


def check_time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TimeZoneUnknown(field="time_zone") from None


def check_hours(hours: Mapping[str, Sequence[str]]) -> dict[int, tuple[time, time | None]]:
    """Return opening and closing by weekday (0 is Monday); None closes at the day's end."""
    return {_weekday(name): _span(pair) for name, pair in hours.items()}


def _weekday(name: str) -> int:
    if name not in WEEKDAYS:
        raise HoursNotUnderstood(field="hours")
    return WEEKDAYS.index(name)


def _span(pair: Sequence[str]) -> tuple[time, time | None]:
    try:
        first, last = pair
        opens = time.fromisoformat(first)
        closes = None if last == "24:00" else time.fromisoformat(last)
    except (ValueError, TypeError):
        raise HoursNotUnderstood(field="hours") from None
    if closes is not None and closes <= opens:
        raise HoursNotUnderstood(field="hours")
    return opens, closes


@dataclass(frozen=True)
class Incompatible:
    """Two duties that must not be one person's: a hand that can do both can hide a loss."""

    code: str
    one: frozenset[str]
    other: frozenset[str]
    words: str


INCOMPATIBLE = (
    Incompatible(
        "posts_and_approves",
        frozenset({"biller_claims", "biller_accounts"}),
        frozenset({"revenue_lead", "practice_manager"}),
        "posts payments and approves write-offs or refunds",
    ),
    Incompatible(
        "vendor_and_pays",
        frozenset({"practice_manager"}),
        frozenset({"bookkeeper"}),
        "adds a vendor and pays it",
    ),
    Incompatible(
        "drawer_and_bank",
        frozenset({"front_desk", "site_lead"}),
        frozenset({"bookkeeper"}),
        "runs the drawer and matches the bank",
    ),
    Incompatible(
        "grants_own_access",
        frozenset({"security_officer"}),
        frozenset({"it_systems"}),
        "grants access and checks who has it",
    ),
)


def incompatible_duties(held: Collection[str], wanted: str) -> list[Incompatible]:
    """Return the pairs that the wanted seat would put into one hand. Keys of site seats count as their function."""
    have, want = {key.partition(".")[0] for key in held}, wanted.partition(".")[0]
    return [
        pair
        for pair in INCOMPATIBLE
        if (want in pair.one and have & pair.other) or (want in pair.other and have & pair.one)
    ]


class NpiWrong(InvalidInput):
    words = "This is no NPI: its ten digits do not fit together. Copy it from the NPPES record."


class LastOwner(Refusal):
    words = "No other owner can sign in here. Give somebody else the owner's role first, and let them sign in once."


class RoleNotYours(Refusal):
    words = "Only an owner gives or takes the owner's role."


class NotOneself(Refusal):
    words = "Nobody changes their own roles or ends their own work. Another owner or manager does."


class EndBeforeStart(InvalidInput):
    words = "This is before their first day."


def check_npi(npi: str, field: str = "npi") -> None:
    """Refuse what the check digit gives away. Source: 45 CFR 162.406."""
    if not is_npi(npi):
        raise NpiWrong(field=field)


def check_profile(details: ProfileDetails) -> None:
    """Refuse what no payer takes: names left out, identifiers of another shape."""
    for name in ("legal_name", "phone", "email", "line1", "city"):
        if not getattr(details, name).strip():
            raise InvalidInput("Payers ask for this.", field=name)
    check_npi(details.npi)
    if not (details.tax_id.isascii() and details.tax_id.isdigit() and len(details.tax_id) == 9):
        raise InvalidInput("A tax number has 9 digits, without a hyphen.", field="tax_id")
    if not (details.taxonomy.isascii() and details.taxonomy.isalnum() and len(details.taxonomy) == 10):
        raise InvalidInput("A taxonomy code has 10 letters and digits, such as 261QM0801X.", field="taxonomy")
    check_state(details.state)
    check_zip(details.zip_code)


def check_state(state: str) -> None:
    if not (len(state) == 2 and state.isascii() and state.isalpha() and state.isupper()):
        raise InvalidInput("A state has two letters, such as KY.", field="state")


def check_zip(zip_code: str) -> None:
    if not (zip_code.isascii() and zip_code.isdigit() and len(zip_code) in (5, 9)):
        raise InvalidInput("A ZIP code has 5 or 9 digits, without a hyphen.", field="zip_code")


def check_may_set_roles(
    by_id: UUID, by_roles: Collection[str], person_id: UUID | None, had: Collection[str], wanted: Collection[str]
) -> None:
    """Refuse raising oneself, and an owner's role given or taken by whoever is no owner. `person_id` is None for
    somebody who is being added."""
    if person_id == by_id:
        raise NotOneself(field="roles")
    if ("owner" in had) != ("owner" in wanted) and not {"owner", "system"}.intersection(by_roles):
        raise RoleNotYours(field="roles")


def check_may_end(by_id: UUID, by_roles: Collection[str], person_id: UUID, roles: Collection[str]) -> None:
    """Refuse ending oneself, and an owner ended by whoever is none."""
    if person_id == by_id:
        raise NotOneself(field="last_date")
    if "owner" in roles and not {"owner", "system"}.intersection(by_roles):
        raise RoleNotYours("Only an owner ends an owner's work here.", field="last_date")
