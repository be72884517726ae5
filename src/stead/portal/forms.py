"""Shape of what patients type and send, in their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from stead.coverage.models import Payer
from stead.forms.models import AgreementVersion
from stead.intake.terms import STATE_NAMES
from stead.platform.money import AmountNotReadable, Money

CARD_WRONG = _("The card was not added. Please try once more.")


class Said(forms.Form):
    """Base of the portal's forms."""


class PhotosForm(Said):
    """Photos or PDFs, one for each label; the first is the one that was asked for, the others may come later.
    `camera` opens the camera of a telephone at once."""

    def __init__(self, *given: Any, labels: Sequence[str], camera: bool = False, **more: Any) -> None:
        super().__init__(*given, **more)
        for n, label in enumerate(labels):
            field = forms.FileField(
                label=label,
                help_text=_("JPG, PNG or PDF, at most 15 MB"),
                required=n == 0,
                widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
                error_messages={"empty": _("This file is empty. Choose it again, or take a new photo.")},
            )
            if camera:
                field.widget.attrs["capture"] = "environment"
            self.fields["photo" if n == 0 else f"photo_{n + 1}"] = field


class SignForm(Said):
    """Sign one or more papers with one act: a tick for each that was read, by its title, and one name."""

    signed_name = forms.CharField(
        label=_("Your first and last name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    relation = forms.ChoiceField(
        label=_("Who signs"), choices=[("self", _("I am the patient")), ("guardian", _("I am the parent or guardian"))]
    )

    def __init__(self, *given: Any, papers: Sequence[AgreementVersion], **more: Any) -> None:
        super().__init__(*given, **more)
        self.ticks = {("read" if n == 0 else f"read_{n + 1}"): paper for n, paper in enumerate(papers)}
        for name, paper in self.ticks.items():
            label = gettext("I have read “%(title)s”") % {"title": paper.title}
            error = {"required": gettext("Tick each paper that you have read. Nothing was signed.")}
            self.fields[name] = forms.BooleanField(label=label, error_messages=error)


class InsuranceForm(Said):
    """The policy as the card says it."""

    payer = forms.ChoiceField(label=_("Name of your insurance"))
    member_id = forms.CharField(
        label=_("Member number"), help_text=_("On the front of your card"), max_length=40,
    )  # fmt: skip
    group_number = forms.CharField(label=_("Group number"), max_length=40, required=False)
    relation = forms.ChoiceField(
        label=_("Whose policy is it?"),
        choices=[("self", _("Mine")), ("spouse", _("My husband's or wife's")), ("child", _("My parent's")),
                 ("other", _("Somebody else's"))],
    )  # fmt: skip
    holder_first_name = forms.CharField(label=_("Their first name"), max_length=100, required=False)
    holder_last_name = forms.CharField(label=_("Their last name"), max_length=100, required=False)
    holder_birth_date = forms.DateField(
        label=_("Their birth date"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def __init__(self, *given: Any, payers: list[Payer], **more: Any) -> None:
        super().__init__(*given, **more)
        payer = self.fields["payer"]
        assert isinstance(payer, forms.ChoiceField)
        payer.choices = [("", _("Choose")), *((str(p.id), p.name) for p in payers)]


class AddressForm(Said):
    """Where the patient lives; a telephone fills all of it in from its owner's own card."""

    line1 = forms.CharField(
        label=_("Street and number"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "address-line1"})
    )
    city = forms.CharField(
        label=_("City"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    zip_code = forms.CharField(
        label=_("ZIP code"), max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
    )  # fmt: skip
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("Choose")), *STATE_NAMES.items()],
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
    )  # fmt: skip


class CardForm(Said):
    """What the processor's own fields answer: a token and what may be shown of the card. Never a number."""

    token = forms.RegexField(r"^tok_[A-Za-z0-9_]{8,90}$", error_messages={"invalid": CARD_WRONG})
    brand = forms.CharField(max_length=20)
    last4 = forms.RegexField(r"^[0-9]{4}$")
    expires_month = forms.IntegerField(min_value=1, max_value=12)
    expires_year = forms.IntegerField(min_value=2020, max_value=2099)


class LinkPayForm(CardForm):
    """What the page of a statement's link sends: the amount and the card that it showed, or a card that was typed."""

    amount_cents = forms.IntegerField(min_value=1)
    last4 = forms.RegexField(r"^[0-9]{4}$")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.typed = bool(self.data.get("token"))
        for name in () if self.typed else ("token", "brand", "expires_month", "expires_year"):
            del self.fields[name]

    def card(self) -> dict[str, Any] | None:
        """Return the token and what goes with it, where a card was typed."""
        return {name: self.cleaned_data[name] for name in CardForm.base_fields} if self.typed else None


class PayForm(Said):
    """How much, and with which of the cards on file. The whole is filled in."""

    amount = forms.CharField(
        label=_("You pay now"), help_text=_("You may write less and pay a part."), max_length=14,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    card = forms.ChoiceField(
        label=_("With"), widget=forms.RadioSelect, error_messages={"invalid_choice": _("Choose one of your cards.")}
    )

    def __init__(self, *given: Any, cards: list[dict[str, Any]], **more: Any) -> None:
        super().__init__(*given, **more)
        card = self.fields["card"]
        assert isinstance(card, forms.ChoiceField)
        card.choices = [(str(c["id"]), f"{c['brand']} {c['last4']}") for c in cards]
        if cards:
            card.initial = str(cards[0]["id"])

    def clean_amount(self) -> Money:
        try:
            return Money.parse(self.cleaned_data["amount"])
        except AmountNotReadable as refusal:
            raise forms.ValidationError(gettext(refusal.words)) from None


class AskForm(Said):
    """A few words to the practice."""

    text = forms.CharField(
        label=_("Your message"), max_length=1000, widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip
