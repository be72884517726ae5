"""The shape of the patient forms."""

from __future__ import annotations

from typing import Any

from django import forms

from stead.patients.models import SEXES, STATUSES, Patient
from stead.patients.queries import version_of
from stead.patients.rules import phone_words, zip_words
from stead.patients.terms import CHANNELS, KINSHIPS, LANGUAGES, PROOFS, PURPOSES, PatientDetails, RelatedDetails

_PLAIN = ("first_name", "middle_name", "last_name", "preferred_name", "birth_date", "sex", "pronouns", "language",
          "email", "line1", "city", "state", "source", "status")  # fmt: skip


class PatientForm(forms.Form):
    """Demographics. The rules of phone, state and ZIP are the room's; their refusals land on the field."""

    first_name = forms.CharField(label="First name", max_length=100)
    last_name = forms.CharField(label="Last name", max_length=100)
    middle_name = forms.CharField(label="Middle name", max_length=100, required=False)
    preferred_name = forms.CharField(label="Goes by", max_length=100, required=False)
    birth_date = forms.DateField(
        label="Birth date", required=False, help_text="such as 03/14/1991", input_formats=["%m/%d/%Y", "%Y-%m-%d"]
    )
    sex = forms.ChoiceField(label="Sex", choices=SEXES, help_text="as the payer has it", initial="unknown")
    pronouns = forms.CharField(label="Pronouns", max_length=40, required=False)
    language = forms.ChoiceField(label="Language", choices=LANGUAGES, initial="en")
    phone = forms.CharField(label="Telephone", max_length=30, required=False)
    email = forms.CharField(label="E-mail", max_length=254, required=False)
    line1 = forms.CharField(label="Street and number", max_length=100, required=False)
    city = forms.CharField(label="City", max_length=60, required=False)
    state = forms.CharField(label="State", max_length=2, required=False, help_text="two letters")
    zip_code = forms.CharField(label="ZIP code", max_length=10, required=False)
    ssn = forms.CharField(label="Social security number", max_length=11, required=False,
                          help_text="kept encrypted; leave empty to keep what is stored")  # fmt: skip
    status = forms.ChoiceField(label="Status", choices=STATUSES, initial="prospect")
    home_location_id = forms.TypedChoiceField(label="Usual location", required=False, empty_value=None)
    practitioner_id = forms.TypedChoiceField(label="Practitioner", required=False, empty_value=None)
    pays_self = forms.TypedChoiceField(
        label="How they pay", required=False, empty_value=None, coerce=lambda said: said == "self",
        choices=[("", "not asked yet"), ("plan", "with insurance"), ("self", "themselves")],
    )  # fmt: skip
    source = forms.CharField(label="How they found us", max_length=60, required=False)

    def __init__(self, *args: Any, places: list[tuple[str, str]], people: list[tuple[str, str]], **given: Any) -> None:
        super().__init__(*args, **given)
        for name, choices in (("home_location_id", places), ("practitioner_id", people)):
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = [("", "not decided"), *choices]
        self.fields["birth_date"].widget.format = "%m/%d/%Y"
        for name in ("first_name", "last_name", "middle_name", "phone", "email", "ssn"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    version = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)

    def details(self) -> PatientDetails:
        said = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return PatientDetails(**{**said, "ssn": said["ssn"] or None})

    def given(self) -> frozenset[str]:
        """Return the details that the form asks for; what it does not ask stays as it is."""
        return frozenset(self.fields) - {"version"}


class RelatedForm(forms.Form):
    """Somebody around the patient."""

    name = forms.CharField(label="Name", max_length=200, help_text="as they sign")
    relation = forms.ChoiceField(label="Is the patient's", choices=KINSHIPS)
    phone = forms.CharField(label="Telephone", max_length=30, required=False)
    email = forms.CharField(label="E-mail", max_length=254, required=False)
    may_consent = forms.BooleanField(label="may consent for the patient", required=False)
    may_see = forms.BooleanField(label="may see the record", required=False)
    pays = forms.BooleanField(label="pays the bills", required=False)
    proof = forms.ChoiceField(
        label="Paper you have seen", choices=[("", "none"), *PROOFS], required=False,
        help_text="needed for consent",
    )  # fmt: skip

    def details(self) -> RelatedDetails:
        return RelatedDetails(**self.cleaned_data)


class ConsentForm(forms.Form):
    channel = forms.ChoiceField(label="Channel", choices=CHANNELS)
    purpose = forms.ChoiceField(label="Purpose", choices=PURPOSES)
    granted = forms.TypedChoiceField(
        label="Answer", choices=[("yes", "may be reached"), ("no", "may not")], coerce=lambda v: v == "yes"
    )


def initial_of(patient: Patient) -> dict[str, Any]:
    return {name: getattr(patient, name) for name in _PLAIN} | {
        "phone": phone_words(patient.phone),
        "pays_self": {None: "", False: "plan", True: "self"}[patient.pays_self],
        "zip_code": zip_words(patient.zip_code),
        "home_location_id": str(patient.home_location_id or ""),
        "practitioner_id": str(patient.practitioner_id or ""),
        "version": version_of(patient),
    }


def stands_otherwise(form: PatientForm, patient: Patient) -> list[tuple[str, str]]:
    """Return what is on record now and not as it was typed: label and value, in the order of the form."""
    now = initial_of(patient)
    typed = {name: form[name].value() for name in now}
    names = [name for name in form.fields if name in now and name != "version"]
    other = [n for n in names if str(form.fields[n].clean(typed[n]) or "") != str(form.fields[n].clean(now[n]) or "")]
    return [(str(form.fields[name].label), str(now[name] or "nothing")) for name in other]
