"""The wording of messages: one data file per template in `wordings/`, in English and Spanish, as e-mail and text.

No wording names a service, a practitioner's kind or a diagnosis: an e-mail is read by whoever opens the mailbox.
A value that a template asks for and nobody gave is a fault, never a hole in a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from stead.messaging.rules import language_of
from stead.messaging.terms import LANGUAGES

FOLDER = Path(__file__).parent / "wordings"


class WordingIncomplete(ValueError):
    """A template lacks a language or a value: a fault of whoever wrote or called it."""


@dataclass(frozen=True)
class Wording:
    """One template: for which purpose it is sent, the values it needs, and its texts by language."""

    name: str
    title: str
    purpose: str
    values: tuple[str, ...]
    texts: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Rendered:
    """A message ready to leave; a text message has no subject."""

    subject: str
    body: str


@cache
def wordings() -> Mapping[str, Wording]:
    """Every template by name, read and checked once."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.yaml"))}


def find_wording(name: str) -> Wording | None:
    return wordings().get(name)


def render(name: str, *, language: str, channel: str, values: Mapping[str, str]) -> Rendered:
    """Fill a template for one channel."""
    wording = wordings()[name]
    missing = [value for value in wording.values if not values.get(value)]
    if missing:
        raise WordingIncomplete(f"The template {name} needs {', '.join(missing)}.")
    texts = wording.texts[language_of(language)]
    given = {value: values[value] for value in wording.values}
    if channel == "sms":
        return Rendered("", texts["sms"].format_map(given))
    # A subject is one header line; a line break in a name must not add a header of its own.
    return Rendered(" ".join(texts["subject"].format_map(given).split()), texts["email"].format_map(given))


def _read(path: Path) -> Wording:
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    texts = {language: data[language] for language in LANGUAGES if language in data}
    if set(texts) != set(LANGUAGES) or any(set(text) != {"subject", "email", "sms"} for text in texts.values()):
        raise WordingIncomplete(f"The template {path.stem} lacks a language or a form.")
    return Wording(path.stem, data["title"], data["purpose"], tuple(data["values"]), texts)
