import pytest

from stead.platform.policy.clauses import Clause, ClauseInvalid
from stead.platform.policy.evaluate import Facts, Outcome
from stead.platform.policy.gates import GateInvalid, GateRule, Mode, NotOverridable, compile_gate, decide, override
from stead.platform.policy.kinds import FactValue
from stead.platform.policy.tests.cast import REGISTRY

CARD = Clause("card", "A card is on file", "patient.card_on_file", ("portal_link",), "front_desk")
PAPER = Clause("agreement", "The agreement is signed", "patient.agreement_signed", seat="intake")
LICENCE = Clause("debt", "Less than $300 is overdue", 'patient.overdue < money("300.00")')


def gate(mode: Mode = Mode.ENFORCE, *clauses: Clause, keep: frozenset[str] = frozenset()) -> GateRule:
    return GateRule("g", "First visit", "book_appointment", mode, clauses or (CARD, PAPER, LICENCE), keep)


def given(card: bool | None, signed: bool | None, overdue: int | None) -> Facts:
    values: dict[str, FactValue | None] = {
        "patient.card_on_file": card,
        "patient.agreement_signed": signed,
        "patient.overdue": overdue,
    }
    return Facts({}, values, REGISTRY)


def test_a_gate_whose_clauses_are_all_met_allows() -> None:
    decision = decide(compile_gate(gate(), REGISTRY), given(True, True, 0))
    assert decision.allowed
    assert (decision.refusals, decision.warnings, decision.watched) == ((), (), ())
    assert [result.outcome for result in decision.clauses] == [Outcome.MET] * 3


def test_an_enforcing_gate_refuses_on_unmet_and_on_unknown_and_names_all_of_them() -> None:
    decision = decide(compile_gate(gate(), REGISTRY), given(False, None, 100))
    assert not decision.allowed
    assert [(refused.clause.id, refused.outcome) for refused in decision.refusals] == [
        ("card", Outcome.UNMET),
        ("agreement", Outcome.UNKNOWN),
    ]
    assert decision.refusals[0].clause.fixes == ("portal_link",)
    assert [reading.words for reading in decision.clauses[2].readings] == ["$1"]


@pytest.mark.parametrize(("card", "signed"), [(False, False), (None, None), (False, None)])
def test_warn_and_watch_never_refuse_but_report(card: bool | None, signed: bool | None) -> None:
    warned = decide(compile_gate(gate(Mode.WARN), REGISTRY), given(card, signed, 0))
    watched = decide(compile_gate(gate(Mode.WATCH), REGISTRY), given(card, signed, 0))
    assert warned.allowed and watched.allowed
    assert [len(part) for part in (warned.refusals, warned.warnings, warned.watched)] == [0, 2, 0]
    assert [len(part) for part in (watched.refusals, watched.warnings, watched.watched)] == [0, 0, 2]


def test_a_gate_is_refused_whole_when_it_contradicts_itself() -> None:
    with pytest.raises(GateInvalid, match="two clauses called card"):
        compile_gate(gate(Mode.ENFORCE, CARD, CARD), REGISTRY)
    with pytest.raises(GateInvalid, match="no clause licence"):
        compile_gate(gate(keep=frozenset({"licence"})), REGISTRY)
    with pytest.raises(GateInvalid, match="no clause"):
        compile_gate(GateRule("g", "Empty", "book_appointment", Mode.ENFORCE, ()), REGISTRY)
    with pytest.raises(ClauseInvalid):
        compile_gate(gate(Mode.ENFORCE, CARD, Clause("x", "x", "zebra")), REGISTRY)


def test_a_gate_lists_all_facts_it_may_ask() -> None:
    names = {"patient.card_on_file", "patient.agreement_signed", "patient.overdue"}
    assert compile_gate(gate(), REGISTRY).references == names


def test_overriding_every_refusal_allows_and_leaves_the_answers_as_they_were() -> None:
    decision = decide(compile_gate(gate(), REGISTRY), given(False, None, 0))
    one = override(decision, {"card"})
    assert not one.allowed and [refused.clause.id for refused in one.refusals] == ["agreement"]
    both = override(one, {"agreement"})
    assert both.allowed and both.overridden == {"card", "agreement"}
    assert both.clauses == decision.clauses


def test_a_clause_that_must_hold_cannot_be_overridden() -> None:
    decision = decide(compile_gate(gate(keep=frozenset({"card"})), REGISTRY), given(False, None, 0))
    assert not decision.overridable
    with pytest.raises(NotOverridable, match="card"):
        override(decision, {"card", "agreement"})
    only_paper = decide(compile_gate(gate(keep=frozenset({"card"})), REGISTRY), given(True, False, 0))
    assert only_paper.overridable


def test_a_clause_that_does_not_refuse_cannot_be_overridden() -> None:
    decision = decide(compile_gate(gate(), REGISTRY), given(True, False, 0))
    with pytest.raises(NotOverridable, match="does not refuse"):
        override(decision, {"card"})
