"""No form of Stead speaks in the words of the framework, in either language."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.utils import translation

from stead.platform.ui import form_words

ROOT = Path(__file__).parents[3]
FRAMEWORK = ("This field is required", "Enter a valid", "Select a valid", "Ensure this value", "obligatorio", "válid")


def fields_of_every_form() -> list[tuple[str, forms.Field]]:
    """Return each field of each form class, as declared."""
    for path in ROOT.rglob("forms.py"):
        importlib.import_module(".".join(("stead", *path.relative_to(ROOT).with_suffix("").parts)))

    def below(form: type[forms.Form]) -> list[type[forms.Form]]:
        return [form, *(deeper for sub in form.__subclasses__() for deeper in below(sub))]

    ours = [form for form in below(forms.Form) if form.__module__.startswith("stead.")]
    assert len(ours) > 30
    return [(f"{f.__module__}.{f.__name__}.{n}", field) for f in ours for n, field in f.base_fields.items()]


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_field_speaks_in_the_frameworks_words(language: str) -> None:
    with translation.override(language):
        wrong = {
            f"{name} {code}: {said}"
            for name, field in fields_of_every_form()
            for code, said in field.error_messages.items()
            if any(words in str(said) for words in FRAMEWORK)
        }
    assert wrong == set()


class Everything(forms.Form):
    name = forms.CharField(max_length=3)
    mail = forms.EmailField()
    day = forms.DateField()
    number = forms.IntegerField(min_value=1, max_value=9)
    choice = forms.ChoiceField(choices=[("a", "A")])


@pytest.mark.parametrize(
    ("typed", "field", "english", "spanish"),
    [
        ({}, "name", form_words.REQUIRED, "Aquí nos falta una respuesta."),
        ({"name": "long"}, "name", "This is too long. Use at most 3 characters.", "como máximo 3 caracteres"),
        ({"mail": "dee"}, "mail", form_words.EMAIL_WRONG, "correo"),
        ({"day": "soon"}, "day", form_words.DATE_WRONG, "Escriba la fecha"),
        ({"number": "x"}, "number", form_words.NUMBER_WRONG, "Escriba un número entero."),
        ({"number": "0"}, "number", "Write 1 or more.", "Escriba 1 o más."),
        ({"number": "10"}, "number", "Write 9 or less.", "Escriba 9 o menos."),
        ({"choice": "z"}, "choice", form_words.CHOICE_WRONG, "Elija una de las respuestas."),
    ],
)
def test_what_is_wrong_is_said_in_our_words(typed: dict[str, Any], field: str, english: Any, spanish: str) -> None:
    with translation.override("en"):
        assert Everything(typed).errors[field] == [str(english)]
    with translation.override("es"):
        (said,) = Everything(typed).errors[field]
        assert spanish in said
