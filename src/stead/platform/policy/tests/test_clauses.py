import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stead.platform.policy import clauses
from stead.platform.policy.cache import Bounded
from stead.platform.policy.clauses import Clause, ClauseInvalid, compile_clause
from stead.platform.policy.facts import Cost, Fact, FactRegistry
from stead.platform.policy.kinds import Kind
from stead.platform.policy.tests.cast import KINDS, REGISTRY, compiled, registry_of


def refusal(expression: str) -> ClauseInvalid:
    with pytest.raises(ClauseInvalid) as caught:
        compiled(expression)
    return caught.value


UNKNOWN_NAMES = [
    ("patient.card_on_fil", "There is no fact patient.card_on_fil.", (1, 1), "patient.card_on_file"),
    ("patiens.overdue > money('3')", "There is no fact patiens.overdue.", (1, 1), "patient.overdue"),
    ("!patient.card_on_file ||\n  overdue > money('3')", "There is no fact overdue.", (2, 3), "patient.overdue"),
    ("true && patient . overdew < money('1')", "There is no fact patient.overdew.", (1, 9), "patient.overdue"),
    ("patient.no_shows.recent > 2", "no part recent", (1, 1), "patient.no_shows"),
    ("patient.language.startswith('e')", "There is no function startswith()", (1, 18), "startsWith"),
    ("dyn(patient.overdue) == 3", "There is no function dyn()", (1, 1), ""),
    ("type(patient.overdue) == int", "There is no function type()", (1, 1), ""),
]
WRONG_TYPES = [
    ("patient.overdue < 300", "compare money with a whole number", (1, 17), 'money("300.00")'),
    ("patient.overdue == 300", "compare money with a whole number", (1, 17), 'money("300.00")'),
    ("patient.overdue + patient.no_shows > money('3')", "add a whole number to money", (1, 17), "money("),
    ("patient.overdue / 2 > money('3')", "divide money by a whole number", (1, 17), ""),
    ("coverage.end_date >= now", "compare a day with a moment", (1, 19), "date_of(now"),
    ("coverage.end_date > '2026-01-01'", "compare a day with text", (1, 19), 'date("2026-11-24")'),
    ("coverage.end_date == today + today", "add a day to a day", (1, 28), ""),
    ("now - coverage.verified_at < 7", "compare a length of time with a whole number", (1, 28), "duration("),
    ("'é😀' == patient.language && patient.no_shows > 'x'", "compare a whole number with text", (1, 46), ""),
    ("patient.card_on_file == 'yes'", "compare a yes/no answer with text", (1, 22), "stands alone"),
    ("patient.no_shows == null", "compare a whole number with nothing", (1, 18), "undecided"),
    ("patient.no_shows in patient.consents", "look for a whole number in a list of texts", (1, 18), ""),
    ("patient.consents.exists(c, c > 3)", "compare text with a whole number", (1, 30), ""),
    ("1 < patient.no_shows < 3", "compare a yes/no answer with a whole number", (1, 22), ""),
    ("!patient.no_shows", "turns a yes/no answer round", (1, 1), ""),
    ("true && patient.no_shows", "joins two yes/no answers", (1, 6), ""),
    ("size(patient.no_shows) > 1", "size() does not take a whole number", (1, 5), ""),
    ("patient.no_shows", "must answer yes or no; this one answers with a whole number", (1, 1), ""),
    ("patient.overdue", "this one answers with money", (1, 1), ""),
]
UNREADABLE = [
    ("", "empty", (1, 1), ""),
    (" \n ", "empty", (1, 1), ""),
    ("patient.card_on_file &&", "ends before it is complete", (1, 24), ""),
    ("patient.card_on_file and true", '"and" is written &&', (1, 22), "&&"),
    ("not patient.card_on_file", '"not" is written !', (1, 5), "!"),
    ("patient.no_shows = 3", "= cannot be read", (1, 18), "=="),
    ("patient.card_on_file & true", "& cannot be read", (1, 22), "&&"),
    ("patient.card_on_file true", "true is not expected", (1, 22), "Join conditions"),
    ('patient.language == "en', "not closed", (1, 21), 'Add "'),
    ("(" * 60 + "true" + ")" * 60, "nested too deeply", (1, 1), ""),
    ("true && " * 500 + "true", "longer than 4,000 characters", (1, 4001), ""),
    ("true ||\n patient.language == 'a\u202eb'", "nobody can see (U+202E)", (2, 24), "Delete it"),
    ("\ud800 == 1", "nobody can see (U+D800)", (1, 1), "Delete it"),
    ("true\x00", "nobody can see (U+0000)", (1, 5), "Delete it"),
    ("(true || patient.card_on_file", "Here a ) is missing", (1, 30), ""),
    ("patient.no_shows > 99999999999999999999", "too large", (1, 20), ""),
]
BAD_LITERALS = [
    ('patient.overdue < money("300.5")', '"300.5" is not an amount', (1, 25), 'money("1,200.00")'),
    ('patient.overdue < money("1,20")', "is not an amount", (1, 25), "money("),
    ("patient.overdue < money(patient.language)", "written out in quotes", (1, 19), "money("),
    ("patient.overdue < money('3' + '4')", "written out in quotes", (1, 19), "money("),
    ('today > date("2026-02-30")', "is not a day", (1, 14), 'date("2026-11-24")'),
    ('today > date("26-02-20")', "is not a day", (1, 14), "date("),
    ('appointment.length < duration("1 day")', "not a length of time", (1, 31), 'duration("24h")'),
    ('now > timestamp("2026-01-01")', "not a moment", (1, 17), "timestamp("),
    ('patient.language.matches("(")', "not a pattern", (1, 26), ""),
    ('true ||\n now.getHours("Mars/Base") > 8', "not a time zone", (2, 15), "America/New_York"),
    ('today == date_of(now, "Mars/Base")', "not a time zone", (1, 23), "America/New_York"),
    ("true && now > null", "null means nothing here", (1, 15), ""),
    ("has(true)", "has() cannot be asked", (1, 5), ""),
    ("true && has(patient.card_on_file)", "has() cannot be asked", (1, 9), ""),
]


@pytest.mark.parametrize(
    ("expression", "message", "position", "suggestion"), [*UNKNOWN_NAMES, *WRONG_TYPES, *UNREADABLE, *BAD_LITERALS]
)
def test_a_wrong_clause_is_refused_in_plain_words_at_its_place(
    expression: str, message: str, position: tuple[int, int], suggestion: str
) -> None:
    refused = refusal(expression)
    assert message in refused.message
    assert (refused.line, refused.column) == position
    assert suggestion in refused.suggestion
    assert "overload" not in refused.message and "<input>" not in refused.message


@pytest.mark.parametrize(
    "expression",
    [
        "patient.language == 'has(x) money(3) date() null'",
        "patient.language == r'a\\d(' // has(money(",
        "patient.language == '''it's \"money(x)\"'''",
        'patient.language == "say \\"date(1)\\""',
        "patient.overdue * 2 - money('-3') > -patient.overdue + money('1,000.50')",
        "patient.consents.filter(c, c.startsWith('t')).size() == 1",
        "patient.consents + ['x'] != []",
        "today - coverage.end_date < 7 && years(patient.birth_date, today) >= 18",
        "now + duration('1h') > coverage.verified_at",
    ],
)
def test_a_right_clause_is_accepted_whatever_its_texts_look_like(expression: str) -> None:
    assert compiled(expression).references


WORDS = st.sampled_from(
    (
        *(*KINDS, "true", "!", "&&", "||", "==", "<", "+", "-", "*", "?", ":", "(", ")", "[", "]", ",", ".", "'a'"),
        *('"', "'", "money(", "date(", "has(", '"300.00"', '"2026-11-24"', "7", "size(", ".exists(", "x", "//", "\n"),
        *("null", "{", "}"),
    )
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map(" ".join)))
def test_whatever_is_typed_is_either_accepted_or_refused_at_a_place_within_it(expression: str) -> None:
    try:
        compiled(expression)
    except ClauseInvalid as refused:
        lines = expression.split("\n")
        assert 1 <= refused.line <= len(lines)
        assert 1 <= refused.column <= len(lines[refused.line - 1]) + 1
        assert refused.message.endswith(".")


def test_references_are_listed_once_and_cheapest_first() -> None:
    registry = registry_of(
        Fact("far", Kind.BOOL, meaning="x", cost=Cost.OUTSIDE),
        Fact("mid.one", Kind.BOOL, meaning="x", cost=Cost.QUERY),
        Fact("near", Kind.BOOL, meaning="x"),
        Fact("tags", Kind.STRINGS, meaning="x"),
    )
    clause = compiled("far && (near || mid.one) && tags.exists(t, t == 'a' && near)", registry)
    assert clause.references == ("near", "tags", "mid.one", "far")


def test_a_fact_about_a_record_the_action_lacks_is_refused() -> None:
    registry = registry_of(
        Fact("claim.paid", Kind.BOOL, meaning="x", subject="claim", load=lambda _: True),
        Fact("now", Kind.TIMESTAMP, meaning="x"),
    )
    clause = Clause("c", "w", "now > timestamp('2026-01-01T00:00:00Z') && claim.paid")
    assert compile_clause(clause, registry, {"claim"}).references
    with pytest.raises(ClauseInvalid, match="about the claim") as caught:
        compile_clause(clause, registry, {"patient"})
    assert caught.value.column == 44


def test_the_same_expression_is_compiled_once_and_anew_after_a_declaration() -> None:
    registry = registry_of(Fact("a", Kind.BOOL, meaning="x"))
    first = compiled("a", registry)
    assert compiled("a", registry).checked is first.checked
    with pytest.raises(ClauseInvalid):
        compiled("b", registry)
    registry.declare(Fact("b", Kind.BOOL, meaning="x"))
    assert compiled("b", registry).references == ("b",)
    assert compiled("a", registry).checked is not first.checked


def test_two_registries_never_share_a_program() -> None:
    as_bool = registry_of(Fact("a", Kind.BOOL, meaning="x"))
    as_int = registry_of(Fact("a", Kind.INT, meaning="x"))
    compiled("a", as_bool)
    with pytest.raises(ClauseInvalid, match="whole number"):
        compiled("a", as_int)


def test_compiled_clauses_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clauses, "_checked", Bounded(3))
    for number in range(10):
        compiled(f"patient.no_shows > {number}")
    assert len(clauses._checked) == 3


def test_an_empty_registry_accepts_a_constant_only() -> None:
    assert compiled("1 + 1 == 2", FactRegistry()).references == ()
    assert refusal("zebra").suggestion == ""
    assert REGISTRY.find("zebra") is None
