"""A document says what is wrong with it, with the line; what Stead ships is right."""

from __future__ import annotations

import pytest

from stead.processes.actions.playbooks import LIBRARY, library_source
from stead.processes.document import PlaybookInvalid, check_clauses, dump, load, read
from stead.processes.tests.cast import PLAYBOOK, declare_rehearsal


def problems(source: str) -> list[tuple[int, str]]:
    declare_rehearsal()
    with pytest.raises(PlaybookInvalid) as refused:
        check_clauses(read(source), source)
    return [(problem.line, problem.reason) for problem in refused.value.problems]


@pytest.mark.parametrize("key", LIBRARY)
def test_what_stead_ships_is_right_and_is_kept_unchanged(key: str) -> None:
    declare_rehearsal()
    source = library_source(key)
    document = read(source)
    check_clauses(document, source)
    assert load(dump(document)) == document
    assert document.playbook == key


def test_the_intake_has_its_six_stages_and_the_gate_its_six_clauses() -> None:
    document = read(library_source("new_patient_intake"))
    assert [stage.name for stage in document.stages] == [
        "Request received", "Agreement and card", "Insurance and documents", "Eligibility", "Match",
        "First visit booked",
    ]  # fmt: skip
    gate, before_care = document.gates
    assert before_care.action == "check_in_patient"
    assert [clause.id for clause in before_care.clauses] == ["consent", "privacy", "telehealth"]
    assert len(gate.clauses) == 6
    assert gate.not_overridable == ("licensed",)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("    due: 4\n", "    due: soon\n", 12, "Here belongs a number, not text."),
        ("    due: 4\n", "    deu: 4\n", 12, "“deu” is not a word of playbooks; is it misspelt?"),
        ("    due: 4\n", "    due: 4\n    dew: 5\n", 13, "“dew” is not a word of playbooks; is it misspelt?"),
        ("    due: 4\n", "    due: 0\n", 12, "A stage is due after more than 0 and at most 5,000 business hours."),
        ("done: finished", "done: over", 6, "“over” is not among the ends."),
        ("kind: check, words: The paper", "kind: wish, words: The paper", 18, "'wish' is not one of the words"),
        ("key: visit", "key: plan", 8, "There are two stages called “plan”."),
        ("accepted_by: appointment.booked", "accepted_by: moon.risen", 43, "No room writes the line “moon.risen”."),
        ("to: front_desk, words: Call", "words: Call", 24, "“task” needs “to”: the seat that gets it."),
        ("not_overridable: [answered]", "not_overridable: [nine]", 49, "The gate has no clause “nine”."),
        ("rehearsal.signed}", "rehearsal.sinned}", 21, "rehearsal.sinned"),
        ("mode: enforce", "mode: shout", 48, "A gate's mode is enforce, warn or watch."),
    ],
)
def test_a_problem_is_told_with_its_line(old: str, new: str, line: int, reason: str) -> None:
    assert old in PLAYBOOK
    found = problems(PLAYBOOK.replace(old, new, 1))
    assert any(reason in said for _, said in found), found
    where = next(n for n, said in found if reason in said)
    assert abs(where - line) <= 1, (where, line)


@pytest.mark.parametrize(
    ("fix", "reason"),
    [
        ("moon", "No mending is called “moon”; there are agreement, authorization"),
        ("agreement:moon", "“agreement:” is followed by one of card_authorization"),
        ("agreement", "“agreement:” is followed by one of"),
        (
            "[case, document:moon]",
            "“document:” is followed by an item of this playbook, and it has none called “moon”.",
        ),
        ("case:5", "“case” is written without anything behind it."),
    ],
)
def test_a_fix_names_a_declared_mending(fix: str, reason: str) -> None:
    clause = "words: It is signed, expression: rehearsal.signed"
    source = PLAYBOOK.replace(clause, f"{clause}, fix: {fix if fix[0] == '[' else repr(fix)}")
    assert source != PLAYBOOK
    found = problems(source)
    line = next((n for n, said in found if said.startswith(reason)), 0)
    assert abs(line - source[: source.index("fix: ")].count("\n") - 1) <= 1, found


def test_a_fix_may_name_an_item_of_the_playbook() -> None:
    declare_rehearsal()
    clause = "words: It is signed, expression: rehearsal.signed"
    source = PLAYBOOK.replace(clause, f"{clause}, fix: 'document:paper'")
    check_clauses(read(source), source)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("action: rehearse_visit", "action: reschedule_appointment", "asks the gates of “book_appointment”"),
        ("action: rehearse_visit", "action: fly_away", "No action called “fly_away” asks gates"),
        ("expression: rehearsal.answered, seat", "expression: appointment.lane == 0, seat", "is about the appointment"),
    ],
)
def test_a_gate_that_nobody_would_ask_or_could_answer_is_refused(old: str, new: str, reason: str) -> None:
    source = PLAYBOOK.replace(old, new)
    assert source != PLAYBOOK
    assert any(reason in said for _, said in problems(source))


def test_all_contradictions_are_told_at_once_by_line() -> None:
    found = problems(PLAYBOOK.replace("due: 4", "due: 0").replace("mode: enforce", "mode: shout"))
    assert len(found) == 2
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "empty"),
        ("a: [", "This is not YAML"),
        ("- 1\n- 2\n", "Here belongs a block of keys, not a list."),
        ("playbook: &a {b: [*a]}", "not"),
        ("a: &x [1]\nb: [*x, *x]\n", "References"),
        ("!!python/object/apply:os.system ['true']", "This is not YAML"),
        ("x" * 200_001, "longer"),
        ("[" * 3000, "This is not YAML"),
    ],
)
def test_what_is_no_playbook_is_refused_not_a_fault(source: str, reason: str) -> None:
    with pytest.raises(PlaybookInvalid, match=reason):
        read(source)
