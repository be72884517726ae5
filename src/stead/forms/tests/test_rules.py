"""Who may sign, fingerprints and the setting of a wording."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from stead.forms import rules, samples, terms

DAY = date(2026, 11, 24)


def signs(typed: str, birth_date: date | None = date(1991, 3, 14)) -> None:
    rules.check_patient_signs(
        typed, first_names=("María José", "Dee"), last_name="Núñez-Marsh", birth_date=birth_date, day=DAY
    )


@pytest.mark.parametrize("typed", ["Dee Nunez Marsh", "maria jose núñez-marsh", "  Dee  A.  Núñez Marsh "])
def test_own_name_is_accepted_without_regard_to_accents_case_and_spaces(typed: str) -> None:
    signs(typed)


@pytest.mark.parametrize("typed", ["", "Dee", "Marsh", "Maria Núñez Marsh", "Somebody Else", "Dee Marshall"])
def test_another_name_is_refused(typed: str) -> None:
    with pytest.raises(rules.NameDoesNotMatch):
        signs(typed)


def test_minor_does_not_sign_alone_until_the_birthday() -> None:
    with pytest.raises(rules.MinorCannotSign):
        signs("Dee Nunez Marsh", date(2008, 11, 25))
    signs("Dee Nunez Marsh", date(2008, 11, 24))


def test_without_birth_date_nobody_signs() -> None:
    with pytest.raises(rules.BirthDateMissing):
        signs("Dee Nunez Marsh", None)


def test_guardian_signs_only_where_the_record_says_may_consent() -> None:
    related = [terms.Signer("Ann Marsh", True), terms.Signer("Bob Marsh", False)]
    child: dict[str, Any] = {"birth_date": date(2014, 1, 2), "day": date(2026, 11, 24)}
    assert rules.check_guardian_signs("ann marsh", related, **child) == related[0]
    for name in ("Bob Marsh", "Ann", ""):
        with pytest.raises(rules.SignerMayNotConsent):
            rules.check_guardian_signs(name, related, **child)
    with pytest.raises(rules.PatientSignsAlone):
        rules.check_guardian_signs("ann marsh", related, birth_date=date(2008, 11, 24), day=date(2026, 11, 24))


@pytest.mark.parametrize(
    "wordings",
    [
        [],
        [terms.Wording("es", "t", "x")],
        [terms.Wording("en", "t", " ")],
        [terms.Wording("en", "t", "x"), terms.Wording("en", "t", "x")],
        [terms.Wording("en", "t", "x"), terms.Wording("fr", "t", "x")],
    ],
)
def test_incomplete_version_is_refused(wordings: list[terms.Wording]) -> None:
    with pytest.raises(rules.WordingIncomplete):
        rules.check_wordings(wordings)


def test_fingerprint_changes_with_title_and_text() -> None:
    marks = {rules.fingerprint(*pair) for pair in (("a", "b"), ("a", "c"), ("b", "b"))}
    assert len(marks) == 3
    assert all(len(mark) == 64 for mark in marks)


def test_text_is_set_in_heads_lists_and_paragraphs() -> None:
    blocks = rules.set_text("One\r\nline.\r\n\r\n## Head\n\n- a\n- b\n\n\n\nLast")
    assert [(b.kind, b.lines) for b in blocks] == [
        ("text", ("One line.",)),
        ("head", ("Head",)),
        ("list", ("a", "b")),
        ("text", ("Last",)),
    ]


@pytest.mark.parametrize("kind", terms.KINDS)
def test_shipped_wordings_say_that_they_are_samples_and_name_the_practice(kind: str) -> None:
    english, spanish = samples.sample_wordings(kind, "Linden Street Counseling")
    assert "Sample wording. The practice's lawyer must check it" in english.text
    assert "Texto de muestra. El abogado" in spanish.text
    for wording in (english, spanish):
        assert "Linden Street Counseling" in wording.text
        assert "{" not in wording.text
    rules.check_wordings((english, spanish))


@pytest.mark.parametrize("kind", terms.KINDS)
def test_shipped_english_reads_at_grade_six(kind: str) -> None:
    """Flesch-Kincaid grade, syllables counted as vowel groups, of the sentences a patient reads."""
    import re

    text = samples.sample_wordings(kind, "the practice")[0].text
    sentences = [s for s in re.split(r"[.:?]\s|\n", text) if len(s.split()) > 2]
    heard = [re.findall(r"[a-z']+", s.lower()) for s in sentences]
    spoken = [w for sentence in heard for w in sentence]
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e\b", "", w)))) for w in spoken)
    grade = 0.39 * len(spoken) / len(heard) + 11.8 * syllables / len(spoken) - 15.59
    assert grade <= 6.9, f"{kind} reads at grade {grade:.1f}"
