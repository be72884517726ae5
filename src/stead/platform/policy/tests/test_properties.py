"""Random clauses against an oracle of our own: Kleene's three-valued logic with the engine's conditional."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stead.platform.policy.evaluate import ClauseResult, Facts, Outcome, evaluate
from stead.platform.policy.facts import Cost, Fact, FactRegistry, SharedLoader
from stead.platform.policy.kinds import FactValue, Kind
from stead.platform.policy.tests.cast import compiled

NAMES = ("s.a", "s.b", "s.c", "s.d", "s.e")
ROW, SHARED = NAMES[:3], NAMES[3:]
type Truth = bool | None
type World = dict[str, Truth]


@dataclass(frozen=True)
class Node:
    """A boolean expression; an operator of "" is a fact or constant named by `leaf`."""

    operator: str
    parts: tuple["Node", ...] = ()
    leaf: str = ""

    def __str__(self) -> str:
        if not self.operator:
            return self.leaf
        if self.operator == "!":
            return f"!({self.parts[0]})"
        if self.operator == "?":
            return f"(({self.parts[0]}) ? ({self.parts[1]}) : ({self.parts[2]}))"
        return f"(({self.parts[0]}) {self.operator} ({self.parts[1]}))"


def oracle(node: Node, world: World) -> Truth:
    if not node.operator:
        return {"true": True, "false": False}.get(node.leaf, world.get(node.leaf))
    parts = [oracle(part, world) for part in node.parts]
    match node.operator:
        case "!":
            return None if parts[0] is None else not parts[0]
        case "&&":
            return False if False in parts else (None if None in parts else True)
        case "||":
            return True if True in parts else (None if None in parts else False)
        case "==":
            return None if None in parts else parts[0] is parts[1]
    return None if parts[0] is None else (parts[1] if parts[0] else parts[2])


def _grow(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(lambda one: Node("!", (one,)), inner),
        st.builds(lambda sign, one, two: Node(sign, (one, two)), st.sampled_from(("&&", "||", "==")), inner, inner),
        st.builds(lambda one, two, three: Node("?", (one, two, three)), inner, inner, inner),
    )


leaves = st.sampled_from((*NAMES, "true", "false")).map(lambda name: Node("", leaf=name))
nodes = st.recursive(leaves, _grow, max_leaves=8)
worlds = st.fixed_dictionaries({name: st.sampled_from((True, False, None)) for name in NAMES})
costs = st.fixed_dictionaries({name: st.sampled_from(Cost) for name in NAMES})
OUTCOMES = {True: Outcome.MET, False: Outcome.UNMET, None: Outcome.UNKNOWN}


def lazily(node: Node, world: World, cost: dict[str, Cost], calls: list[str]) -> tuple[ClauseResult, FactRegistry]:
    registry = FactRegistry()

    def learn(_: Any) -> dict[str, FactValue | None]:
        calls.append("shared")
        return {name: world[name] for name in SHARED}

    def one(name: str) -> Callable[[Any], Truth]:
        def load(_: Any) -> Truth:
            calls.append(name)
            return world[name]

        return load

    shared = SharedLoader(learn)
    for name in NAMES:
        load = shared if name in SHARED else one(name)
        registry.declare(Fact(name, Kind.BOOL, meaning="x", subject="s", cost=cost[name], load=load))
    return evaluate(compiled(str(node), registry), Facts({"s": 1}, registry=registry)), registry


@settings(max_examples=300, deadline=None)
@given(nodes, worlds, costs)
def test_the_engine_agrees_with_three_valued_logic_and_laziness_changes_nothing(
    node: Node, world: World, cost: dict[str, Cost]
) -> None:
    calls: list[str] = []
    result, registry = lazily(node, world, cost, calls)
    eager = evaluate(compiled(str(node), registry), Facts({}, world, registry))
    assert result.outcome is eager.outcome is OUTCOMES[oracle(node, world)]
    assert len(calls) == len(set(calls))
    assert all(reading.value is world[reading.fact.name] for reading in result.readings)


@settings(max_examples=150, deadline=None)
@given(nodes, worlds, costs)
def test_what_was_read_decides_alone(node: Node, world: World, cost: dict[str, Cost]) -> None:
    """The explanation is complete: with the facts it lists and nothing else, the answer is the same."""
    result, _ = lazily(node, world, cost, [])
    read: World = {reading.fact.name: world[reading.fact.name] for reading in result.readings}
    assert OUTCOMES[oracle(node, read)] is result.outcome


@settings(max_examples=100, deadline=None)
@given(nodes, worlds, st.sampled_from(NAMES), st.booleans())
def test_learning_one_more_fact_never_turns_a_certain_answer(node: Node, world: World, name: str, value: bool) -> None:
    cost = dict.fromkeys(NAMES, Cost.ROW)
    before, _ = lazily(node, {**world, name: None}, cost, [])
    after, _ = lazily(node, {**world, name: value}, cost, [])
    assert before.outcome in (Outcome.UNKNOWN, after.outcome)
