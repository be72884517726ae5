"""What every form says of an empty, unreadable or impossible answer: one place, in English and Spanish.

Django's own words ("This field is required.") are those of a programmer. Fields take their words from their class when
they are made, so they are set there, once, before any form exists; a form may still say something more exact.
"""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

REQUIRED: Final = _("We need an answer here.")
DATE_WRONG: Final = _("Write the date like this: 03/14/1991.")
EMAIL_WRONG: Final = _("This is not an e-mail address. One looks like name@example.org.")
CHOICE_WRONG: Final = _("Choose one of the answers.")
NUMBER_WRONG: Final = _("Write a whole number.")
TOO_LONG: Final = _("This is too long. Use at most %(limit_value)d characters.")
TOO_SMALL: Final = _("Write %(limit_value)s or more.")
TOO_LARGE: Final = _("Write %(limit_value)s or less.")
FILE_EMPTY: Final = _("This file is empty. Choose it again, or take a new photo.")
NOT_READABLE: Final = _("This cannot be read. Please look once more.")

WORDS: Final[dict[type[forms.Field], dict[str, Any]]] = {
    forms.Field: {"required": REQUIRED, "invalid": NOT_READABLE},
    forms.CharField: {"max_length": TOO_LONG, "null_characters_not_allowed": NOT_READABLE},
    forms.IntegerField: {"invalid": NUMBER_WRONG, "min_value": TOO_SMALL, "max_value": TOO_LARGE},
    forms.DecimalField: {"invalid": NOT_READABLE, "min_value": TOO_SMALL, "max_value": TOO_LARGE},
    forms.DateField: {"invalid": DATE_WRONG},
    forms.TimeField: {"invalid": _("Write the time like this: 14:30.")},
    forms.DateTimeField: {"invalid": _("Write the day and the time.")},
    forms.EmailField: {"invalid": EMAIL_WRONG},
    forms.UUIDField: {"invalid": NOT_READABLE},
    forms.RegexField: {"invalid": NOT_READABLE},
    forms.ChoiceField: {"invalid_choice": CHOICE_WRONG},
    forms.MultipleChoiceField: {"invalid_choice": CHOICE_WRONG, "invalid_list": CHOICE_WRONG},
    forms.FileField: {
        "invalid": FILE_EMPTY, "missing": FILE_EMPTY, "empty": FILE_EMPTY, "max_length": NOT_READABLE,
    },
}  # fmt: skip


def use() -> None:
    """Let every form of Stead speak so."""
    for field, said in WORDS.items():
        field.default_error_messages = {**field.__dict__.get("default_error_messages", {}), **said}
