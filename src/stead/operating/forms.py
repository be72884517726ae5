"""Shape of what people type into the pages of Numbers, Rhythm and What would stall."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from stead.operating.people import Chart
from stead.platform.web.days import FIRST_DAY, LAST_DAY
from stead.practice import queries as practice

DAY = forms.DateInput(attrs={"type": "date"})
A_WEEK = timedelta(days=7)


def _people(on: date) -> list[tuple[str, str]]:
    return [("", "Choose a person"), *((str(s.id), s.name) for s in practice.staff(on))]


def _seats(chart: Chart) -> list[tuple[str, str]]:
    return [(n.key, f"{n.name} ({n.holder or 'no one'})") for n in chart.names]


class IssueForm(forms.Form):
    title = forms.CharField(label="What is the issue", max_length=200, help_text="in one line")


class TodoForm(forms.Form):
    """A to-do: what, whose, until when; within seven days unless another day is chosen."""

    words = forms.CharField(label="What is to be done", max_length=300)
    owner = forms.ChoiceField(label="Who does it", help_text="exactly one person")
    due_date = forms.DateField(label="Done by", widget=DAY)

    def __init__(self, *given: Any, today: date, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["owner"].choices = _people(today)  # type: ignore[attr-defined]
        self.fields["due_date"].initial = today + A_WEEK


class SettleForm(forms.Form):
    """How an issue ends. A decision, a to-do with its one owner, or both."""

    decision = forms.CharField(
        label="What was decided", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    why = forms.CharField(label="Why", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    todo = forms.CharField(label="To-do", max_length=300, required=False)
    owner = forms.ChoiceField(label="Who does it", required=False)
    due_date = forms.DateField(label="Done by", widget=DAY, required=False)

    def __init__(self, *given: Any, today: date, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["owner"].choices = _people(today)  # type: ignore[attr-defined]
        self.fields["due_date"].initial = today + A_WEEK

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("todo") and not said.get("owner"):
            self.add_error("owner", "A to-do has exactly one owner. Choose a person.")
        if said.get("todo") and not said.get("due_date"):
            self.add_error("due_date", "Say until when.")
        return said


class MeetingForm(forms.Form):
    day = forms.DateField(label="Day", widget=DAY)
    time = forms.TimeField(label="Time", widget=forms.TimeInput(attrs={"type": "time"}))
    chair = forms.ChoiceField(label="Chair")

    def __init__(self, *given: Any, chart: Chart, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["chair"].choices = _seats(chart)  # type: ignore[attr-defined]


class HoldForm(forms.Form):
    notes = forms.CharField(label="Notes", max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    present = forms.MultipleChoiceField(label="Who is here", widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, *given: Any, chart: Chart, **more: Any) -> None:
        super().__init__(*given, **more)
        names = sorted({n.holder for n in chart.names if n.holder})
        self.fields["present"].choices = [(n, n) for n in names]  # type: ignore[attr-defined]


class MeasureForm(forms.Form):
    target = forms.DecimalField(label="Target", required=False, min_value=0, max_digits=12, decimal_places=2)
    seat = forms.ChoiceField(label="Owner seat")
    on_scorecard = forms.BooleanField(label="On the scorecard", required=False)

    def __init__(self, *given: Any, chart: Chart, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["seat"].choices = _seats(chart)  # type: ignore[attr-defined]


class AwayForm(forms.Form):
    """Who is away and when; sent by GET so that the answer has an address."""

    person = forms.ChoiceField(label="Who is away")
    first = forms.DateField(label="From", widget=DAY)
    last = forms.DateField(label="To", widget=DAY, help_text="both included")

    def __init__(self, *given: Any, today: date, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["person"].choices = _people(today)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        first, last = said.get("first"), said.get("last")
        for name, day in (("first", first), ("last", last)):
            if day and not FIRST_DAY <= day <= LAST_DAY:
                self.add_error(name, "This day is too far away.")
        if first and last and last < first:
            self.add_error("last", "The last day lies before the first. Turn them round.")
        if first and last and last - first > timedelta(days=92):
            self.add_error("last", "Ask for at most three months at a time.")
        return said
