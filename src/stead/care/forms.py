"""The note's form: one box for each part of its template, and the diagnosis codes."""

from __future__ import annotations

from typing import Any

from django import forms

from stead.care.rules import MOST_CHARACTERS, DiagnosisNotReadable, diagnosis_codes
from stead.care.terms import Template


class NoteForm(forms.Form):
    """Every part may be empty: a draft is kept as it is; what a signature needs is the rule's to say."""

    version_no = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    diagnosis = forms.CharField(
        label="Diagnosis", required=False, max_length=120, help_text="codes like F41.1, commas between them"
    )

    def __init__(self, template: Template, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in template.parts:
            self.fields[part.key] = forms.CharField(
                label=part.label,
                help_text=part.hint,
                # Django's own "required" would refuse a draft; the page only must not call a needed part optional.
                required=False,
                max_length=MOST_CHARACTERS,
                strip=False,
                widget=forms.Textarea(attrs={"rows": part.rows}),
            )
        self.template = template

    def body(self) -> dict[str, str]:
        return {part.key: self.cleaned_data.get(part.key, "") for part in self.template.parts}


class AmendmentForm(forms.Form):
    text = forms.CharField(
        label="What the amendment says",
        help_text="it stands below the note with your name and the time",
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    diagnosis = forms.CharField(
        label="Diagnosis", required=False, max_length=120, help_text="only if it changes; the visit is billed with it"
    )

    def clean_diagnosis(self) -> list[str] | None:
        said: str = self.cleaned_data["diagnosis"]
        if not said.strip():
            return None
        try:
            return diagnosis_codes(said)
        except DiagnosisNotReadable as refusal:
            raise forms.ValidationError(refusal.words) from None
