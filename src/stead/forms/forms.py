"""Shape of what is typed on the forms room's pages."""

from typing import Any

from django import forms

from stead.forms.terms import KINDS, RELATIONS, WAYS


class PublishForm(forms.Form):
    """A new version of an agreement in both languages; the Spanish may be left out together."""

    kind = forms.ChoiceField(label="Agreement", choices=list(KINDS.items()))
    title_en = forms.CharField(label="Title, English", max_length=200)
    text_en = forms.CharField(label="Text, English", max_length=40_000, widget=forms.Textarea(attrs={"rows": 14}))
    title_es = forms.CharField(label="Title, Spanish", max_length=200, required=False)
    text_es = forms.CharField(
        label="Text, Spanish", max_length=40_000, required=False, widget=forms.Textarea(attrs={"rows": 14})
    )

    signed_anew = forms.BooleanField(label="everybody signs this version anew", required=False)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if bool(said.get("title_es")) != bool(said.get("text_es")):
            self.add_error("text_es", "The Spanish wording needs a title and a text, or neither.")
        return said


class SignForm(forms.Form):
    """A signature given at the desk, on paper or on the practice's own screen: of which wording, by whom, when."""

    agreement_id = forms.ChoiceField(label="Wording that was signed", help_text="with the version that was read")
    signed_name = forms.CharField(label="Name as signed", max_length=200)
    relation = forms.ChoiceField(label="Who signed", choices=list(RELATIONS.items()))
    way = forms.ChoiceField(label="How", choices=[(k, w) for k, w in WAYS.items() if k != "own"], initial="paper")
    on = forms.DateField(label="Signed on", input_formats=["%m/%d/%Y", "%Y-%m-%d"], help_text="such as 11/24/2026")
    scan = forms.FileField(label="Scan of the paper", required=False, help_text="JPG, PNG, WebP or PDF")

    def __init__(self, *args: Any, wordings: list[tuple[str, str]], **given: Any) -> None:
        super().__init__(*args, **given)
        chosen = self.fields["agreement_id"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = wordings
        self.fields["on"].widget.format = "%m/%d/%Y"
