"""What the parts need to know, as frozen values. Plain dicts with the same keys work too.

A room builds these in its view from its own rows; the parts only print them. Words come ready to show.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Step:
    """One step as a button: a link when `method` is get, a form of its own when post. `fields` are pre-filled.

    `into` is the part of the page that takes the answer where scripts run ("#desk"); without it the page is left."""

    label: Words
    url: str
    method: Literal["get", "post"] = "get"
    fields: Sequence[tuple[str, str]] = ()
    into: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a gate as it stands: met, unmet or unknown, with what the record says and whose it is."""

    no: int
    state: Literal["met", "unmet", "unknown"]
    words: Words
    says: Words = ""
    whose: Words = ""
    seat: Words = ""
    fix: Step | None = None
    more: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class NextTime:
    """A time that would hold, with the reason why it fits, and the button that holds it."""

    letter: str
    when: Words
    who: Words
    why: Words
    hold: Step


@dataclass(frozen=True, slots=True)
class Override:
    """What this seat may override: `says` tells what, how many are left, how often it was. The reason is required."""

    says: Words
    url: str
    label: Words
    ends: Words = ""
    fields: Sequence[tuple[str, str]] = ()
    reason: str = ""
    error: Words = ""
    into: str = ""


@dataclass(frozen=True, slots=True)
class GateRefusal:
    """A gate's no. `note` says which gate, that nothing changed, and how long the slot is kept.

    `asked` is the request in pairs (("Service", "First visit, 60 min"), …). Clauses may come in any order.
    """

    sentence: Words
    note: Words
    clauses: Sequence[Clause]
    asked: Sequence[tuple[Words, Words]] = ()
    gate: Words = ""
    gate_url: str = ""
    next_head: Words = ""
    next_note: Words = ""
    next_times: Sequence[NextTime] = ()
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done, with undo and what happens when undo ends: "until 10:45, then Dee is told"."""

    words: Words
    undo: Step | None = None
    until: Words = ""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Words
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """One value of the filter sentence: its parameter, label, the words now chosen and what can be chosen."""

    name: str
    label: Words
    shown: Words
    choices: Sequence[Choice]
    many: bool = False


@dataclass(frozen=True, slots=True)
class FilterBar:
    """The whole sentence. `clear_url` is set only when something is; `kept` are hidden pairs such as sort."""

    filters: Sequence[Filter]
    count: Words = ""
    clear_url: str = ""
    kept: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One journal line: past tense. `kind` "gap" is a wait. Leave `day` empty when it is the line above's."""

    words: Words
    day: Words = ""
    time: Words = ""
    mark: str = "met"
    by: Words = ""
    number: str = ""
    url: str = ""
    kind: Literal["line", "gap"] = "line"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a case. `place` is behind, now or ahead; `notes` are lines below it (time taken, whose, limit).

    For the patient `when` stands at the right ("Waiting on you"), `ask` is the one request, `main` its one action.
    """

    words: Words
    place: Literal["behind", "now", "ahead"]
    mark: str
    tone: str = ""
    notes: Sequence[Words] = ()
    over: Words = ""
    no_one: bool = False
    when: Words = ""
    ask: Words = ""
    main: Step | None = None
    main_icon: str = ""
    links: Sequence[Step] = ()
    facts: Sequence[Words] = ()
    held: Words = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a day column. `place` comes from ui.calendar.place; `state` picks edge and pattern."""

    name: Words
    place: str
    state: Literal[
        "confirmed", "booked", "waiting", "session", "done", "noshow", "cancelled", "offered", "held", "refused"
    ]
    mark: str
    word: Words
    kind: Words = ""
    url: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A row of the palette: a page (get) or an action (post). `note` says what it would do or be refused for."""

    label: Words
    url: str
    note: Words = ""
    key: str = ""
    method: Literal["get", "post"] = "get"


@dataclass(frozen=True, slots=True)
class HitGroup:
    head: Words
    hits: Sequence[Hit] = field(default_factory=tuple)
