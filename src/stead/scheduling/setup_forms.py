"""Shape of what the pages that set up the calendar ask."""

from __future__ import annotations

from typing import Any

from django import forms

from stead.platform.money import AmountNotReadable, Money
from stead.practice import queries as practice
from stead.practice.models import Location
from stead.scheduling import queries
from stead.scheduling.models import Service
from stead.scheduling.terms import ServiceDetails

WEEKDAYS = (
    ("0", "Monday"), ("1", "Tuesday"), ("2", "Wednesday"), ("3", "Thursday"), ("4", "Friday"), ("5", "Saturday"),
    ("6", "Sunday"),
)  # fmt: skip
MODALITIES = [(str(key), str(said)) for key, said in Service._meta.get_field("modality").choices or ()]


def _practitioners() -> list[tuple[str, str]]:
    return [(str(row.id), row.name) for row in queries.people()]


def _places() -> list[tuple[str, str]]:
    return [(str(row.id), row.name) for row in practice.locations()]


class ServiceForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100, help_text="such as Individual session")
    name_es = forms.CharField(label="Name in Spanish", max_length=100, required=False)
    minutes = forms.IntegerField(label="Minutes", initial=50)
    buffer_minutes = forms.IntegerField(label="Pause after it", initial=10, help_text="minutes")
    price = forms.CharField(
        label="Fee", max_length=14, help_text="dollars", widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    modality = forms.ChoiceField(label="Where", choices=MODALITIES)
    procedure_code = forms.CharField(
        label="Code for claims", max_length=10, required=False, help_text="from your own licensed list"
    )
    is_first_visit = forms.BooleanField(label="It is the first visit of a new patient", required=False)
    practitioners = forms.TypedMultipleChoiceField(
        label="Performed by", required=False, widget=forms.CheckboxSelectMultiple, choices=_practitioners
    )

    def clean_price(self) -> Money:
        try:
            return Money.parse(self.cleaned_data["price"])
        except AmountNotReadable as refusal:
            raise forms.ValidationError(refusal.words) from None

    def details(self) -> ServiceDetails:
        said = dict(self.cleaned_data)
        said.pop("practitioners")
        return ServiceDetails(price_cents=said.pop("price").cents, **said)


class PerformersForm(forms.Form):
    """Who performs a service from now on; nobody ticked means that nobody does."""

    practitioners = forms.TypedMultipleChoiceField(
        label="Performed by", required=False, widget=forms.CheckboxSelectMultiple, choices=_practitioners
    )


class HoursForm(forms.Form):
    staff = forms.ChoiceField(label="Who", choices=_practitioners)
    location = forms.ChoiceField(label="Where", choices=_places)
    weekdays = forms.MultipleChoiceField(
        label="On", choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one day of the week."},
    )  # fmt: skip
    starts = forms.TimeField(label="From", widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(label="To", widget=forms.TimeInput(attrs={"type": "time"}))
    from_date = forms.DateField(label="Beginning on", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        if Location.objects.filter(closed_date=None).count() == 1 and not self.is_bound:
            self.fields["location"].initial = _places()[0][0]


class EndForm(forms.Form):
    until_date = forms.DateField(label="First day without it", widget=forms.DateInput(attrs={"type": "date"}))
