"""The forms of signing in and of one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

from stead.platform.actors import STAFF_ROLES


def _secret(label: _StrOrPromise, autocomplete: str, hint: _StrOrPromise = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=256,
        help_text=hint,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


class SignInForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username webauthn"}))
    password = _secret(_("Password"), "current-password")


class SecondStepForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("six digits from your authenticator app, or one of your recovery codes"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}),
    )


class PasswordForm(forms.Form):
    current = _secret(_("Password now"), "current-password")
    password = _secret(_("New password"), "new-password", _("at least 15 characters; 8 with a second step"))

    def __init__(self, *args: Any, has_password: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_password:
            del self.fields["current"]


class TotpForm(forms.Form):
    code = forms.CharField(
        label=_("Code from the app"),
        max_length=10,
        help_text=_("six digits"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class LookForm(forms.Form):
    theme = forms.ChoiceField(
        label=_("Colors"),
        required=False,
        choices=[("", _("as the device says")), ("light", _("light")), ("dark", _("dark"))],
    )
    density = forms.ChoiceField(
        label=_("Rows"),
        required=False,
        choices=[("comfortable", _("comfortable")), ("dense", _("dense")), ("large", _("large"))],
    )


class GlassForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        min_length=10,
        max_length=400,
        help_text="What is happening and what you need to see. It is kept and reviewed; name no patient.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    minutes = forms.TypedChoiceField(
        label="For how long", coerce=int, choices=[(15, "15 minutes"), (30, "30 minutes"), (60, "60 minutes")]
    )


class SecondStepRolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label="Ask these roles",
        required=False,
        choices=[(role, role.replace("_", " ")) for role in STAFF_ROLES],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label="Time to set it up", coerce=int, initial=14,
        choices=[(0, "none: from today"), (7, "one week"), (14, "two weeks"), (30, "30 days")],
    )  # fmt: skip


class TokenForm(forms.Form):
    name = forms.CharField(label="What it is for", max_length=100, help_text="such as nightly export to the bookkeeper")
    days = forms.TypedChoiceField(
        label="Ends after", coerce=int, choices=[(30, "30 days"), (90, "90 days"), (366, "a year")], initial=90
    )
    scopes = forms.MultipleChoiceField(label="What it may do", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, scopes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = scopes
