"""What a note needs before it is signed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stead.care import rules
from stead.care.terms import INTAKE, PROGRESS

FULL = {part.key: "said" for part in PROGRESS.parts}


@pytest.mark.parametrize(
    ("body", "diagnoses", "missing"),
    [
        (FULL, ["F41.1"], []),
        (FULL, [], ["Diagnosis"]),
        (FULL | {"plan": "  \n"}, ["F41.1"], ["Plan"]),
        ({}, [], ["What happened", "Assessment", "Plan", "Diagnosis"]),
    ],
)
def test_missing_parts_are_named_in_the_order_of_the_page(
    body: dict[str, str], diagnoses: list[str], missing: list[str]
) -> None:
    assert rules.missing_parts(PROGRESS, body, diagnoses) == missing


def test_refusal_names_what_is_missing_and_points_to_the_first() -> None:
    with pytest.raises(rules.NoteNotComplete, match="Still empty: Plan, Diagnosis") as refused:
        rules.check_complete(PROGRESS, FULL | {"plan": ""}, [])
    assert refused.value.field == "plan"


def test_part_that_is_not_required_may_be_empty() -> None:
    rules.check_complete(INTAKE, {p.key: "said" for p in INTAKE.parts if p.required}, ["F41.1"])


def test_first_visit_gets_the_intake_note() -> None:
    assert rules.template_for(True) is INTAKE
    assert rules.template_for(False) is PROGRESS


def test_note_is_due_72_hours_after_the_session() -> None:
    ended = datetime(2026, 11, 24, 15, tzinfo=UTC)
    assert rules.due_at(ended) - ended == timedelta(hours=72)


def test_only_the_parts_of_the_template_are_kept() -> None:
    assert rules.cleaned(PROGRESS, {"data": "a\r\nb\x00", "other": "x"}) == {
        "data": "a\nb",
        "assessment": "",
        "plan": "",
    }


def test_too_long_a_part_is_refused() -> None:
    with pytest.raises(rules.NoteTooLong):
        rules.cleaned(PROGRESS, {"data": "x" * (rules.MOST_CHARACTERS + 1)})


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("f41.1", ["F41.1"]),
        ("u07.1", ["U07.1"]),
        ("F41.1, F32.0;F41.1", ["F41.1", "F32.0"]),
        ("", []),
        ("Z00", ["Z00"]),
    ],
)
def test_diagnosis_codes_are_read(text: str, codes: list[str]) -> None:
    assert rules.diagnosis_codes(text) == codes


@pytest.mark.parametrize("text", ["anxiety", "41.1", "F41.12345", ", ".join(f"F{n}.0" for n in range(20, 33))])
def test_unreadable_diagnosis_is_refused(text: str) -> None:
    with pytest.raises(rules.DiagnosisNotReadable):
        rules.diagnosis_codes(text)
