"""What the pages of setting up share: run an action from a form, say what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from stead.platform.refusals import Refusal
from stead.platform.ui.parts import Receipt
from stead.platform.web.door import PageRequest


def done(request: PageRequest, form: forms.Form, action: Callable[..., object], **given: Any) -> bool:
    """Run the action; a refusal goes on the form, beside its field if the form has it. What is not there rises."""
    try:
        action(practice=request.practice.id, by=request.by, at=request.at, **given)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return False
    return True


def receipts(request: PageRequest, said: Mapping[str, str]) -> list[Receipt]:
    words = said.get(request.GET.get("done", ""))
    return [Receipt(words)] if words else []
