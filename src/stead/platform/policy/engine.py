"""The only module that knows the expression engine (cel-expr-python): replace it here and nowhere else.

One clause is read twice. First by a *checking* environment in which dates and money are types of their own, so that a
day is never compared with a moment nor cents with a bare number. Then, with its written dates and amounts turned into
integers (`literals.py`), by a *running* environment in which both are plain integers and the engine's own arithmetic
does the work. `now - duration("24h") > x` means the same in both.

What the engine does that one must know: an error comes back as a *value* of type ERROR, an exhausted iteration budget
as an exception, a missing value as an ERROR that names it; `has(fact)` answers the fact's value; naive moments pass
as UTC. `kinds.to_engine` and this module turn all of it into three answers: true, false, undecided.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from cel_expr_python import cel  # type: ignore[import-untyped]  # the wheel ships stubs but no py.typed marker

from stead.platform.policy.kinds import Kind
from stead.platform.policy.wire import variable_references

_T: Final = cel.Type
_DATE: Final = _T.AbstractType("date")
_MONEY: Final = _T.AbstractType("money")
_STRINGS: Final = _T.List(_T.STRING)
_PLAIN: Final[Mapping[Kind, Any]] = {
    Kind.BOOL: _T.BOOL,
    Kind.INT: _T.INT,
    Kind.STRING: _T.STRING,
    Kind.TIMESTAMP: _T.TIMESTAMP,
    Kind.DURATION: _T.DURATION,
    Kind.STRINGS: _STRINGS,
}
_CHECKED_TYPES: Final = {**_PLAIN, Kind.DATE: _DATE, Kind.MONEY: _MONEY}
_RUNNING_TYPES: Final = {**_PLAIN, Kind.DATE: _T.INT, Kind.MONEY: _T.INT}

_COMPLAINT: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_STATUS: Final = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")
_MISSING: Final = re.compile(r'UNKNOWN: No value with name "([^"]+)" found in Activation')


class EngineComplaint(Exception):
    """The engine does not accept an expression; `line` and `column` count from 1, in characters."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


@dataclass(frozen=True, slots=True)
class Undecided:
    """The engine could say neither true nor false: a value is missing (`asked_for`) or something broke (`fault`)."""

    asked_for: str | None
    fault: str | None


class Program:
    """A compiled expression; may run in many threads at once."""

    __slots__ = ("_expression",)

    def __init__(self, expression: Any) -> None:
        self._expression = expression

    def run(self, values: Mapping[str, object]) -> bool | Undecided:
        """Evaluate over the values that are known; nothing the engine does here rises."""
        try:
            answer = self._expression.eval(data=values).value()
        except RuntimeError as stopped:
            return Undecided(None, _STATUS.sub("", str(stopped)))
        if answer is True or answer is False:
            return bool(answer)
        return _undecided(str(answer))


def _undecided(answer: str) -> Undecided:
    missing = _MISSING.fullmatch(answer)
    return Undecided(missing[1], None) if missing else Undecided(None, _STATUS.sub("", answer))


class Language:
    """The facts and functions clauses may use, for one set of declared facts."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._names = frozenset(kinds)
        self._checking = cel.NewEnv(
            config=cel.NewEnvConfigFromYaml(_WITHOUT_LOOSE_FUNCTIONS),
            variables={name: _CHECKED_TYPES[kind] for name, kind in kinds.items()},
            functions=_CHECKED_FUNCTIONS,
        )
        self._running = cel.NewEnv(
            variables={name: _RUNNING_TYPES[kind] for name, kind in kinds.items()}, functions=_RUNNING_FUNCTIONS
        )
        for environment in (self._checking, self._running):
            environment.compile(
                "true"
            )  # the engine builds an environment at its first use, which is not for two threads

    def check(self, expression: str) -> tuple[str, tuple[str, ...]]:
        """Return the type of the answer and the facts referred to, in written order. Raise `EngineComplaint`."""
        checked = _compile(self._checking, expression)
        names = [name for name in variable_references(checked.serialize()) if name in self._names]
        return str(checked.return_type().name()).lower(), tuple(names)

    def program(self, lowered: str) -> Program:
        """Compile an expression whose written dates and amounts are integers already. Raise `EngineComplaint`."""
        return Program(_compile(self._running, lowered))

    def bare(self, programs: Sequence[Program]) -> Callable[[Mapping[str, object]], list[object]]:
        """Return the least work the engine can do for these programs over the same values: the ruler of `bench.py`."""
        expressions = [program._expression for program in programs]

        def run(values: Mapping[str, object]) -> list[object]:
            activation = self._running.Activation(values)
            return [expression.eval(activation).value() for expression in expressions]

        return run

    def fault_of(self, snippet: str) -> str | None:
        """Evaluate an expression without facts and say what is wrong with it, if anything."""
        try:
            answer = _compile(self._running, snippet).eval(data={})
        except RuntimeError as stopped:
            return _STATUS.sub("", str(stopped))
        return _STATUS.sub("", str(answer.value())) if answer.type() == _T.ERROR else None


def _compile(environment: Any, expression: str) -> Any:
    try:
        return environment.compile(expression)
    except RuntimeError as refused:
        first = _COMPLAINT.search(str(refused))
        if first is None:
            raise EngineComplaint(_STATUS.sub("", str(refused)), 1, 1) from None
        raise EngineComplaint(_STATUS.sub("", first[3]), int(first[1]), int(first[2])) from None


def _date_of(moment: datetime, zone: str) -> int:
    return moment.astimezone(ZoneInfo(zone)).toordinal()


def _years(start: int, end: int) -> int:
    born, day = date.fromordinal(start), date.fromordinal(end)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _function(name: str, *overloads: tuple[tuple[Any, ...], Any], does: Any = None) -> Any:
    return cel.FunctionDecl(
        name,
        [
            cel.Overload(f"stead_{name}_{n}", return_type=returns, parameters=list(takes), impl=does)
            for n, (takes, returns) in enumerate(overloads)
        ],
    )


_INT, _DOUBLE, _TEXT, _MOMENT, _SPAN = _T.INT, _T.DOUBLE, _T.STRING, _T.TIMESTAMP, _T.DURATION
_ORDERED: Final = (_INT, _DOUBLE, _TEXT, _MOMENT, _SPAN, _T.BOOL, _DATE, _MONEY)
_OPERATORS: Final[Mapping[str, tuple[tuple[tuple[Any, ...], Any], ...]]] = {
    **{order: tuple(((kind, kind), _T.BOOL) for kind in _ORDERED) for order in ("_<_", "_<=_", "_>_", "_>=_")},
    "_+_": (
        *(((kind, kind), kind) for kind in (_INT, _DOUBLE, _TEXT, _SPAN, _MONEY, _STRINGS)),
        ((_DATE, _INT), _DATE),
        ((_MOMENT, _SPAN), _MOMENT),
        ((_SPAN, _MOMENT), _MOMENT),
    ),
    "_-_": (
        *(((kind, kind), kind) for kind in (_INT, _DOUBLE, _SPAN, _MONEY)),
        ((_DATE, _DATE), _INT),
        ((_DATE, _INT), _DATE),
        ((_MOMENT, _MOMENT), _SPAN),
        ((_MOMENT, _SPAN), _MOMENT),
    ),
    "_*_": (((_INT, _INT), _INT), ((_DOUBLE, _DOUBLE), _DOUBLE), ((_MONEY, _INT), _MONEY), ((_INT, _MONEY), _MONEY)),
    "-_": tuple(((kind,), kind) for kind in (_INT, _DOUBLE, _MONEY)),
}
# An operator of the standard library takes no further overloads, so each is left out and declared anew with ours too.
# `dyn` and `type` would let a clause step round the type check.
_WITHOUT_LOOSE_FUNCTIONS: Final = "stdlib:\n  exclude_functions:\n" + "".join(
    f'    - name: "{name}"\n' for name in (*_OPERATORS, "dyn", "type")
)
_CHECKED_FUNCTIONS: Final = [
    *(_function(name, *overloads) for name, overloads in _OPERATORS.items()),
    _function("money", ((_TEXT,), _MONEY)),
    _function("date", ((_TEXT,), _DATE)),
    _function("date_of", ((_MOMENT, _TEXT), _DATE)),
    _function("years", ((_DATE, _DATE), _INT)),
]
_RUNNING_FUNCTIONS: Final = [
    _function("date_of", ((_MOMENT, _TEXT), _INT), does=_date_of),
    _function("years", ((_INT, _INT), _INT), does=_years),
]
