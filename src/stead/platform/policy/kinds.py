"""The kinds of value a fact may have, what each is in Python, in the engine, and in words on the screen.

Two kinds are ours and not CEL's: a *date* is a day of the calendar (no hour, no zone) and *money* is whole cents. For
the type check both are types of their own, so that `coverage.end_date < now` or `patient.overdue < 300` is refused
when the rule is saved; when the rule runs both are plain integers (day number, cents), which costs nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

type FactValue = bool | int | str | datetime | date | timedelta | Sequence[str]
"""What a loader may return; money is an int of cents."""

NOT_KNOWN: Final = None
"""The value of a fact nobody has found out yet. A clause that needs it is neither met nor unmet."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_INT64: Final = range(-(2**63), 2**63)


class Kind(StrEnum):
    """The type of a fact; the value is its name in the engine's own complaints."""

    BOOL = "bool"
    INT = "int"
    MONEY = "money"
    STRING = "string"
    TIMESTAMP = "timestamp"
    DATE = "date"
    DURATION = "duration"
    STRINGS = "list(string)"


class FactValueWrong(TypeError):
    """A loader or caller gave a fact a value of another kind: a fault of the program, never of the patient's record."""


def to_engine(name: str, kind: Kind, value: FactValue) -> object:
    """Turn a fact's value into the one the engine takes. Raise `FactValueWrong` where the kind does not fit.

    The engine itself is lax (True passes as 1, a moment without zone as UTC) or answers with an error value (None,
    date, tuple, integers over 64 bits, text holding NUL), so nothing reaches it unchecked.
    """
    fits, convert = _CHECKS[kind]
    if not fits(value):
        raise FactValueWrong(f"fact {name} is declared as {kind} but its {type(value).__name__} value is none")
    return convert(value)


def _is_int(value: FactValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in _INT64


def _is_moment(value: FactValue) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is not None


def _is_date(value: FactValue) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_strings(value: FactValue) -> bool:
    return isinstance(value, list | tuple) and all(_is_text(item) for item in value)


def _is_text(value: object) -> bool:
    """Tell whether the engine reads the text whole: it stops at a NUL, so that "a", NUL, "b" would equal "a"."""
    return isinstance(value, str) and "\x00" not in value and (value.isascii() or not _SURROGATE.search(value))


def _as_is(value: FactValue) -> object:
    return value


_CHECKS: Final[Mapping[Kind, tuple[Callable[[Any], bool], Callable[[Any], object]]]] = {
    Kind.BOOL: (lambda value: isinstance(value, bool), _as_is),
    Kind.INT: (_is_int, _as_is),
    Kind.MONEY: (_is_int, _as_is),
    Kind.STRING: (_is_text, _as_is),
    Kind.TIMESTAMP: (_is_moment, lambda value: value.astimezone(UTC)),
    Kind.DATE: (_is_date, lambda value: value.toordinal()),
    Kind.DURATION: (lambda value: isinstance(value, timedelta), _as_is),
    Kind.STRINGS: (_is_strings, list),
}


def in_words(kind: Kind, value: FactValue | None) -> str:
    """Say a value as the screen would where its room gave no words of its own. Moments are told in UTC."""
    if value is NOT_KNOWN:
        return "not known yet"
    return _WORDS[kind](value)


def dollars(cents: int) -> str:
    """Write cents as dollars: `$1,214`, `$12.50`, `-$3`."""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}${whole:,}" + (f".{rest:02}" if rest else "")


def _span(length: timedelta) -> str:
    minutes, _ = divmod(abs(int(length.total_seconds())), 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        f"{n} {word}" for n, word in ((days, "d" if days != 1 else "day"), (hours, "h"), (minutes, "min")) if n
    ] or ["0 min"]
    return ("-" if length < timedelta(0) else "") + " ".join(parts)


def _day(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"


def _moment(moment: datetime) -> str:
    in_utc = moment.astimezone(UTC)
    return f"{_day(in_utc.date())} {in_utc:%H:%M} UTC"


_WORDS: Final[Mapping[Kind, Callable[[Any], str]]] = {
    Kind.BOOL: lambda value: "yes" if value else "no",
    Kind.INT: lambda value: f"{value:,}",
    Kind.MONEY: dollars,
    Kind.STRING: lambda value: value or "empty",
    Kind.TIMESTAMP: _moment,
    Kind.DATE: _day,
    Kind.DURATION: _span,
    Kind.STRINGS: lambda value: ", ".join(value) or "none",
}
