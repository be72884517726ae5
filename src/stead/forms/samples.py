"""The sample wordings that ship with Stead, in English and Spanish, written in our own plain words.

Each says on its first line that it is a sample: a practice's lawyer must check it before a patient signs it.
"""

from __future__ import annotations

from importlib.resources import files

from stead.forms.terms import LANGUAGES, Wording


def sample_wordings(kind: str, practice_name: str) -> tuple[Wording, ...]:
    """Return the shipped wording of one kind in every language, with the practice's name filled in."""
    return tuple(_read(kind, language, practice_name) for language in LANGUAGES)


def _read(kind: str, language: str, practice_name: str) -> Wording:
    text = files("stead.forms").joinpath("wordings", f"{kind}.{language}.txt").read_text(encoding="utf-8")
    title, _, body = text.partition("\n")
    return Wording(language, title.strip(), body.strip().replace("{practice}", practice_name))
