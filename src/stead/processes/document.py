"""The playbook as people write it (YAML) and as it runs: one document, checked before it can run.

    document = read(source)                     # raises PlaybookInvalid: every problem with its line
    check_clauses(document, source)             # the same for clauses, against the facts and mendings declared here

What a clause may ask is typed (`platform.policy`); what a playbook may say is the structs below. Unknown keys are
refused, so that a misspelt `due` never means "no limit".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

import msgspec
import yaml

from stead.platform import actions as catalogue
from stead.platform.policy.clauses import Clause, ClauseInvalid, ForPatients, compile_clause
from stead.platform.policy.facts import FactRegistry
from stead.platform.policy.facts import facts as declared_facts
from stead.platform.policy.mendings import mendings
from stead.platform.refusals import InvalidInput
from stead.processes.terms import ARRIVALS, OPENINGS, REOPENINGS, Act, AskedOf, ItemKind, On, WaitingOn

LONGEST_SOURCE = 200_000
_KEY = r"^[a-z][a-z0-9_]{1,38}$"
_SUBJECTS_OF_CASE = frozenset({"patient", "case", "claim"})


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Base of all parts of a document."""


class TwoLanguages(Part, frozen=True):
    en: str
    es: str


class ClausePart(Part, frozen=True):
    """A condition. `fix` names what mends it, one or several of `platform.policy.mendings`, the best first; `waits_on`
    says whose turn it is while it is not met. `patient` is what a patient reads whom a gate's clause stops; without it
    they are asked to call."""

    id: str
    words: str
    expression: str
    seat: str = ""
    fix: str | tuple[str, ...] = ()
    waits_on: WaitingOn = "us"
    patient: TwoLanguages | None = None


class ItemPart(Part, frozen=True):
    """Something a stage needs. `when` asks for it only where the clause is true; `accepted_by` is a journal verb that
    settles it by itself, `where` the codes its line must carry."""

    key: str
    kind: ItemKind
    words: str
    required: bool = True
    asked_of: AskedOf = "us"
    when: str = ""
    accepted_by: str = ""
    where: dict[str, str] = msgspec.field(default_factory=dict)
    patient: TwoLanguages | None = None


class AutomationPart(Part, frozen=True):
    """What happens by itself `after` so many business hours: from entering the stage, from its due time (late), or
    from the moment something was asked of the patient (waiting). `close` needs a close code."""

    on: On
    do: Act
    words: str
    after: float = 0
    to: str = ""
    code: str = ""


class BranchPart(Part, frozen=True):
    go: str
    when: str = ""


class StagePart(Part, frozen=True):
    """One stage; `due` in business hours of the case's location."""

    key: str
    name: str
    owner: str
    due: float
    guide: str
    patient: TwoLanguages
    items: tuple[ItemPart, ...] = ()
    enter_when: tuple[ClausePart, ...] = ()
    leave_when: tuple[ClausePart, ...] = ()
    automations: tuple[AutomationPart, ...] = ()
    next: tuple[BranchPart, ...] = ()


class GatePart(Part, frozen=True):
    """A gate that is published with the playbook. `applies_when` narrows it: where it is false the gate is silent."""

    key: str
    name: str
    action: str
    mode: str
    clauses: tuple[ClausePart, ...]
    not_overridable: tuple[str, ...] = ()
    applies_when: str = ""


class ReopenPart(Part, frozen=True):
    """A journal verb after which a patient's case that ended as done comes back to a stage, where `when` holds."""

    on: str
    to: str
    when: str = ""


class Document(Part, frozen=True):
    """`opens_on` is a journal verb whose subject gets a case; `closes_on` maps verbs about the case's subject, or the
    last of its subjects, to the end they mean: what is settled elsewhere leaves no case behind. `reopens` brings one
    back."""

    playbook: str
    name: str
    purpose: str
    subjects: tuple[str, ...]
    owner: str
    stages: tuple[StagePart, ...]
    ends: dict[str, str]
    done: str
    gates: tuple[GatePart, ...] = ()
    opens_on: str = ""
    closes_on: dict[str, str] = msgspec.field(default_factory=dict)
    reopens: tuple[ReopenPart, ...] = ()

    def stage(self, key: str) -> StagePart:
        return next(stage for stage in self.stages if stage.key == key)

    def index(self, key: str) -> int:
        return next(n for n, stage in enumerate(self.stages) if stage.key == key)

    def successors(self, key: str) -> tuple[BranchPart, ...]:
        """Return where a stage may lead: its branches, else the next in order, else nowhere (the case is done)."""
        stage, place = self.stage(key), self.index(key)
        if stage.next:
            return stage.next
        return (BranchPart(go=self.stages[place + 1].key),) if place + 1 < len(self.stages) else ()


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with a document: `line` counts from 1."""

    line: int
    reason: str


class PlaybookInvalid(InvalidInput):
    """A document cannot be published; `problems` holds all that was found, by line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: p.line)
        first = self.problems[0]
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        super().__init__(f"Line {first.line}: {first.reason}{more}", field="source")


def read(source: str) -> Document:
    """Read and check the document's shape. Raise `PlaybookInvalid`."""
    if len(source) > LONGEST_SOURCE:
        raise PlaybookInvalid([Problem(1, f"The document is longer than {LONGEST_SOURCE:,} characters.")])
    tree, value = _parse(source)
    try:
        document = msgspec.convert(value, Document)
    except msgspec.ValidationError as wrong:
        message, _, at = str(wrong).partition(" - at ")
        path = at.strip("`") or "$"
        if strange := re.search(r"unknown field `(\w+)`", message):
            path = f"{path}.{strange[1]}"
        raise PlaybookInvalid([Problem(_line(tree, path), _plain(message))]) from None
    if problems := [Problem(_line(tree, path), reason) for path, reason in _contradictions(document)]:
        raise PlaybookInvalid(problems)
    return document


def load(stored: dict[str, Any]) -> Document:
    """Return the checked form that a version keeps as its `document`."""
    return msgspec.convert(stored, Document)


def dump(document: Document) -> dict[str, Any]:
    """Return what a version keeps: plain values."""
    plain: dict[str, Any] = msgspec.to_builtins(document)
    return plain


def check_clauses(document: Document, source: str, registry: FactRegistry = declared_facts) -> None:
    """Check every clause against the declared facts and mendings. Raise `PlaybookInvalid` with each clause's line."""
    tree, _ = _parse(source)
    if found := [Problem(_line(tree, path), reason) for path, reason in clause_troubles(document, registry)]:
        raise PlaybookInvalid(found)


def clause_troubles(document: Document, registry: FactRegistry = declared_facts) -> Iterator[tuple[str, str]]:
    """Yield (path, reason) for each clause that asks or names what this Stead does not declare."""
    for path, expression, subjects in _expressions(document):
        try:
            compile_clause(Clause(path, path, expression), registry, subjects)
        except ClauseInvalid as wrong:
            yield path, wrong.words
    yield from _unheard_gates(document)
    items = frozenset(item.key for stage in document.stages for item in stage.items)
    for path, clause in _clauses(document):
        for written in fixes_of(clause):
            if complaint := mendings.complaint(written, items):
                yield f"{path}.fix", complaint


def _unheard_gates(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the gates on an action that nobody declared or that asks none: they would never be heard."""
    for n, gate in enumerate(document.gates):
        known = catalogue.find(gate.action)
        if known is not None and known.asks:
            yield f"$.gates[{n}].action", f"“{gate.action}” asks the gates of “{known.asks}”; put the gate there."
        elif known is None or not known.gated:
            gated = ", ".join(found.name for found in catalogue.catalogue() if found.gated)
            yield f"$.gates[{n}].action", f"No action called “{gate.action}” asks gates; these do: {gated}."


def clause_of(part: ClausePart) -> Clause:
    """Return the clause as the policy engine takes it."""
    told = ForPatients(part.patient.en, part.patient.es) if part.patient else None
    return Clause(part.id, part.words, part.expression, fixes_of(part), part.seat, told)


def fixes_of(part: ClausePart) -> tuple[str, ...]:
    return (part.fix,) if isinstance(part.fix, str) else part.fix


class _Loader(yaml.SafeLoader):
    """YAML 1.1 without its traps: `on:` is a key, `no` is a word, a date is text."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def _parse(source: str) -> tuple[yaml.Node, Any]:
    try:
        loader = _Loader(source)
        tree = loader.get_single_node()
        if tree is None:
            raise PlaybookInvalid([Problem(1, "The document is empty.")])
        _refuse_references(tree)
        return tree, loader.construct_document(tree)
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        line = mark.line + 1 if mark else 1
        raise PlaybookInvalid([Problem(line, f"This is not YAML: {wrong.problem or wrong.context}.")]) from None
    except (yaml.YAMLError, RecursionError, ValueError) as wrong:
        raise PlaybookInvalid([Problem(1, f"This is not YAML: {str(wrong).splitlines()[0]}.")]) from None


def _refuse_references(tree: yaml.Node) -> None:
    """Refuse a node that stands in two places (YAML aliases): a short text could unfold into an endless one."""
    seen: set[int] = set()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.ScalarNode):
            continue
        if id(node) in seen:
            raise PlaybookInvalid(
                [Problem(node.start_mark.line + 1, "References (& and *) are not used in playbooks.")]
            )
        seen.add(id(node))
        children = node.value
        waiting += [part for pair in children for part in pair] if isinstance(node, yaml.MappingNode) else children


def _line(tree: yaml.Node, path: str) -> int:
    """Return the line of the deepest part of a path such as `$.stages[1].due` that the text has."""
    node, line = tree, tree.start_mark.line + 1
    for name, number in re.findall(r"\.([\w-]+)|\[(\d+|\.\.\.)\]", path):
        found = _child(node, name, number)
        if found is None:
            break
        node, line = found
    return line


def _child(node: yaml.Node, name: str, number: str) -> tuple[yaml.Node, int] | None:
    if name and isinstance(node, yaml.MappingNode):
        return next(((value, key.start_mark.line + 1) for key, value in node.value if key.value == name), None)
    if number.isdigit() and isinstance(node, yaml.SequenceNode) and int(number) < len(node.value):
        child = node.value[int(number)]
        return child, child.start_mark.line + 1
    return None


def _plain(message: str) -> str:
    """Say the checker's complaint in the words of the document."""
    if found := re.match(r"Object missing required field `(\w+)`", message):
        return f"“{found[1]}” is missing."
    if found := re.match(r"Object contains unknown field `(\w+)`", message):
        return f"“{found[1]}” is not a word of playbooks; is it misspelt?"
    if found := re.match(r"Expected `(.+)`, got `(.+)`", message):
        return f"Here belongs {_TYPES.get(found[1], found[1])}, not {_TYPES.get(found[2], found[2])}."
    if found := re.match(r"Invalid enum value (.+)", message):
        return f"{found[1]} is not one of the words allowed here."
    return f"{message}."


_TYPES = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "array": "a list",
    "object": "a block of keys", "null": "nothing", "object | null": "a block of keys",
}  # fmt: skip


def _contradictions(document: Document) -> Iterator[tuple[str, str]]:
    """Yield (path, reason) for what has the right shape and still cannot run."""
    yield from _key_troubles(document)
    if not document.stages:
        yield "$.stages", "A playbook has at least one stage."
    if not document.subjects:
        yield "$.subjects", "A playbook says what its cases are about."
    if document.done not in document.ends:
        yield "$.done", f"“{document.done}” is not among the ends."
    if document.opens_on and document.opens_on not in OPENINGS:
        yield "$.opens_on", f"No case opens by itself on “{document.opens_on}”; it may on {', '.join(OPENINGS)}."
    for verb, code in document.closes_on.items():
        if verb not in ARRIVALS:
            yield f"$.closes_on.{verb}", f"No room writes the line “{verb}”."
        if code not in document.ends:
            yield "$.closes_on", f"“{code}” is not among the ends."
    stages = {stage.key for stage in document.stages}
    for n, back in enumerate(document.reopens):
        if back.on not in REOPENINGS:
            yield f"$.reopens[{n}].on", f"No case comes back on “{back.on}”; it may on {', '.join(REOPENINGS)}."
        if back.to not in stages:
            yield f"$.reopens[{n}].to", f"There is no stage “{back.to}”."
    for n, stage in enumerate(document.stages):
        path = f"$.stages[{n}]"
        yield from _stage_troubles(stage, path, stages, document.ends)
    for n, gate in enumerate(document.gates):
        path = f"$.gates[{n}]"
        yield from _twice([clause.id for clause in gate.clauses], f"{path}.clauses", "clause")
        if not gate.clauses:
            yield f"{path}.clauses", "A gate has at least one clause."
        if gate.mode not in ("enforce", "warn", "watch"):
            yield f"{path}.mode", "A gate's mode is enforce, warn or watch."
        for name in gate.not_overridable:
            if name not in {clause.id for clause in gate.clauses}:
                yield f"{path}.not_overridable", f"The gate has no clause “{name}”."


def _key_troubles(document: Document) -> Iterator[tuple[str, str]]:
    if not re.match(_KEY, document.playbook):
        yield "$.playbook", "A key is lower-case letters, digits and underscores, at most 39."
    for n, stage in enumerate(document.stages):
        if not re.match(_KEY, stage.key):
            yield f"$.stages[{n}].key", "A key is lower-case letters, digits and underscores, at most 39."
    yield from _twice([stage.key for stage in document.stages], "$.stages", "stage")
    yield from _twice([item.key for stage in document.stages for item in stage.items], "$.stages", "item")
    yield from _twice([gate.key for gate in document.gates], "$.gates", "gate")


def _twice(keys: list[str], path: str, what: str) -> Iterator[tuple[str, str]]:
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield path, f"There are two {what}s called “{key}”."


def _stage_troubles(
    stage: StagePart, path: str, stages: Collection[str], ends: Collection[str]
) -> Iterator[tuple[str, str]]:
    if not stage.owner.strip():
        yield f"{path}.owner", "A stage is owned by a seat."
    if not 0 < stage.due <= 5_000:
        yield f"{path}.due", "A stage is due after more than 0 and at most 5,000 business hours."
    for n, branch in enumerate(stage.next):
        if branch.go not in stages:
            yield f"{path}.next[{n}].go", f"There is no stage “{branch.go}”."
    for n, item in enumerate(stage.items):
        if item.accepted_by and item.accepted_by not in ARRIVALS:
            yield f"{path}.items[{n}].accepted_by", f"No room writes the line “{item.accepted_by}”."
        if item.asked_of == "patient" and item.patient is None:
            yield f"{path}.items[{n}]", "What is asked of the patient needs words for the patient, in en and es."
    yield from _twice([clause.id for clause in (*stage.enter_when, *stage.leave_when)], path, "clause")
    for n, automation in enumerate(stage.automations):
        yield from _automation_troubles(automation, f"{path}.automations[{n}]", ends)


def _automation_troubles(automation: AutomationPart, path: str, ends: Collection[str]) -> Iterator[tuple[str, str]]:
    if automation.do in ("task", "escalate") and not automation.to:
        yield path, f"“{automation.do}” needs “to”: the seat that gets it."
    if automation.do == "close" and automation.code not in ends:
        yield path, "“close” needs a “code” that is among the ends."
    if not 0 <= automation.after <= 5_000:
        yield f"{path}.after", "“after” is 0 to 5,000 business hours."


def _clauses(document: Document) -> Iterator[tuple[str, ClausePart]]:
    """Yield (path, clause) of every clause of stages and gates."""
    for n, stage in enumerate(document.stages):
        for name in ("enter_when", "leave_when"):
            yield from ((f"$.stages[{n}].{name}[{i}]", clause) for i, clause in enumerate(getattr(stage, name)))
    for n, gate in enumerate(document.gates):
        yield from ((f"$.gates[{n}].clauses[{i}]", clause) for i, clause in enumerate(gate.clauses))


def _expressions(document: Document) -> Iterator[tuple[str, str, Collection[str]]]:
    """Yield (path, expression, subjects at hand) of everything that is asked."""
    for n, stage in enumerate(document.stages):
        for name in ("enter_when", "leave_when"):
            for i, clause in enumerate(getattr(stage, name)):
                yield f"$.stages[{n}].{name}[{i}].expression", clause.expression, _SUBJECTS_OF_CASE
    for n, stage in enumerate(document.stages):
        path = f"$.stages[{n}]"
        for i, item in enumerate(stage.items):
            if item.when:
                yield f"{path}.items[{i}].when", item.when, _SUBJECTS_OF_CASE
        for i, branch in enumerate(stage.next):
            if branch.when:
                yield f"{path}.next[{i}].when", branch.when, _SUBJECTS_OF_CASE
    for n, back in enumerate(document.reopens):
        if back.when:
            yield f"$.reopens[{n}].when", back.when, _SUBJECTS_OF_CASE
    for n, gate in enumerate(document.gates):
        if (action := catalogue.find(gate.action)) is None or not action.gated:
            continue  # said by itself: nobody would ask it
        if gate.applies_when:
            yield f"$.gates[{n}].applies_when", gate.applies_when, action.hands
        for i, clause in enumerate(gate.clauses):
            yield f"$.gates[{n}].clauses[{i}].expression", clause.expression, action.hands
