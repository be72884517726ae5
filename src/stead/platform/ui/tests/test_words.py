from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stead.platform.ui import words

NOON = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "lang", "start", "said"),
    [
        (0, "en", False, "no"),
        (6, "en", True, "Six"),
        (12, "en", False, "twelve"),
        (13, "en", False, "13"),
        (-2, "en", False, "-2"),
        (48213, "en", False, "48,213"),
        (3, "es", True, "Tres"),
        (2, "es-mx", False, "dos"),
        (2, "fr", False, "two"),
    ],
)
def test_numbers_up_to_twelve_are_words(number: int, lang: str, start: bool, said: str) -> None:
    assert words.number_word(number, lang, start=start) == said


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.count(6, "thing", lang="en", start=True), "Six things"),
        (words.count(1, "thing", lang="en"), "one thing"),
        (words.count(0, "claim", lang="en"), "no claims"),
        (words.count(2, "person", "people", lang="en"), "two people"),
        (words.count(1, "cita", "citas", lang="es"), "una cita"),
        (words.count(1, "paso", "pasos", lang="es"), "un paso"),
        (words.count(4, "cita", "citas", lang="es"), "cuatro citas"),
    ],
)
def test_count_joins_number_and_noun(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize(
    ("minor", "cents", "said"),
    [
        (121400, None, "$1,214"),
        (121450, None, "$1,214.50"),
        (0, True, "$0.00"),
        (50300, True, "$503.00"),
        (-1999, None, "-$19.99"),
        (199950, False, "$2,000"),
        (199949, False, "$1,999"),
    ],
)
def test_money_is_dollars_with_cents_only_when_there_are_some(minor: int, cents: bool | None, said: str) -> None:
    assert words.money(minor, cents=cents) == said


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_money_with_cents_reads_back_to_the_same_amount(minor: int) -> None:
    said = words.money(minor, cents=True).replace("$", "").replace(",", "").replace(".", "")
    assert int(said) == minor


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.day(date(2026, 11, 24), "en"), "Nov 24"),
        (words.day(date(2026, 11, 24), "es"), "24 nov"),
        (words.day(date(2026, 11, 24), "en", year=True), "Nov 24, 2026"),
        (words.day(date(2026, 9, 1), "es", year=True), "1 sep 2026"),
        (words.day_with_weekday(NOON.date(), "en"), "Mon Nov 30"),
        (words.long_day(NOON.date(), "en"), "Monday, November 30"),
        (words.long_day(NOON.date(), "es"), "Lunes 30 de noviembre"),
        (words.month_and_year(NOON.date(), "es"), "noviembre de 2026"),
        (words.clock(time(10, 42), "en"), "10:42 am"),
        (words.clock(time(0, 5), "en"), "12:05 am"),
        (words.clock(time(12, 0), "en"), "12:00 pm"),
        (words.clock(time(10, 0), "es"), "10:00 a. m."),
        (words.moment(NOON, "en"), "Mon Nov 30, 10:00 am"),
    ],
)
def test_dates_and_times_follow_the_language(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "0 min"),
        (-5, "0 min"),
        (42, "42 min"),
        (60, "1 h"),
        (102, "1 h 42 min"),
        (51 * 60, "2 d 3 h"),
        (24 * 60 + 7, "1 d"),
        (11 * 24 * 60 + 100, "11 days"),
    ],
)
def test_length_has_its_two_largest_units(minutes: int, said: str) -> None:
    assert words.length(minutes, "en") == said


def test_over_limit_says_how_far() -> None:
    assert words.over_limit(102, "en") == "1 h 42 min over its limit"


@pytest.mark.parametrize(
    ("items", "lang", "said"),
    [
        ([], "en", ""),
        (["Ana"], "en", "Ana"),
        (["Ana", "Ben"], "en", "Ana and Ben"),
        (["3", "4", "5"], "en", "3, 4 and 5"),
        (["Ana", "Ben"], "es", "Ana y Ben"),
        (["Ana", "Inés"], "es", "Ana e Inés"),
        (["agua", "hielo"], "es", "agua y hielo"),
    ],
)
def test_list_reads_as_a_sentence(items: list[str], lang: str, said: str) -> None:
    assert words.listed(items, lang) == said


def test_sentence_starts_large_and_ends_with_a_stop() -> None:
    assert words.sentence(" two are yours ") == "Two are yours."
    assert words.sentence("Why?") == "Why?"
    assert words.sentence("") == ""
