"""Shape of what the pages of the room Seats ask."""

from __future__ import annotations

from typing import Any

from django import forms

from stead.practice import queries


def _people() -> list[tuple[str, str]]:
    return [
        ("", "Choose a person"),
        *((str(person.id), person.name) for person in queries.staff().filter(ended_date=None)),
    ]


class PersonField(forms.UUIDField):
    """One member of staff, chosen by name."""

    def __init__(self, **given: Any) -> None:
        super().__init__(widget=forms.Select(choices=_people), **given)  # type: ignore[arg-type]  # Django takes a callable


def _day(label: str, **given: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **given)


class AssignForm(forms.Form):
    staff_id = PersonField(label="Who")
    from_date = _day("From")


class VacateForm(forms.Form):
    until_date = _day("First day without them")


class BackupForm(forms.Form):
    staff_id = PersonField(label="Who stands in")
    rank = forms.IntegerField(label="Rank", min_value=1, max_value=20, initial=1, help_text="1 is asked first")


class LicenceForm(forms.Form):
    state = forms.CharField(label="State", max_length=2, min_length=2, help_text="two letters, such as KY")
    number = forms.CharField(label="License number", max_length=40)
    expires_date = _day("Last day it holds")

    def clean_state(self) -> str:
        state: str = self.cleaned_data["state"]
        return state.upper()


class AbsenceForm(forms.Form):
    staff_id = PersonField(label="Who")
    first_date = _day("First day away")
    last_date = _day("Last day away")
    sudden = forms.BooleanField(label="It came suddenly", required=False)
    words = forms.CharField(label="In words", max_length=200, required=False, help_text="seen by staff only")
