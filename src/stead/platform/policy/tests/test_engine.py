"""The traps of the engine, each held so that an upgrade which changes one is noticed; and threads."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from stead.platform.policy.bench import bench_policy
from stead.platform.policy.cache import Bounded
from stead.platform.policy.engine import EngineComplaint, Language, Undecided
from stead.platform.policy.evaluate import Facts, Outcome, evaluate
from stead.platform.policy.kinds import FactValue, Kind
from stead.platform.policy.literals import lower
from stead.platform.policy.tests.cast import NOW, REGISTRY, compiled
from stead.platform.policy.wire import variable_references

LANGUAGE = Language({"p.a": Kind.BOOL, "p.n": Kind.INT, "p.day": Kind.DATE, "p.due": Kind.MONEY})


def test_an_error_value_is_never_taken_for_an_answer() -> None:
    program = LANGUAGE.program("1 / p.n > 0")
    assert program.run({"p.n": 1}) is True
    assert program.run({"p.n": 0}) == Undecided(None, "divide by zero")
    assert program.run({}) == Undecided("p.n", None)


def test_an_exhausted_iteration_budget_is_undecided_with_a_note() -> None:
    ten = "[1,2,3,4,5,6,7,8,9,10]"
    bomb = "".join(f"{ten}.all(x{n}, " for n in range(7)) + "x0 > 0" + ")" * 7
    assert LANGUAGE.program(bomb).run({}) == Undecided(None, "Iteration budget exceeded")


@pytest.mark.parametrize("value", [None, "true", 1, object()])
def test_a_value_the_engine_cannot_take_is_a_fault_and_not_an_answer(value: object) -> None:
    answer = LANGUAGE.program("p.a").run({"p.a": value})
    assert isinstance(answer, Undecided) and answer.fault and answer.asked_for is None


def test_a_text_that_imitates_the_missing_message_stays_a_fault() -> None:
    answer = LANGUAGE.program("timestamp('x') == timestamp('x') && p.a").run({"p.a": True})
    assert isinstance(answer, Undecided) and answer.fault == "String to Timestamp conversion failed"


def test_days_and_money_are_types_for_the_check_and_integers_for_the_run() -> None:
    text = "p.day == date('0001-01-02') && p.due < money('0.10')"
    assert LANGUAGE.check(text) == ("bool", ("p.day", "p.due"))
    assert lower(text) == "p.day == (2) && p.due < (10)"
    assert LANGUAGE.program(lower(text)).run({"p.day": 2, "p.due": 9}) is True
    with pytest.raises(EngineComplaint, match="overload"):
        LANGUAGE.check("p.day == p.n")


def test_references_come_in_written_order_without_macro_variables_and_functions() -> None:
    _, names = LANGUAGE.check("['x'].exists(t, t == 'x' && p.a) && size('a') == p.n || p.a")
    assert names == ("p.a", "p.n")


def test_bytes_that_are_no_checked_expression_are_refused() -> None:
    with pytest.raises(ValueError, match="wire type"):
        variable_references(b"\x0b")
    assert variable_references(b"") == ()


def test_one_program_answers_many_threads_each_with_its_own_facts() -> None:
    clause = compiled(
        "years(patient.birth_date, today) >= 18 && date_of(now, 'America/New_York') == today && patient.no_shows < 5"
    )

    def ask(number: int) -> bool:
        given: dict[str, FactValue | None] = {
            "today": NOW.date(),
            "now": NOW,
            "patient.birth_date": NOW.date().replace(year=1990 if number % 2 else 2020),
            "patient.no_shows": number % 7,
        }
        met = evaluate(clause, Facts({}, given, REGISTRY)).outcome is Outcome.MET
        return met is (bool(number % 2) and number % 7 < 5)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(4_000)))


def test_threads_may_compile_the_same_and_different_clauses_at_once() -> None:
    def compile_and_ask(number: int) -> bool:
        clause = compiled(f"patient.no_shows == {number % 40}")
        return evaluate(clause, Facts({}, {"patient.no_shows": number % 40}, REGISTRY)).outcome is Outcome.MET

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(compile_and_ask, range(800)))


def test_the_memory_keeps_what_was_used_last_and_forgets_failures() -> None:
    memory: Bounded[str, int] = Bounded(2)
    assert [memory.get(key, lambda: 1) for key in "aab"] == [1, 1, 1]
    memory.get("a", lambda: 2)
    memory.get("c", lambda: 3)
    assert (memory.get("a", lambda: 9), memory.get("b", lambda: 9), len(memory)) == (1, 9, 2)
    with pytest.raises(ZeroDivisionError):
        memory.get("d", lambda: 1 // 0)
    assert memory.get("d", lambda: 4) == 4


def test_the_measurement_compares_like_with_like() -> None:
    figures = bench_policy(seconds=0.05)
    assert figures["evals_per_s"] > 0 and figures["ratio"] > 1
