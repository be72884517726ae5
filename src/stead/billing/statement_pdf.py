"""Typeset a statement as a tagged PDF (PDF/UA-1), so that a screen reader reads it as people see it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

import typst

from stead.platform.money import Money
from stead.platform.ui import words


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of the statement: what happened on a day, and what it changed in what the patient owes."""

    on: date
    words: str
    cents: int


@dataclass(frozen=True, slots=True)
class StatementText:
    """Everything the page says, ready for the typesetter."""

    practice: str
    practice_lines: tuple[str, ...]
    patient: str
    patient_lines: tuple[str, ...]
    number: int
    as_of: date
    due: date
    lines: tuple[StatementLine, ...]
    total_cents: int
    language: str = "en"


_LABELS = {
    "en": {
        "title": "Statement",
        "number": "Number",
        "as_of": "As of",
        "due": "Please pay by",
        "date": "Date",
        "what": "What happened",
        "amount": "Your part",
        "total": "You owe",
        "help": "If it is hard to pay at once, tell us: we can agree on parts. If you think something is wrong, tell us"
        " too, and we pause it until it is clear.",
    },
    "es": {
        "title": "Estado de cuenta",
        "number": "Número",
        "as_of": "Con fecha de",
        "due": "Pague antes del",
        "date": "Fecha",
        "what": "Qué pasó",
        "amount": "Su parte",
        "total": "Usted debe",
        "help": "Si no puede pagar todo de una vez, díganos: podemos acordar pagos. Si cree que algo está mal, díganos"
        " también, y lo pausamos hasta aclararlo.",
    },
}


def typeset(text: StatementText) -> bytes:
    """Return the PDF. Values are handed over as data, never pasted into the source, so a name cannot run anything."""
    source = files("stead.billing").joinpath("typeset/statement.typ").read_bytes()
    made = typst.compile(source, format="pdf", pdf_standards=["ua-1"], sys_inputs={"data": json.dumps(_data(text))})
    assert isinstance(made, bytes)
    return made


def _data(text: StatementText) -> dict[str, object]:
    spoken = "es" if text.language.startswith("es") else "en"
    return {
        "language": spoken,
        "labels": _LABELS[spoken],
        "practice": text.practice,
        "practice_lines": text.practice_lines,
        "patient": text.patient,
        "patient_lines": text.patient_lines,
        "number": str(text.number),
        "as_of": words.day(text.as_of, spoken, year=True),
        "due": words.day(text.due, spoken, year=True),
        "lines": [[words.day(x.on, spoken, year=True), x.words, str(Money(x.cents))] for x in text.lines],
        "total": str(Money(text.total_cents)),
    }
