"""Find the dates, amounts, zones and patterns written out in a clause and check them while its author is looking.

`money("1,200.00")` and `date("2026-11-24")` become integers before the clause runs; a duration, moment, pattern or
time zone that cannot be read would otherwise come to light only at the front desk.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

_TOKEN: Final = re.compile(
    r'//[^\n]*|[rRbB]{0,2}(?:"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\')'
    r'|[rRbB]{0,2}(?:"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')',
    re.DOTALL,
)
_CALL_BEFORE: Final = re.compile(r"(\.?)\s*\b(\w+)\s*\(\s*(?:[\w.]+\s*,\s*)?$")
_CLOSE_AFTER: Final = re.compile(r"\s*\)")
_TRAP: Final = re.compile(r"(?<![\w.])(?:(money|date|has)\s*\(|null\b)")
HAS_IS_NO_QUESTION: Final = "has() cannot be asked of a fact: a fact nobody knows yet leaves the clause undecided"
_ONE_LITERAL: Final = re.compile(r'\s*"+\s*\)')
_AMOUNT: Final = re.compile(r"(-?)(\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.(\d\d))?")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


class LiteralWrong(ValueError):
    """A value written in a clause cannot be read; `offset` counts characters from 0."""

    def __init__(self, message: str, offset: int, suggestion: str = "") -> None:
        super().__init__(message)
        self.message, self.offset, self.suggestion = message, offset, suggestion


@dataclass(frozen=True, slots=True)
class Written:
    """A text literal in a clause and the call it is the last argument of: `function` is "" where there is none."""

    function: str
    is_method: bool
    source: str
    start: int
    end: int
    call_start: int
    call_end: int


def lower(expression: str) -> str:
    """Return the clause with its written dates and amounts as integers. Raise `LiteralWrong`."""
    parts, at = [], 0
    for written in written_in(expression):
        if written.function in ("money", "date") and not written.is_method:
            parts += [expression[at : written.call_start], f"({_number(written)})"]
            at = written.call_end
    lowered = "".join([*parts, expression[at:]])
    _refuse_traps(expression)
    return lowered


def written_in(expression: str) -> Iterator[Written]:
    """Yield every text literal of a clause; those within comments are none."""
    for token in _TOKEN.finditer(expression):
        if token[0].startswith("//"):
            continue
        call = _CALL_BEFORE.search(expression, 0, token.start())
        close = _CLOSE_AFTER.match(expression, token.end())
        if call and close:
            yield Written(call[2], bool(call[1]), token[0], token.start(), token.end(), call.start(2), close.end())
        else:
            yield Written("", False, token[0], token.start(), token.end(), token.start(), token.end())


def probe(written: Written) -> str | None:
    """Return an expression that fails exactly when this literal cannot be read, or None for plain text."""
    name = written.function
    if name in ("duration", "timestamp") and not written.is_method:
        return f"{name}({written.source}) == {name}({written.source})"
    if name == "matches":
        return f"''.matches({written.source})"
    if (name.startswith("get") and written.is_method) or name == "date_of":
        return f"timestamp('2026-01-01T00:00:00Z').getHours({written.source}) >= 0"
    return None


def _number(written: Written) -> int:
    text = written.source[1:-1]
    return _cents(text, written.start) if written.function == "money" else _ordinal(text, written.start)


def _cents(text: str, offset: int) -> int:
    amount = _AMOUNT.fullmatch(text)
    if amount is None:
        raise LiteralWrong(f'"{text}" is not an amount of money', offset, 'money("1,200.00")')
    cents = int(amount[2].replace(",", "")) * 100 + int(amount[3] or 0)
    return -cents if amount[1] else cents


def _ordinal(text: str, offset: int) -> int:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).toordinal()
    except ValueError:
        pass  # the 30th of February looks like a day and is none: said below, together with every other shape
    raise LiteralWrong(f'"{text}" is not a day of the calendar', offset, 'date("2026-11-24")')


def _refuse_traps(expression: str) -> None:
    """Refuse what the type check lets pass although it never means what its author thinks."""
    code = _TOKEN.sub(lambda token: ('"' if token[0][0] != "/" else " ") * len(token[0]), expression)
    for trap in _TRAP.finditer(code):
        call = trap[1]
        if call is None:
            raise LiteralWrong(
                "null means nothing here: a fact nobody knows yet leaves the clause undecided", trap.start()
            )
        if call == "has":
            raise LiteralWrong(HAS_IS_NO_QUESTION, trap.start())
        if not _ONE_LITERAL.match(code, trap.end()):
            shape = 'money("300.00")' if call == "money" else 'date("2026-11-24")'
            raise LiteralWrong(f"{call}() takes a value written out in quotes", trap.start(), shape)
