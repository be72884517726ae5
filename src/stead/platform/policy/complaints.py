"""Turn what the engine complains of into words for the practice manager who wrote the clause."""

import difflib
import re
from collections.abc import Sequence
from typing import Final

from stead.platform.policy.engine import EngineComplaint
from stead.platform.policy.facts import FactRegistry
from stead.platform.policy.literals import HAS_IS_NO_QUESTION
from stead.platform.refusals import InvalidInput

_NAME: Final = re.compile(r"[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*")
_OVERLOAD: Final = re.compile(r"found no matching overload for '([^']+)' applied to '\((.*)\)'")
_UNDECLARED: Final = re.compile(r"undeclared reference to '([^']+)'")
_SELECT: Final = re.compile(r"expression of type '([^']+)' cannot be the operand of a select operation")
_INPUT: Final = re.compile(r"(?:mismatched|extraneous) input '([^']*)'")
_TOKEN: Final = re.compile(r"token recognition error at: '(.*)'", re.DOTALL)
_LACKING: Final = re.compile(r"missing '([^']+)' at")
_TYPES: Final = {
    "bool": "a yes/no answer",
    "int": "a whole number",
    "double": "a decimal number",
    "money": "money",
    "string": "text",
    "timestamp": "a moment",
    "google.protobuf.Timestamp": "a moment",
    "date": "a day",
    "duration": "a length of time",
    "google.protobuf.Duration": "a length of time",
    "list(string)": "a list of texts",
    "null_type": "nothing (null)",
}
_DEEDS: Final = {
    **dict.fromkeys(("_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_"), "compare {0} with {1}"),
    "_+_": "add {1} to {0}",
    "_-_": "take {1} from {0}",
    "_*_": "multiply {0} by {1}",
    "_/_": "divide {0} by {1}",
    "_%_": "divide {0} by {1}",
    "@in": "look for {0} in {1}",
    "-_": "negate {0}",
}
_WORDS_FOR_SIGNS: Final = {"and": "&&", "or": "||", "not": "!"}
_SIGNS: Final = {"=": "==", "&": "&&", "|": "||", "#": "//"}
_FUNCTIONS: Final = (
    *("all", "contains", "date", "date_of", "duration", "endsWith", "exists", "exists_one", "filter", "getDate"),
    *("getDayOfWeek", "getFullYear", "getHours", "getMinutes", "getMonth", "matches", "money", "size", "startsWith"),
    *("timestamp", "years"),
)


class ClauseInvalid(InvalidInput):
    """A clause cannot be saved; `line` and `column` (from 1) say where, `suggestion` what was meant, if anything."""

    def __init__(self, message: str, line: int, column: int, suggestion: str = "") -> None:
        super().__init__(message, field="expression")
        self.message, self.line, self.column, self.suggestion = message, line, column, suggestion


def place(expression: str, offset: int) -> tuple[int, int]:
    """Return line and column, both from 1, of a character counted from 0."""
    before = expression[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def type_in_words(name: str) -> str:
    """Say a type of the engine in plain words."""
    return _TYPES.get(name, name)


def explain(complaint: EngineComplaint, expression: str, registry: FactRegistry) -> ClauseInvalid:
    """Word a complaint of the engine for the author of the clause."""
    offset = _offset(expression, complaint.line, complaint.column)
    if undeclared := _UNDECLARED.search(complaint.message):
        return _unknown_name(undeclared[1], expression, offset, registry)
    if select := _SELECT.search(complaint.message):
        return _no_such_part(select[1], expression, offset, registry)
    message, suggestion = _words(complaint.message, expression[:offset])
    return ClauseInvalid(message, complaint.line, complaint.column, suggestion)


def _words(message: str, before: str) -> tuple[str, str]:
    if overload := _OVERLOAD.search(message):
        return _wrong_types(overload[1], _split(overload[2]))
    if "<EOF>' expecting" in message and "mismatched input" in message:
        return "The clause ends before it is complete.", ""
    if token := _TOKEN.search(message):
        return _unreadable(token[1].strip())
    if stray := _INPUT.search(message):
        return _stray(stray[1], before)
    if missing := _LACKING.search(message):
        return f"Here a {missing[1]} is missing.", ""
    if "must be a field selection" in message:
        return f"{HAS_IS_NO_QUESTION}.", ""
    if "recursion limit" in message:
        return "The clause is nested too deeply. Split it into several clauses.", ""
    if "invalid int literal" in message:
        return "This number is too large.", ""
    return f"The clause cannot be read here: {message.removeprefix('Syntax error: ').rstrip('.')}.", ""


def _unknown_name(name: str, expression: str, offset: int, registry: FactRegistry) -> ClauseInvalid:
    if expression[offset : offset + 1] == "(":
        line, column = place(expression, offset - len(name))
        close = difflib.get_close_matches(name, _FUNCTIONS, n=3)
        return ClauseInvalid(f"There is no function {name}() for clauses.", line, column, ", ".join(close))
    whole, start = _name_at(expression, offset, name)
    line, column = place(expression, start)
    return ClauseInvalid(f"There is no fact {whole}.", line, column, ", ".join(registry.nearest(whole)))


def _no_such_part(kind: str, expression: str, offset: int, registry: FactRegistry) -> ClauseInvalid:
    whole, start = _name_at(expression, offset, "")
    head, _, part = whole.rpartition(".")
    line, column = place(expression, start)
    message = f"There is no fact {whole}: {head} is {type_in_words(kind)} and has no part {part}."
    return ClauseInvalid(message, line, column, ", ".join(registry.nearest(whole)))


def _wrong_types(function: str, types: Sequence[str]) -> tuple[str, str]:
    words = [type_in_words(name) for name in types]
    if function in ("_&&_", "_||_"):
        return f"{function.strip('_')} joins two yes/no answers; here stand {words[0]} and {words[1]}.", ""
    if function == "!_":
        return f"! turns a yes/no answer round; here stands {words[0]}.", ""
    if function == "_?_:_":
        return f"? : needs a yes/no answer and two values of one type; here stand {', '.join(words)}.", ""
    if function in _DEEDS:
        mends = function not in ("_*_", "_/_", "_%_")
        return f"A clause cannot {_DEEDS[function].format(*words)}.", _mend(types) if mends else ""
    return f"{function}() does not take {' and '.join(words)}.", _mend(types)


def _mend(types: Sequence[str]) -> str:
    plain = {name.removeprefix("google.protobuf.").lower() for name in types}
    for pair, suggestion in _MENDS:
        if pair <= plain:
            return suggestion
    return ""


_MENDS: Final = (
    ({"money", "int"}, 'Write amounts as money("300.00").'),
    ({"money", "double"}, 'Write amounts as money("300.00").'),
    ({"date", "timestamp"}, 'date_of(now, "America/New_York") makes a day of a moment.'),
    ({"date", "string"}, 'Write days as date("2026-11-24").'),
    ({"timestamp", "string"}, 'Write moments as timestamp("2026-11-24T09:00:00Z").'),
    ({"duration", "int"}, 'Write lengths of time as duration("24h").'),
    ({"duration", "string"}, 'Write lengths of time as duration("24h").'),
    ({"int", "double"}, "Write the number without a decimal point."),
    ({"bool", "string"}, "A yes/no fact stands alone, or with ! before it."),
    ({"null_type"}, "A fact nobody knows yet leaves the clause undecided: leave this comparison out."),
)


def _unreadable(token: str) -> tuple[str, str]:
    if token[:1] in ("'", '"'):
        return "The text that begins here is not closed.", f"Add {token[0]} at its end."
    return f"{token} cannot be read here.", _SIGNS.get(token, "")


def _stray(found: str, before: str) -> tuple[str, str]:
    last = before.split()[-1:]
    word = found if found in _WORDS_FOR_SIGNS else (last[0] if last and last[0] in _WORDS_FOR_SIGNS else "")
    if word:
        return f'"{word}" is written {_WORDS_FOR_SIGNS[word]} in a clause.', _WORDS_FOR_SIGNS[word]
    if found == "<EOF>":
        return "The clause ends before it is complete.", ""
    return f"{found} is not expected here.", "Join conditions with && or ||." if _NAME.fullmatch(found) else ""


def _split(types: str) -> list[str]:
    parts, depth = [""], 0
    for character in types:
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _offset(expression: str, line: int, column: int) -> int:
    lines = expression.split("\n")[: line - 1]
    return sum(len(text) + 1 for text in lines) + column - 1


def _name_at(expression: str, offset: int, otherwise: str) -> tuple[str, int]:
    """Return the whole dotted name at an offset (the engine points at its last dot) and where it starts."""
    for name in _NAME.finditer(expression):
        if name.start() <= offset <= name.end():
            return re.sub(r"\s", "", name[0]), name.start()
    return otherwise, offset
