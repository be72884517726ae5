"""Typeset a statement as a tagged PDF (PDF/UA-1), so that a screen reader reads it as people see it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

import typst

from stead.billing.statement_words import LABELS
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
    """Everything the page says, ready for the typesetter. A check goes to `practice_lines`; `pay_url` and `phone` are
    left out where they are empty."""

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
    phone: str = ""
    pay_url: str = ""


def typeset(text: StatementText) -> bytes:
    """Return the PDF. Values are handed over as data, never pasted into the source, so a name cannot run anything."""
    source = files("stead.billing").joinpath("typeset/statement.typ").read_bytes()
    made = typst.compile(source, format="pdf", pdf_standards=["ua-1"], sys_inputs={"data": json.dumps(_data(text))})
    assert isinstance(made, bytes)
    return made


def _data(text: StatementText) -> dict[str, object]:
    labels = LABELS[text.language]
    return {
        "language": text.language,
        "labels": labels,
        "practice": text.practice,
        "practice_lines": text.practice_lines,
        "patient": text.patient,
        "patient_lines": text.patient_lines,
        "number": str(text.number),
        "as_of": words.day(text.as_of, text.language, year=True),
        "due": words.day(text.due, text.language, year=True),
        "lines": [[words.day(x.on, text.language, year=True), x.words, str(Money(x.cents))] for x in text.lines],
        "total": str(Money(text.total_cents)),
        "phone": text.phone,
        "pay_url": text.pay_url,
        "payable": labels["payable"].format(practice=text.practice, number=text.number),
    }
