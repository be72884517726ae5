"""Shape of what is typed on the forms room's pages."""

from typing import Any

from django import forms

from stead.forms.terms import KINDS, RELATIONS


class PublishForm(forms.Form):
    """A new version of an agreement in both languages; the Spanish may be left out together."""

    kind = forms.ChoiceField(label="Agreement", choices=list(KINDS.items()))
    title_en = forms.CharField(label="Title, English", max_length=200)
    text_en = forms.CharField(label="Text, English", max_length=40_000, widget=forms.Textarea(attrs={"rows": 14}))
    title_es = forms.CharField(label="Title, Spanish", max_length=200, required=False)
    text_es = forms.CharField(
        label="Text, Spanish", max_length=40_000, required=False, widget=forms.Textarea(attrs={"rows": 14})
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if bool(said.get("title_es")) != bool(said.get("text_es")):
            self.add_error("text_es", "The Spanish wording needs a title and a text, or neither.")
        return said


class SignForm(forms.Form):
    """A signature given at the desk, on paper or on the practice's own screen."""

    kind = forms.ChoiceField(label="Agreement", choices=list(KINDS.items()))
    signed_name = forms.CharField(label="Name as signed", max_length=200)
    relation = forms.ChoiceField(label="Who signed", choices=list(RELATIONS.items()))
    language = forms.ChoiceField(label="Language of the wording", choices=[("en", "English"), ("es", "Spanish")])
