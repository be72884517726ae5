"""Shape of what the pages of cases and playbooks ask."""

from __future__ import annotations

from typing import Any

from django import forms

from stead.platform.web.way_back import is_ours
from stead.practice import queries as practice
from stead.processes.document import Document


def _seats() -> list[tuple[str, str]]:
    return [("", "Choose a seat"), *((seat.key, seat.name) for seat in practice.seats())]


class HandOverForm(forms.Form):
    seat_key = forms.CharField(
        label="To which seat",
        max_length=60,
        widget=forms.Select(choices=_seats),  # type: ignore[arg-type]  # Django takes a callable
    )
    reason = forms.CharField(label="Why, as a task for them", max_length=150, required=False)


class CloseForm(forms.Form):
    code = forms.ChoiceField(label="How it ends")

    def __init__(self, document: Document, *args: object, **given: object) -> None:
        super().__init__(*args, **given)  # type: ignore[arg-type]  # handed on as they came
        choices = [("", "Choose an end"), *document.ends.items()]
        self.fields["code"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField has them


class PlaybookForm(forms.Form):
    source = forms.CharField(
        label="The playbook", widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false"}), strip=False
    )


class AskToMendForm(forms.Form):
    """What a refusal's button carries: which clause of which gate, for whom, and the form that mends it."""

    gate = forms.CharField(max_length=60)
    clause = forms.CharField(max_length=60)
    patient = forms.UUIDField()
    url = forms.CharField(max_length=300, required=False)

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        return url if is_ours(url) else ""

    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "gate_key": given["gate"], "clause_id": given["clause"], "patient_id": given["patient"],
            "url": given["url"],
        }  # fmt: skip
