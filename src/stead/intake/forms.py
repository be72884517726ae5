"""Shape of the public request, in the words a patient reads; and of what the coordinator types."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from stead.intake import terms
from stead.intake.terms import OUTCOMES
from stead.practice.models import Location
from stead.processes.terms import RETURN_REASONS

STAMP_SALT = "stead.intake.opened"
STAMP_LIFETIME = 24 * 3600
STAMP = "opened"
HIDDEN_BOX = "website"


def stamp(at: float) -> str:
    """Return a signed moment for the page's hidden field: what tells a person from a machine that sends at once."""
    return signing.dumps(at, salt=STAMP_SALT)


def seconds_open(value: str, at: float) -> float | None:
    """Return how long the page was open; None for a forged, missing or very old stamp."""
    try:
        opened = float(signing.loads(value, salt=STAMP_SALT))
    except signing.BadSignature:
        return None
    return at - opened if at - opened <= STAMP_LIFETIME else None


class RequestForm(forms.Form):
    """Ask for care: safety first, then the need, then who and how."""

    safety = forms.ChoiceField(
        label=_("Are you in danger right now, or are you thinking about ending your life?"),
        choices=[
            ("no", _("No")),
            ("soon", _("I am safe, but I need help in the next two days")),
            ("yes", _("Yes")),
        ],
        widget=forms.RadioSelect,
    )
    need = forms.CharField(
        label=_("What would you like help with?"),
        help_text=_("A few words are enough. Only our team reads this."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    first_name = forms.CharField(
        label=_("First name"), max_length=35, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    preferred_name = forms.CharField(label=_("Name you like to be called"), max_length=35, required=False)
    birth_date = forms.DateField(
        label=_("Birth date"),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
    )
    asker_name = forms.CharField(label=_("Your name, if you ask for somebody else"), max_length=200, required=False)
    asker_relation = forms.CharField(
        label=_("Who you are to them"), help_text=_("such as mother, partner"), max_length=60, required=False
    )
    phone = forms.CharField(
        label=_("Telephone"), max_length=30, required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    may_call = forms.BooleanField(label=_("You may call me and leave a message"), required=False)
    may_text = forms.BooleanField(
        label=_("You may text me"), help_text=_("We never write about your health in a text."), required=False
    )
    may_email = forms.BooleanField(label=_("You may e-mail me"), required=False)
    language = forms.ChoiceField(
        label=_("Language you want to speak with us"), choices=[("en", "English"), ("es", "Español")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    visit_state = forms.ChoiceField(
        label=_("State where you will be during visits"),
        help_text=_("Our licenses are for certain states."),
        choices=[("", _("Choose")), *terms.STATE_NAMES.items()],
    )
    location = forms.ChoiceField(label=_("Place that suits you"), required=False)
    preferred_times = forms.CharField(
        label=_("Days and times that suit you"), help_text=_("such as Monday mornings"), max_length=200, required=False
    )
    pays = forms.ChoiceField(
        label=_("How will you pay?"),
        choices=[("plan", _("With insurance")), ("self", _("I pay myself")), ("unsure", _("I do not know yet"))],
        widget=forms.RadioSelect,
    )
    payer_words = forms.CharField(label=_("Name of your insurance"), max_length=120, required=False)
    source = forms.ChoiceField(
        label=_("How did you hear about us?"), required=False,
        choices=[
            ("", _("Choose")), ("doctor", _("From a doctor or therapist")), ("insurance", _("From my insurance")),
            ("friend", _("From a friend or family")), ("search", _("I found you on the web")),
            ("school", _("From school or work")), ("other", _("Some other way")),
        ],
    )  # fmt: skip

    def __init__(self, *given: Any, places: list[Location], **more: Any) -> None:
        super().__init__(*given, **more)
        choices = [("", _("Any place"))] + [(str(p.id), f"{p.name}, {p.city}" if p.city else p.name) for p in places]
        place = self.fields["location"]
        assert isinstance(place, forms.ChoiceField)
        place.choices = choices

    def details(self) -> terms.IntakeDetails:
        """Return what was asked, once the form is valid."""
        said = dict(self.cleaned_data)
        place, pays = said.pop("location"), said.pop("pays")
        if pays == "plan" and not said["payer_words"].strip():
            said["payer_words"] = "insurance, name not said"
        return terms.IntakeDetails(
            **said, preferred_location_id=UUID(place) if place else None, self_pay=pays == "self"
        )


class EnterForm(forms.Form):
    """Open one's papers by an invitation: the birth date, and nothing else."""

    birth_date = forms.DateField(
        label=_("Your birth date"),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
    )


class KeepForm(forms.Form):
    """Keep a sign-in of one's own after a visit by a link."""

    password = forms.CharField(
        label=_("A password"),
        help_text=_("At least 15 letters or numbers. Four words in a row work well."),
        max_length=256, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *given: Any, has_account: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        if has_account:
            self.fields["password"].label = _("Your password")
            self.fields["password"].help_text = _("You have a sign-in with this e-mail address already. Use it here.")
            self.fields["password"].widget.attrs["autocomplete"] = "current-password"


class ReturnForm(forms.Form):
    """Send a document back with one coded reason."""

    reason = forms.ChoiceField(
        label="Why it goes back",
        choices=[(code, words[0].upper() + words[1:]) for code, words in RETURN_REASONS.items()],
        widget=forms.RadioSelect,
    )


class OutcomeForm(forms.Form):
    """What came of a safety request, coded."""

    outcome = forms.ChoiceField(
        label="What came of it",
        choices=[(code, said[0].upper() + said[1:]) for code, said in OUTCOMES.items()],
        widget=forms.RadioSelect,
    )


class MinutesForm(forms.Form):
    """How long each person of the safety ladder has, in minutes by the clock."""

    while_open = forms.IntegerField(label="While we are open", min_value=1, max_value=60)
    while_closed = forms.IntegerField(label="While we are closed", min_value=1, max_value=60)
    again = forms.IntegerField(label="Before everybody is told again", min_value=1, max_value=60)
