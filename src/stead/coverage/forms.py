"""Shape of what is typed about coverage; what may be is judged by the rules."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from stead.coverage.terms import RANKS, RELATIONS, AuthorizationDetails, EligibilityAnswer, Subscriber
from stead.platform.money import AmountNotReadable, Money

DATE_FORMATS = ["%m/%d/%Y", "%Y-%m-%d", "%m/%d/%y"]
DATE_HINT = "Month, day, year: 03/14/1991"


def _date(label: str, *, required: bool = False, hint: str = DATE_HINT) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        input_formats=DATE_FORMATS,
        help_text=hint,
        error_messages={"invalid": "Write the date as 03/14/1991."},
    )


class PolicyForm(forms.Form):
    """A patient's policy, as it stands on the card."""

    payer = forms.ChoiceField(label="Payer")
    member_id = forms.CharField(
        label="Member number", max_length=40, error_messages={"required": "Write the number on the card."}
    )
    group_number = forms.CharField(label="Group number", max_length=40, required=False)
    rank = forms.TypedChoiceField(label="Order", coerce=int, choices=list(RANKS.items()))
    relation = forms.ChoiceField(label="Whose policy", choices=list(RELATIONS.items()))
    subscriber_first_name = forms.CharField(label="Holder's first name", max_length=100, required=False)
    subscriber_last_name = forms.CharField(label="Holder's last name", max_length=100, required=False)
    subscriber_birth_date = _date("Holder's birth date")
    starts_date = _date("First day", hint="")
    ends_date = _date("Last day", hint="")

    def __init__(self, *args: Any, payers: list[tuple[str, str]], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["payer"].choices = [("", "Choose a payer"), *payers]  # type: ignore[attr-defined]

    def policy(self) -> dict[str, Any]:
        """What `add_coverage` takes."""
        said = self.cleaned_data
        holder = Subscriber(said["subscriber_first_name"], said["subscriber_last_name"], said["subscriber_birth_date"])
        kept = ("member_id", "group_number", "rank", "relation", "starts_date", "ends_date")
        return {
            "payer_id": UUID(said["payer"]),
            "subscriber": holder if said["relation"] != "self" else None,
            **{name: said[name] for name in kept},
        }


class CardForm(forms.Form):
    front = forms.FileField(
        label="Front of the card",
        help_text="JPG, PNG, WebP or PDF",
        error_messages={"required": "Choose a photo of the front.", "empty": "This file is empty."},
    )
    back = forms.FileField(label="Back of the card", required=False)

    def __init__(self, *args: Any, has_front: bool, **given: Any) -> None:
        """Where the front is kept already, the back alone is enough."""
        super().__init__(*args, **given)
        self.fields["front"].required = not has_front

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and not said.get("front") and not said.get("back"):
            raise forms.ValidationError("Choose a photo of the front or of the back.")
        return said


class AuthorizationForm(forms.Form):
    number = forms.CharField(label="Authorization number", max_length=50)
    units = forms.IntegerField(label="Visits allowed", min_value=1, max_value=999)
    starts_date = _date("First day", required=True, hint="")
    ends_date = _date("Last day", required=True, hint="")

    def details(self, coverage_id: UUID) -> AuthorizationDetails:
        said = self.cleaned_data
        return AuthorizationDetails(coverage_id, said["number"], said["units"], said["starts_date"], said["ends_date"])


class RetireForm(forms.Form):
    ends_date = _date("Last day of the policy", hint="")


class AnswerForm(forms.Form):
    """What a payer said on the telephone."""

    state = forms.ChoiceField(label="The policy is", choices=[("active", "active"), ("inactive", "not active")])
    copay = forms.CharField(label="Copay of a visit", required=False, help_text="in dollars; 0 if there is none")
    said = forms.CharField(
        label="Who said it",
        max_length=120,
        help_text="name and reference of the call",
        error_messages={"required": "Write who said it, so that it can be proved."},
    )

    def clean_copay(self) -> int | None:
        text = self.cleaned_data["copay"]
        if not text.strip():
            return None
        try:
            cents = Money.parse(text).cents
        except AmountNotReadable as refusal:
            raise forms.ValidationError(refusal.words) from None
        if cents < 0:
            raise forms.ValidationError("A copay is not below zero.")
        return cents

    def answer(self, on: date) -> EligibilityAnswer:
        said = self.cleaned_data
        return EligibilityAnswer(
            said["state"],
            copay_cents=said["copay"],
            words=f"By telephone, {said['said']}",
            rows=(("By telephone", f"{said['said']}, {on:%m/%d/%Y}"),),
            source="telephone",
        )


class PayerForm(forms.Form):
    """An insurer as the clearinghouse knows it; the days come from the contract."""

    name = forms.CharField(label="Name", max_length=120)
    edi_id = forms.CharField(label="Payer identifier", max_length=20, help_text="from your clearinghouse's list")
    filing_code = forms.CharField(label="Claim filing code", max_length=2, help_text="CI for a commercial insurer")
    is_medicaid = forms.BooleanField(label="It is Medicaid", required=False)
    timely_filing_days = forms.IntegerField(label="Days to file a claim")
    appeal_days = forms.IntegerField(label="Days to appeal")
    silent_after_days = forms.IntegerField(label="Silent after", help_text="days without an answer")
