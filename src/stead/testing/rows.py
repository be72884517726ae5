"""Make a row of any tenant model with whatever it needs, for tests that must have one of everything.

    rows = Rows(patient)            # inside a practice
    rows.of("processes.Case")       # the one case, made with its playbook version, for the patient

Values are made from the fields; what a constraint wants beyond that stands in FIXED. Room tests should use the room's
actions instead: these rows went through no door.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models

from stead.platform import clock
from stead.platform.identifiers import new_id
from stead.platform.tenancy.models import TenantForeignKey

FIXED: dict[str, dict[str, Any]] = {}
"""Model label to values that its constraints want."""


def fixed(label: str, **values: Any) -> None:
    """Say what rows of a model need beyond what their fields tell."""
    FIXED.setdefault(label, {}).update(values)


class Rows:
    """One row of each model that is asked for, kept, so that what belongs together hangs together. `text` is put into
    every free text (a canary, say)."""

    def __init__(self, text: str = "x", **known: Any) -> None:
        self.text = text
        self.known: dict[str, Any] = dict(known)
        self.made = 0

    def of(self, label: str, **given: Any) -> Any:
        """Return the row of the model, made if there is none yet."""
        key = label.lower()
        if key not in self.known:
            self.known[key] = self.make(label, **given)
        return self.known[key]

    def make(self, label: str, **given: Any) -> Any:
        """Make another row of the model."""
        model = apps.get_model(label)
        self.made += 1
        values = {**FIXED.get(model._meta.label, {}), **given}
        links = {f.from_fields[1]: f for f in model._meta.get_fields() if isinstance(f, TenantForeignKey)}
        for field in model._meta.concrete_fields:
            if field.name in ("practice_id", "id", "pk", *values) or field.generated:
                continue
            if field.name in links:
                values[field.name] = self._linked(links[field.name], field, model)
            elif self._is_free_text(field):
                values[field.name] = self._text(field)
            elif not (field.null or field.has_default() or field.primary_key):
                values[field.name] = self._value(field)
        return model.objects.create(**values)

    def secret(self, column: str) -> str:
        """Return what lies sealed in the column ("care.Note.body_encrypted")."""
        return self.text

    def _linked(self, link: TenantForeignKey, field: models.Field[Any, Any], model: type[models.Model]) -> Any:
        target = link.related_model
        if target is model or (field.null and target._meta.label_lower not in self.known):
            return None
        return self.of(target._meta.label).id

    @staticmethod
    def _is_free_text(field: models.Field[Any, Any]) -> bool:
        plain = isinstance(field, (models.CharField, models.TextField)) and not isinstance(field, models.EmailField)
        return plain and not field.choices and (field.max_length is None or field.max_length >= 40)

    def _text(self, field: models.Field[Any, Any]) -> str:
        made = f"{self.text} {field.name} {self.made}"
        return made if field.max_length is None else made[: field.max_length]

    def _value(self, field: models.Field[Any, Any]) -> Any:
        if field.choices:
            return field.choices[0][0]
        if isinstance(field, models.CharField):
            return f"{self.made}"[: field.max_length]
        now = clock.now()
        table: list[tuple[Any, Any]] = [
            (models.UUIDField, new_id()),
            (models.BooleanField, False),
            (models.DateTimeField, now),
            (models.DateField, now.date()),
            (models.IntegerField, self.made),
            (models.BinaryField, b"x"),
            (models.JSONField, {}),
            (ArrayField, []),
            (DateTimeRangeField, (now, now + timedelta(hours=1))),
        ]
        for kind, value in table:
            if isinstance(field, kind):
                return value
        raise TypeError(f"{field.model._meta.label}.{field.name}: no value for a {type(field).__name__}; use fixed().")
