from typing import Any

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from stead.platform.ui.parts import Clause, GateRefusal, Line, Stage, Step
from stead.platform.ui.rooms import room_links


def render(source: str, address: str = "/", **context: Any) -> str:
    request = RequestFactory().get(address)
    with translation.override("en"):
        return engines["django"].from_string("{% load ui %}" + source).render(context, request)


def test_mark_has_shape_then_word_then_colour() -> None:
    html = render('{% mark "unmet" "denied" %}')
    assert html.index("marks.svg#unmet") < html.index("denied")
    assert "tone-brick" in html


def test_mark_alone_is_still_said() -> None:
    assert '<span class="unseen">not known yet</span>' in render('{% mark_alone "unknown" %}')


def test_misspelt_mark_fails() -> None:
    with pytest.raises(ValueError, match="There is no mark"):
        render('{% mark "ok" %}')


def test_sort_head_says_the_order_and_turns_it_round() -> None:
    html = render('{% sort_head "Amount" "amount" "num" %}', "/claims?sort=amount&state=denied&page=4")
    assert 'aria-sort="ascending"' in html
    assert "sorted, lowest first" in html
    assert "sort=-amount" in html and "state=denied" in html and "page=" not in html


class Answers(forms.Form):
    number = forms.CharField(help_text="twelve characters")
    sides = forms.MultipleChoiceField(choices=[("f", "Front")], widget=forms.CheckboxSelectMultiple)
    agreed = forms.BooleanField(label="I agree")
    nickname = forms.CharField(required=False)


def test_wrong_field_carries_its_message_and_is_described_by_it() -> None:
    html = render("{% field form.number %}", form=Answers({}))
    assert 'class="field wrong"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_number_helptext id_number_error"' in html
    assert html.index("id_number_error") < html.index("<input")


def test_group_of_choices_has_a_legend_and_optional_fields_say_so() -> None:
    assert "<legend>Sides" in render("{% field form.sides %}", form=Answers())
    assert "optional" in render("{% field form.nickname %}", form=Answers())


def test_error_summary_counts_and_links_every_wrong_answer() -> None:
    html = render("{% error_summary form %}", form=Answers({}))
    assert "Three answers need another look" in html
    assert 'href="#id_number"' in html
    assert render("{% error_summary form %}", form=Answers()).strip() == ""


def test_patients_read_the_parts_in_their_language() -> None:
    with translation.override("es"):
        request = RequestFactory().get("/")
        source = "{% load ui %}{% error_summary form %}{% mark 'met' %}"
        html = engines["django"].from_string(source).render({"form": Answers({})}, request)
    assert "Revise tres respuestas" in html
    assert "listo" in html


UNMET = Clause(
    2, "unmet", "A card is on file", "No card", "Ana Ruiz", "Front desk", Step("Take the card", "/card", "post")
)


def refused(clauses: Any) -> GateRefusal:
    return GateRefusal("Not booked. One of three clauses is not met.", "Nothing was changed.", clauses)


def test_refusal_lists_unmet_then_unknown_then_met_with_their_own_numbers() -> None:
    clauses = (Clause(1, "met", "Signed"), Clause(3, "unknown", "Covered"), UNMET)
    html = render("{% refusal r %}", r=refused(clauses))
    assert html.index("A card is on file") < html.index("Covered") < html.index("Signed")
    assert 'action="/card"' in html and "csrfmiddlewaretoken" in html and 'name="_key"' in html


def test_refusal_says_loudly_when_a_clause_is_nobodys() -> None:
    assert "No one" in render("{% refusal r %}", r=refused((Clause(1, "unmet", "Covered"),)))


def test_refusal_takes_a_plain_dict() -> None:
    clause = {"no": 1, "state": "unmet", "words": "Signed", "says": "Not signed", "whose": "Priya", "fix": None}
    html = render("{% refusal r %}", r={"sentence": "Not booked.", "note": "", "clauses": [clause]})
    assert "Not booked." in html and "Not signed" in html


def test_words_of_a_record_are_escaped() -> None:
    clause = Clause(1, "unmet", "<b>Signed</b>", "<script>")
    html = render("{% refusal r %}", r=refused((clause,)))
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_timeline_shows_a_wait_as_a_row() -> None:
    html = render('{% timeline rows "What happened" %}', rows=[Line("No action for 50 h", kind="gap")])
    assert 'class="gap"' in html and "No action for 50 h" in html


def test_rail_marks_the_step_in_hand() -> None:
    html = render("{% rail stages %}", stages=[Stage("Asked", "behind", "met"), Stage("Insurance", "now", "waiting")])
    assert html.count('aria-current="step"') == 1


def test_stroke_stands_only_between_the_two_halves() -> None:
    both = [{"key": "today", "label": "Today", "url": "/"}, {"key": "numbers", "label": "Numbers", "url": "/n"}]
    assert [link.stroke for link in room_links(both)] == [False, True]
    assert [link.stroke for link in room_links(both[1:])] == [False]


def test_hit_marks_what_was_typed_and_escapes_the_rest() -> None:
    assert render("{% hit label q %}", label="Marsh <Dee>", q="mar") == "<mark>Mar</mark>sh &lt;Dee&gt;"
    assert render("{% hit label q %}", label="Marsh", q=" ") == "Marsh"


def test_entry_puts_the_name_in_the_margin() -> None:
    html = render('{% entry "Stuck" "By money" id="stuck" %}rows{% endentry %}')
    assert html.index('id="stuck"') < html.index("<h2>Stuck</h2>") < html.index('class="body">rows')
