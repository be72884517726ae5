from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stead.platform.policy.evaluate import Facts, Outcome, evaluate
from stead.platform.policy.facts import Cost, Fact, SharedLoader
from stead.platform.policy.kinds import FactValue, Kind
from stead.platform.policy.tests.cast import NOW, ask, compiled, registry_of

MET, UNMET, UNKNOWN = Outcome.MET, Outcome.UNMET, Outcome.UNKNOWN
CARD, SIGNED = "patient.card_on_file", "patient.agreement_signed"


@pytest.mark.parametrize(
    ("expression", "card", "signed", "outcome"),
    [
        (CARD, True, None, MET),
        (CARD, False, None, UNMET),
        (CARD, None, None, UNKNOWN),
        (f"!{CARD}", None, None, UNKNOWN),
        (f"{CARD} && {SIGNED}", False, None, UNMET),
        (f"{SIGNED} && {CARD}", False, None, UNMET),
        (f"{CARD} && {SIGNED}", True, None, UNKNOWN),
        (f"{CARD} || {SIGNED}", None, True, MET),
        (f"{CARD} || {SIGNED}", None, False, UNKNOWN),
        (f"{CARD} ? {SIGNED} : true", False, None, MET),
        (f"{CARD} ? {SIGNED} : true", None, True, UNKNOWN),
        (f"{CARD} == {SIGNED}", True, None, UNKNOWN),
        ("true", None, None, MET),
        ("false", None, None, UNMET),
    ],
)
def test_three_answers(expression: str, card: bool | None, signed: bool | None, outcome: Outcome) -> None:
    assert ask(expression, {CARD: card, SIGNED: signed}).outcome is outcome


def test_an_unknown_clause_says_what_it_waits_for() -> None:
    result = ask(f"{CARD} && {SIGNED}", {CARD: True})
    assert [fact.name for fact in result.missing] == [SIGNED]
    assert {reading.fact.name: reading.words for reading in result.readings} == {CARD: "yes", SIGNED: "not known yet"}
    assert result.fault is None


@pytest.mark.parametrize(
    ("expression", "given", "outcome"),
    [
        ("coverage.end_date >= today", {"coverage.end_date": date(2026, 11, 24), "today": date(2026, 11, 24)}, MET),
        ("coverage.end_date >= today", {"coverage.end_date": date(2026, 11, 23), "today": date(2026, 11, 24)}, UNMET),
        ("today - coverage.end_date == 366", {"coverage.end_date": date(2024, 1, 1), "today": date(2025, 1, 1)}, MET),
        ("coverage.end_date + 30 > date('2026-12-23')", {"coverage.end_date": date(2026, 11, 24)}, MET),
        (
            "years(patient.birth_date, today) >= 18",
            {"patient.birth_date": date(2008, 11, 25), "today": NOW.date()},
            UNMET,
        ),
        (
            "years(patient.birth_date, today) >= 18",
            {"patient.birth_date": date(2008, 11, 24), "today": NOW.date()},
            MET,
        ),
        ("patient.birth_date < date('1970-01-01')", {"patient.birth_date": date(1969, 12, 31)}, MET),
        ("patient.overdue < money('300.00')", {"patient.overdue": 29_999}, MET),
        ("patient.overdue < money('300.00')", {"patient.overdue": 30_000}, UNMET),
        ("patient.overdue * 2 == money('1,000.02')", {"patient.overdue": 50_001}, MET),
        ("-patient.overdue > money('-3')", {"patient.overdue": 299}, MET),
        ("now - coverage.verified_at <= duration('168h')", {"coverage.verified_at": NOW - timedelta(days=7)}, MET),
        ("appointment.length > duration('45m')", {"appointment.length": timedelta(minutes=45)}, UNMET),
        ("'telehealth' in patient.consents", {"patient.consents": ("treatment", "telehealth")}, MET),
        ("patient.consents.all(c, c != 'x')", {"patient.consents": []}, MET),
        ("patient.language.matches('^e[ns]$')", {"patient.language": "es"}, MET),
        ("size(patient.language) == 2", {"patient.language": "😀é"}, MET),
    ],
)
def test_kinds_are_compared_as_people_mean_them(
    expression: str, given: dict[str, FactValue | None], outcome: Outcome
) -> None:
    assert ask(expression, {"now": NOW, **given}).outcome is outcome


def test_a_bound_name_hides_the_fact_of_the_same_name() -> None:
    given: dict[str, FactValue | None] = {"now": NOW, "patient.consents": ["a", "b"]}
    assert ask("patient.consents.exists(now, now == 'b')", given).outcome is MET
    assert ask("patient.consents.exists(now, now == 'c')", given).outcome is UNMET


def test_the_day_of_a_moment_is_the_day_at_the_place() -> None:
    late_evening = datetime(2026, 11, 24, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    assert ask("date_of(now, 'America/New_York') == date('2026-11-24')", {"now": late_evening}).outcome is MET
    assert ask("date_of(now, 'UTC') == date('2026-11-25')", {"now": late_evening}).outcome is MET
    given: dict[str, FactValue | None] = {"now": late_evening, "location.zone": "America/Los_Angeles"}
    assert ask("now.getHours(location.zone) == 20", given).outcome is MET


def test_hours_follow_the_change_to_winter_time() -> None:
    before = datetime(2026, 10, 31, 9, tzinfo=ZoneInfo("America/New_York"))
    after = datetime(2026, 11, 1, 9, tzinfo=ZoneInfo("America/New_York"))
    for moment in (before, after):
        assert ask("now.getHours('America/New_York') == 9", {"now": moment}).outcome is MET
    given: dict[str, FactValue | None] = {"now": after, "coverage.verified_at": before}
    assert ask("now - coverage.verified_at == duration('25h')", given).outcome is MET


BOMB = "".join(f"[1,2,3,4,5,6,7,8,9,10].all(x{n}, " for n in range(7)) + "x0 > 0" + ")" * 7


@pytest.mark.parametrize(
    ("expression", "given", "fault"),
    [
        ("10 / patient.no_shows > 1", {"patient.no_shows": 0}, "divide by zero"),
        ("patient.no_shows + 1 > 0", {"patient.no_shows": 2**63 - 1}, "integer overflow"),
        ("date_of(now, location.zone) == today", {"location.zone": "Mars/Base"}, "Mars"),
        ("timestamp(patient.language) < now", {"patient.language": "soon"}, "conversion failed"),
        (BOMB, {}, "Iteration budget exceeded"),
        (f"{BOMB} || {CARD}", {}, None),
    ],
)
def test_a_fault_of_the_engine_is_unknown_and_never_met(
    expression: str, given: dict[str, FactValue | None], fault: str | None
) -> None:
    result = ask(expression, {"now": NOW, "today": NOW.date(), **given})
    assert result.outcome is UNKNOWN
    if fault:
        assert result.fault is not None and fault in result.fault
        assert "[" not in result.fault and "INVALID_ARGUMENT" not in result.fault


def test_a_fault_does_not_hide_a_certain_answer() -> None:
    assert ask(f"10 / patient.no_shows > 1 || {CARD}", {"patient.no_shows": 0, CARD: True}).outcome is MET
    assert ask(f"{BOMB} && {CARD}", {CARD: False}).outcome is UNKNOWN
    assert ask(f"{CARD} && {BOMB}", {CARD: False}).outcome is UNMET


def counted(calls: list[str], name: str, value: FactValue | None) -> Callable[[Any], FactValue | None]:
    def load(_: Any) -> FactValue | None:
        calls.append(name)
        return value

    return load


def outcome_and_calls(expression: str, *facts: tuple[str, Cost, bool | None]) -> tuple[Outcome, list[str]]:
    calls: list[str] = []
    registry = registry_of(
        *(
            Fact(name, Kind.BOOL, meaning="x", subject="s", cost=cost, load=counted(calls, name, value))
            for name, cost, value in facts
        )
    )
    return evaluate(compiled(expression, registry), Facts({"s": 1}, registry=registry)).outcome, calls


def test_dear_facts_are_asked_last_and_only_while_they_matter() -> None:
    far, mid, near = ("far", Cost.OUTSIDE), ("mid", Cost.QUERY), ("near", Cost.ROW)
    expression = "far && mid && near"
    assert outcome_and_calls(expression, (*far, True), (*mid, True), (*near, False)) == (UNMET, ["near"])
    assert outcome_and_calls(expression, (*far, True), (*mid, False), (*near, True)) == (UNMET, ["near", "mid"])
    assert outcome_and_calls(expression, (*far, True), (*mid, True), (*near, True)) == (MET, ["near", "mid", "far"])
    assert outcome_and_calls(expression, (*far, False), (*mid, None), (*near, None))[0] is UNMET


def test_the_branch_not_taken_is_not_asked() -> None:
    facts = [("a", Cost.QUERY, False), ("b", Cost.QUERY, True), ("c", Cost.QUERY, True)]
    assert outcome_and_calls("c ? (a ? b : true) : b", *facts) == (MET, ["c", "a"])
    assert outcome_and_calls("a ? b : c", *facts) == (MET, ["a", "c"])


def test_a_constant_clause_asks_nothing() -> None:
    assert outcome_and_calls("true || a", ("a", Cost.ROW, True)) == (MET, [])


def test_each_loader_runs_once_in_an_evaluation_whatever_it_answers() -> None:
    calls: list[str] = []
    unknown = counted(calls, "a", None)
    registry = registry_of(Fact("a", Kind.BOOL, meaning="x", subject="s", load=unknown))
    facts = Facts({"s": 1}, registry=registry)
    for _ in range(3):
        assert evaluate(compiled("a", registry), facts).outcome is UNKNOWN
    assert calls == ["a"]


def test_what_a_shared_loader_learned_along_is_used_before_anything_dearer_is_asked() -> None:
    calls: list[str] = []

    def learn(_: Any) -> dict[str, FactValue | None]:
        calls.append("shared")
        return {"a": True, "z": False}

    shared = SharedLoader(learn)
    registry = registry_of(
        Fact("a", Kind.BOOL, meaning="x", subject="s", cost=Cost.QUERY, load=shared),
        Fact("m", Kind.BOOL, meaning="x", subject="s", cost=Cost.QUERY, load=counted(calls, "m", True)),
        Fact("z", Kind.BOOL, meaning="x", subject="s", cost=Cost.QUERY, load=shared),
    )
    result = evaluate(compiled("a && m && z", registry), Facts({"s": 1}, registry=registry))
    assert (result.outcome, calls) == (UNMET, ["shared"])


def test_a_broken_loader_is_a_fault_of_ours_and_rises() -> None:
    def broken(_: Any) -> FactValue | None:
        raise ZeroDivisionError

    registry = registry_of(Fact("a", Kind.BOOL, meaning="x", subject="s", load=broken))
    with pytest.raises(ZeroDivisionError):
        evaluate(compiled("a", registry), Facts({"s": 1}, registry=registry))
