"""What a statement says, in the patient's language: its labels, and each line of the ledger in plain words.

The ledger's own words are the biller's: claim numbers, and the reason that somebody typed for a write-off. A patient
reads which visit a sum belongs to and what the plan paid for it, and nothing that was written for colleagues.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from stead.platform.money import Money
from stead.platform.ui import words


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of what a patient owes. `visit` is the day of the visit it belongs to, where that is known."""

    kind: str
    words: str
    cents: int
    paid_cents: int
    visit: date | None


LABELS = {
    "en": {
        "title": "Statement",
        "number": "Number",
        "as_of": "As of",
        "page": "page",
        "owe": "You owe",
        "due": "Please pay by",
        "date": "Date",
        "what": "What happened",
        "amount": "Your part",
        "total": "You owe",
        "how": "How to pay",
        "online": "Online",
        "phone": "By telephone",
        "check": "By check",
        "payable": "Make it out to {practice}, write statement {number} on it, and mail it to:",
        "help_title": "If it is hard to pay",
        "help": "Tell us: we can agree on parts. If you think something is wrong, tell us too, and we pause it until it"
        " is clear.",
    },
    "es": {
        "title": "Estado de cuenta",
        "number": "Número",
        "as_of": "Con fecha de",
        "page": "página",
        "owe": "Usted debe",
        "due": "Pague a más tardar el",
        "date": "Fecha",
        "what": "Qué pasó",
        "amount": "Su parte",
        "total": "Usted debe",
        "how": "Cómo pagar",
        "online": "En línea",
        "phone": "Por teléfono",
        "check": "Con cheque",
        "payable": "Hágalo a nombre de {practice}, escriba en él el número de estado de cuenta {number} y envíelo a:",
        "help_title": "Si le es difícil pagar",
        "help": "Díganos: podemos acordar pagos. Si cree que algo está mal, díganos también, y lo pausamos hasta"
        " aclararlo.",
    },
}
_SAID = {
    "en": {
        "paid": "Visit of {day}: your plan paid {paid}",
        "unpaid": "Visit of {day}: your part by your plan's answer",
        "turned": "Visit of {day}: your plan changed its answer",
        "to_patient": "Visit of {day}: not covered by your plan",
        "charge": "Visit: {words}",
        "patient_payment": "Your payment, thank you",
        "refund": "Given back to you",
        "write_off": "Taken off your bill by us",
        "reversal": "Corrected by us",
        "other": "Change to your account",
    },
    "es": {
        "paid": "Cita del {day}: su plan pagó {paid}",
        "unpaid": "Cita del {day}: su parte según la respuesta de su plan",
        "turned": "Cita del {day}: su plan cambió su respuesta",
        "to_patient": "Cita del {day}: su plan no la cubre",
        "charge": "Cita: {words}",
        "patient_payment": "Su pago, gracias",
        "refund": "Le devolvimos dinero",
        "write_off": "Lo descontamos de su cuenta",
        "reversal": "Corrección nuestra",
        "other": "Cambio en su cuenta",
    },
}


def say(moved: Movement, language: str) -> str:
    """Say a change in the patient's language."""
    known = _SAID[language]
    day = words.day(moved.visit, language, year=True) if moved.visit else ""
    return known.get(_key(moved), known["other"]).format(day=day, words=moved.words, paid=Money(moved.paid_cents))


def _key(moved: Movement) -> str:
    if moved.kind in ("insurer", "to_patient") and moved.visit is None:
        return "other"
    if moved.kind != "insurer":
        return moved.kind
    if moved.cents < 0 or moved.paid_cents < 0:
        return "turned"
    return "paid" if moved.paid_cents else "unpaid"
