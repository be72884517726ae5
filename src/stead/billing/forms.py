"""Forms of billing: shape and reading of input; what may be done is the actions' to say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from stead.billing.terms import LINK_WAYS, Correction
from stead.care.rules import DiagnosisNotReadable, diagnosis_codes
from stead.platform.money import AmountNotReadable, Money

CARD_WRONG = "The processor did not take this card. Check the number, or ask for another card. Nothing was kept."


class AmountField(forms.CharField):
    """Dollars and cents as people write them; cleans to Money."""

    def clean(self, value: Any) -> Money:
        try:
            return Money.parse(super().clean(value))
        except AmountNotReadable as refusal:
            raise forms.ValidationError(refusal.words) from None


def amount_field(label: str = "Amount") -> AmountField:
    return AmountField(label=label, max_length=14, widget=forms.TextInput(attrs={"inputmode": "decimal"}))


class PaymentForm(forms.Form):
    """`methods` are "card:<id>" for each kept card, then cash and check."""

    amount = amount_field()
    method = forms.ChoiceField(label="How", widget=forms.RadioSelect)
    appointment = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, methods: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["method"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = methods


class CardForm(forms.Form):
    """What the processor's own fields answer: a token and what may be shown of the card. Never a number."""

    token = forms.RegexField(
        r"^tok_[A-Za-z0-9_]{8,90}$", error_messages={"invalid": CARD_WRONG, "required": CARD_WRONG}
    )
    brand = forms.CharField(max_length=20)
    last4 = forms.RegexField(r"^[0-9]{4}$")
    expires_month = forms.IntegerField(min_value=1, max_value=12)
    expires_year = forms.IntegerField(min_value=2020, max_value=2099)


class PayLinkForm(forms.Form):
    """What the link in a statement's message does."""

    way = forms.ChoiceField(
        label="The link",
        choices=[(way, said[0].upper() + said[1:]) for way, said in LINK_WAYS.items()],
        widget=forms.RadioSelect,
    )


class RefundForm(forms.Form):
    """`by_card` offers the card first, which only a payment by card can go back to."""

    amount = amount_field()
    method = forms.ChoiceField(label="How", widget=forms.RadioSelect)
    reason = forms.CharField(label="Why", help_text="kept with your name", max_length=150)

    def __init__(self, *args: Any, by_card: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["method"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("card", "Back to the card")] * by_card + [("cash", "Cash"), ("check", "Check")]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Why", help_text="kept in the ledger with your name", max_length=150)


class WriteOffForm(forms.Form):
    amount = amount_field()
    reason = forms.CharField(label="Why", help_text="kept in the ledger with your name", max_length=200)


class CorrectionForm(forms.Form):
    """What a biller may correct before a claim leaves again, filled with what it says now. `policies` are the patient's
    own, by id; `names_number` asks for the payer's claim number, where a replacement needs it and none has come."""

    procedure = forms.CharField(
        label="Procedure code", required=False, max_length=10, help_text="the price stays as charged"
    )
    diagnosis = forms.CharField(label="Diagnosis", max_length=120, help_text="change only with the clinician")
    modifiers = forms.CharField(label="Modifiers", required=False, max_length=20, help_text="two characters each")
    place = forms.RegexField(r"^\d{2}$", label="Place of service", max_length=2, help_text="two digits")
    authorization = forms.CharField(label="Authorization number", required=False, max_length=50)
    coverage = forms.ChoiceField(label="Policy", required=False, help_text="another policy makes it a new claim")
    payer_claim_number = forms.CharField(
        label="Payer's claim number", required=False, max_length=50, help_text="as the payer says it"
    )

    def __init__(self, policies: list[tuple[str, str]], *args: Any, names_number: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["coverage"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = policies
        if not names_number:
            del self.fields["payer_claim_number"]

    def clean_procedure(self) -> str:
        code: str = self.cleaned_data["procedure"].strip().upper()
        if code and not code.isalnum():
            raise forms.ValidationError("Write the code in letters and digits.")
        return code

    def clean_diagnosis(self) -> list[str]:
        try:
            return diagnosis_codes(self.cleaned_data["diagnosis"])
        except DiagnosisNotReadable as refusal:
            raise forms.ValidationError(refusal.words) from None

    def clean_modifiers(self) -> list[str]:
        codes: list[str] = self.cleaned_data["modifiers"].replace(",", " ").upper().split()
        if len(codes) > 4 or any(len(code) != 2 or not code.isalnum() for code in codes):
            raise forms.ValidationError("Write at most four modifiers of two characters.")
        return codes

    def correction(self) -> Correction:
        said = self.cleaned_data
        return Correction(
            diagnosis_codes=tuple(said["diagnosis"]),
            modifiers=tuple(said["modifiers"]),
            place_of_service=said["place"],
            authorization_number=said["authorization"],
            procedure_code=said["procedure"] or None,
            coverage_id=UUID(said["coverage"]) if said["coverage"] else None,
            payer_claim_number=said.get("payer_claim_number"),
        )
