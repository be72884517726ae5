from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stead.platform.policy.evaluate import FactFault, Facts
from stead.platform.policy.facts import Cost, Fact, FactDeclarationWrong, FactRegistry, SharedLoader
from stead.platform.policy.kinds import FactValue, FactValueWrong, Kind, in_words, to_engine
from stead.platform.policy.tests.cast import registry_of


def test_a_fact_declared_twice_stops_the_start() -> None:
    registry = registry_of(Fact("patient.age", Kind.INT, meaning="Years"))
    with pytest.raises(FactDeclarationWrong, match="declared twice"):
        registry.declare(Fact("patient.age", Kind.INT, meaning="Years"))


def test_a_declaration_with_one_wrong_fact_declares_none() -> None:
    registry = FactRegistry()
    with pytest.raises(FactDeclarationWrong):
        registry.declare(Fact("a.b", Kind.INT, meaning="x"), Fact("a.b", Kind.INT, meaning="x"))
    assert len(registry) == 0


@pytest.mark.parametrize(
    "name", ["", "Patient.age", "patient..age", "patient.age ", "1st", "patient.in", "true", "has"]
)
def test_a_name_no_clause_could_write_is_refused(name: str) -> None:
    with pytest.raises(FactDeclarationWrong, match="cannot be the name"):
        registry_of(Fact(name, Kind.INT, meaning="x"))


def test_a_fact_needs_a_meaning_and_a_loader_needs_a_subject() -> None:
    with pytest.raises(FactDeclarationWrong, match="meaning"):
        registry_of(Fact("a", Kind.INT, meaning=" "))
    with pytest.raises(FactDeclarationWrong, match="subject"):
        registry_of(Fact("a", Kind.INT, meaning="x", load=lambda _: 1))


def test_facts_are_found_by_subject_and_by_near_names() -> None:
    card = Fact("patient.card_on_file", Kind.BOOL, meaning="x", subject="patient")
    registry = registry_of(card, Fact("claim.state", Kind.STRING, meaning="x", subject="claim"))
    assert registry.for_subject("patient") == (card,)
    assert registry.nearest("patient.card_on_fil") == ("patient.card_on_file",)
    assert registry.nearest("state") == ("claim.state",)
    assert registry.nearest("zebra") == ()


def test_every_declaration_changes_the_version_and_no_two_registries_share_one() -> None:
    one, two = FactRegistry(), FactRegistry()
    before = one.version
    one.declare(Fact("a", Kind.INT, meaning="x"))
    assert len({before, one.version, two.version}) == 3


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.BOOL, 1),
        (Kind.BOOL, "false"),
        (Kind.INT, True),
        (Kind.INT, 2**63),
        (Kind.INT, 2.0),
        (Kind.MONEY, 12.5),
        (Kind.STRING, b"x"),
        (Kind.STRING, "a\x00b"),
        (Kind.STRING, "a\ud800"),
        (Kind.STRINGS, ["a\x00b"]),
        (Kind.TIMESTAMP, datetime(2026, 1, 1)),
        (Kind.TIMESTAMP, date(2026, 1, 1)),
        (Kind.DATE, datetime(2026, 1, 1, tzinfo=UTC)),
        (Kind.DATE, "2026-01-01"),
        (Kind.DURATION, 60),
        (Kind.STRINGS, "abc"),
        (Kind.STRINGS, ["a", None]),
    ],
)
def test_a_value_of_another_kind_is_a_fault_and_never_reaches_the_engine(kind: Kind, value: Any) -> None:
    with pytest.raises(FactValueWrong, match="fact patient"):
        to_engine("patient.x", kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Kind.BOOL, None, "not known yet"),
        (Kind.BOOL, False, "no"),
        (Kind.INT, 1200, "1,200"),
        (Kind.MONEY, 121_400, "$1,214"),
        (Kind.MONEY, -1_205, "-$12.05"),
        (Kind.STRING, "", "empty"),
        (Kind.DATE, date(2026, 11, 4), "Nov 4, 2026"),
        (Kind.TIMESTAMP, datetime(2026, 11, 24, 9, 5, tzinfo=ZoneInfo("America/New_York")), "Nov 24, 2026 14:05 UTC"),
        (Kind.DURATION, timedelta(days=1, hours=2, minutes=5), "1 day 2 h 5 min"),
        (Kind.DURATION, -timedelta(days=3), "-3 d"),
        (Kind.DURATION, timedelta(seconds=20), "0 min"),
        (Kind.STRINGS, ["a", "b"], "a, b"),
        (Kind.STRINGS, [], "none"),
    ],
)
def test_values_are_said_in_words(kind: Kind, value: Any, words: str) -> None:
    assert in_words(kind, value) == words


def test_a_room_may_word_its_own_values_but_not_what_is_unknown() -> None:
    fact = Fact("patient.no_shows", Kind.INT, meaning="x", says=lambda n: f"{n} missed in 90 days")
    assert fact.words(2) == "2 missed in 90 days"
    assert fact.words(None) == "not known yet"


def test_a_shared_loader_runs_once_for_all_its_facts() -> None:
    calls: list[Any] = []

    def learn(row: Any) -> dict[str, FactValue | None]:
        calls.append(row)
        return {"p.a": 1, "p.b": None}

    loader = SharedLoader(learn)
    registry = registry_of(
        *(Fact(name, Kind.INT, meaning="x", subject="p", cost=Cost.QUERY, load=loader) for name in ("p.a", "p.b"))
    )
    facts = Facts({"p": "row"}, registry=registry)
    assert (facts.read("p.a"), facts.read("p.b"), facts.read("p.a")) == (1, None, 1)
    assert calls == ["row"]


def test_a_shared_loader_that_leaves_a_fact_out_is_a_fault() -> None:
    registry = registry_of(Fact("p.a", Kind.INT, meaning="x", subject="p", load=SharedLoader(lambda _: {})))
    with pytest.raises(FactFault, match=r"p\.a"):
        Facts({"p": 1}, registry=registry).read("p.a")


def test_what_the_caller_gives_stands_before_the_loader() -> None:
    registry = registry_of(Fact("p.a", Kind.INT, meaning="x", subject="p", load=lambda _: 1))
    assert Facts({"p": 1}, {"p.a": 2}, registry).read("p.a") == 2


def test_no_such_record_is_not_known_but_a_forgotten_record_is_a_fault() -> None:
    registry = registry_of(Fact("p.a", Kind.INT, meaning="x", subject="p", load=lambda row: row.a))
    assert Facts({"p": None}, registry=registry).read("p.a") is None
    with pytest.raises(FactFault, match="needs the p"):
        Facts({}, registry=registry).read("p.a")


def test_giving_or_reading_an_undeclared_fact_is_a_fault() -> None:
    with pytest.raises(FactFault, match="not declared"):
        Facts({}, {"zebra": 1}, FactRegistry())
    with pytest.raises(FactFault, match="not declared"):
        Facts({}, registry=FactRegistry()).read("zebra")
