"""Sample data of the three full pages: home (1), booking with its refusal (2) and the portal (8)."""

from collections.abc import Sequence
from typing import Any, Final

from django.utils.html import format_html

from stead.platform.ui.parts import Stage, Step
from stead.platform.ui.samples import block, closed

LOCATIONS: Final[list[dict[str, Any]]] = [
    {
        "name": "Linden Street",
        "hours": "Louisville · 8:00 to 7:00",
        "desk": "Ana Ruiz",
        "bars": [4, 5, 6, 6, 6, 6, 5, 6, 3, 2, 4, 5, 6, 6, 6, 6, 5, 4, 4, 3, 3, 2],
        "figures": [38, 33, 9, 5, 3, 1],
        "late": "1 by 22 min",
    },
    {
        "name": "New Albany",
        "hours": "Indiana · 8:00 to 6:00",
        "desk": "Teo Lindqvist",
        "bars": [2, 3, 4, 4, 4, 4, 4, 4, 2, 2, 3, 4, 4, 5, 4, 4, 3, 3, 2, 1, 1, 1],
        "figures": [19, 15, 4, 3, 1, 1],
        "late": "",
    },
    {
        "name": "Bowling Green",
        "hours": "Central time · 8:00 to 5:00",
        "desk": "",
        "cover": "Ana Ruiz answers the phone",
        "bars": [1, 1, 2, 3, 3, 3, 3, 3, 2, 2, 3, 3, 3, 3, 3, 3, 2, 2, 1, 1, 1, 1],
        "figures": [14, 10, 2, 2, 0, 0],
        "late": "",
    },
]
TOTALS: Final = [sum(location["figures"][i] for location in LOCATIONS) for i in range(6)]


def stuck(
    what: str, why: str, whose: str, seat: str, mark: str, since: str, limit: str, sum_: str, of: str, do: str
) -> dict[str, str]:
    return {
        "what": what, "why": why, "whose": whose, "seat": seat, "mark": mark, "since": since, "limit": limit,
        "sum": sum_, "of": of, "do": do,
    }  # fmt: skip


STUCK: Final = (
    (
        "Yours",
        (
            stuck(
                "Bowling Green opens without a front desk",
                "The seat has been blank since Devon Hale left; its backup is blank too",
                "", "Front desk, Bowling Green", "over", "11 days", "fills within 10", "14 visits", "a day",
                "Name a holder",
            ),
            stuck(
                "S. Okafor, authorization runs out",
                "1 unit left, 2 visits booked; escalated from Ben Whitlock yesterday at 4:00 pm",
                "You", "Practice manager", "close", "18 h", "answer by noon", "$310", "2 visits", "Decide",
            ),
        ),
    ),
    (
        "With somebody",
        (
            stuck(
                "Eleven notes without a signature",
                "Marcus Bell; the oldest session was on November 13, its claim cannot leave",
                "Marcus Bell", "Practitioner", "over", "11 days", "limit 3", "$1,540", "11 visits", "Open the 11",
            ),
            stuck(
                "Seven claims to Commonwealth Health Plan",
                "Denied for one cause: the rendering taxonomy is missing on claims from New Albany",
                "Ben Whitlock", "Billing lead", "close", "4 days", "limit 5", "$1,214", "7 claims", "Open the 7",
            ),
            stuck(
                "Dee Marsh, first visit",
                "The gate refused the booking at 10:31: back of the insurance card is missing",
                "Priya Nair", "Intake coordinator", "over", "1 h 42 min", "over its limit", "$1,140", "expected",
                "Open the case",
            ),
            stuck(
                "Refund to R. Kessler",
                "Over $150 only the owner may approve; she was asked six days ago",
                "Olu Adeyemi", "Owner", "over", "6 days", "limit 2", "$240", "1 family", "Delegate the limit",
            ),
        ),
    ),
)  # fmt: skip

CASES: Final = (
    (
        "New-patient intake",
        "34 open, 8 over",
        (
            ("1", "Request received", "Priya Nair", [0.42, 0.46, 0.5, 0.54], "5 h", False),
            ("2", "Agreement and card", "Priya Nair", [0.08, 0.5, 0.54, 0.58, 0.8, 1.3], "2 d 3 h", True),
            (
                "3", "Insurance and documents", "Priya Nair",
                [0.4, 0.44, 0.48, 0.65, 0.82, 1.12, 1.2, 1.55, 1.9], "4 d", True,
            ),
            ("4", "Eligibility", "Joyce Amadi", [0.12, 0.16, 0.2, 0.3, 0.5], "20 h", False),
            ("5", "Match", "Olu Adeyemi", [0.22, 0.36, 1.7], "3 d 2 h", True),
            ("6", "Ready, not booked", "", [0.12, 0.4, 0.54, 0.58, 0.78, 1.4, 2.6], "12 d", True),
        ),
    ),
    (
        "Other playbooks",
        "25 open, 4 over",
        (
            ("", "Prior authorization", "Ben Whitlock", [0.06, 0.22, 0.3, 0.5, 0.68, 0.72, 0.76, 1.25], "6 d", True),
            (
                "", "Denials", "Joyce Amadi",
                [0.15, 0.19, 0.3, 0.34, 0.5, 0.6, 0.64, 0.78, 0.82, 0.86, 0.94, 1.1, 1.36, 1.6], "19 d", True,
            ),
            ("", "Records requests", "Teo Lindqvist", [0.03, 0.07, 0.32], "8 d", False),
        ),
    ),
)  # fmt: skip


def off(
    name: str, owner: str, mark: str, last: str, limit: str, weeks: Sequence[float], target: float, bad: int, for_: str
) -> dict[str, Any]:
    flags = [False] * (len(weeks) - bad) + [True] * bad
    return {
        "name": name, "owner": owner, "mark": mark, "last": last, "limit": limit, "weeks": weeks, "target": target,
        "off": flags, "for": for_, "label": f"{name}, 13 weeks, last {last}, {limit}",
    }  # fmt: skip


OFF: Final = (
    off(
        "Intake turnaround, median", "Priya Nair", "over", "61 h", "at most 48",
        [41, 44, 40, 46, 47, 43, 45, 46, 52, 55, 49, 58, 61], 48, 5, "5 weeks",
    ),
    off(
        "Ready, booked in 7 days", "", "over", "58%", "at least 75",
        [79, 81, 77, 80, 76, 78, 75, 76, 77, 71, 69, 62, 58], 75, 4, "4 weeks",
    ),
    off(
        "Notes signed within 72 h", "Olu Adeyemi", "over", "91%", "at least 95",
        [97, 96, 98, 97, 96, 95, 97, 96, 96, 95, 94, 92, 91], 95, 3, "3 weeks",
    ),
    off(
        "Denied at first answer", "Ben Whitlock", "over", "11.2%", "at most 8",
        [6.9, 7.2, 7.8, 6.4, 7.0, 7.4, 7.9, 7.8, 7.1, 7.6, 7.8, 9.9, 11.2], 8, 2, "2 weeks",
    ),
    off(
        "Owner decisions waiting", "Olu Adeyemi", "over", "9", "at most 4",
        [4, 3, 3, 4, 4, 3, 4, 3, 3, 4, 4, 4, 9], 4, 1, "1 week",
    ),
)  # fmt: skip

WEEK: Final = (
    {
        "name": "Mon 30",
        "note": "",
        "blocks": [
            block("9:00", 50, "R. Delgado", "confirmed"),
            block("10:00", 60, "Dee Marsh", "refused", "Refused", "First visit", tone="brick"),
            block("11:00", 50, "J. Park", "confirmed"),
            block("13:00", 50, "M. Osei", "booked"),
            block("14:00", 80, "Lindgrens", "confirmed", kind="Family"),
            block("15:30", 50, "T. Nakamura", "confirmed"),
            block("16:30", 50, "C. Whelan", "booked"),
        ],
        "closed": [closed("12:00", 60, "Lunch")],
    },
    {
        "name": "Tue 1",
        "note": "",
        "blocks": [
            block("8:00", 50, "A. Novak", "confirmed"),
            block("9:00", 50, "L. Brandt", "confirmed"),
            block("10:00", 90, "Grief group", "confirmed", kind="6 of 8"),
            block("13:00", 50, "D. Amari", "confirmed"),
            block("14:00", 60, "B", "offered", "Offered", ""),
            block("15:30", 50, "P. Sullivan", "booked"),
            block("16:30", 50, "K. Boateng", "confirmed"),
        ],
        "closed": [closed("12:00", 60, "Lunch")],
    },
    {
        "name": "Wed 2",
        "note": "New Albany, am",
        "blocks": [
            block("13:00", 50, "S. Ferrante", "confirmed"),
            block("14:00", 50, "H. Moreau", "confirmed"),
            block("15:00", 50, "N. Okoye", "booked"),
            block("16:00", 50, "E. Castellano", "confirmed"),
        ],
        "closed": [closed("8:00", 240, "New Albany, 8:00 to noon"), closed("12:00", 60, "Lunch")],
    },
    {
        "name": "Thu 3",
        "note": "",
        "blocks": [
            block("9:00", 60, "C", "offered", "Offered", ""),
            block("10:30", 50, "F. Aziz", "confirmed"),
            block("13:00", 50, "V. Lindgren", "confirmed"),
            block("14:00", 50, "G. Tran", "confirmed"),
            block("15:00", 50, "I. Petrov", "confirmed"),
            block("16:00", 50, "B. Hollis", "booked"),
        ],
        "closed": [closed("11:30", 30, "Supervision"), closed("12:00", 60, "Lunch")],
    },
    {
        "name": "Fri 4",
        "note": "",
        "blocks": [
            block("8:00", 50, "O. Reyes", "confirmed"),
            block("9:00", 50, "W. Adler", "confirmed"),
            block("10:00", 50, "J. Kimani", "confirmed"),
        ],
        "closed": [closed("11:00", 60, "Notes"), closed("12:00", 360, "Not at work")],
    },
)

DAY: Final = (
    {
        "name": "Dr Grace Cho",
        "note": "Room 2",
        "count": "8 visits",
        "blocks": [
            block("8:00", 50, "A. Novak", "done"),
            block("9:00", 50, "L. Brandt", "cancelled", "Late cancel, $75 fee"),
            block("10:00", 50, "J. Park", "session", "In session to 10:50"),
            block("11:00", 50, "M. Osei", "waiting", "Here since 10:39"),
        ],
        "closed": [closed("12:00", 60, "Lunch")],
        "now": "r32",
    },
    {
        "name": "Marcus Bell",
        "note": "Room 4",
        "count": "7 visits",
        "blocks": [
            block("8:00", 50, "R. Vance", "noshow", "No-show", "Rebooking asked"),
            block("9:00", 50, "G. Tran", "done"),
            block("10:00", 25, "S. Lund", "session", "In session"),
            block("10:30", 25, "P. Diaz", "confirmed"),
            block("11:00", 50, "Opening", "offered", "Offered to 3 waiting", "Cancelled by S. Ferrante"),
        ],
        "closed": [closed("12:00", 60, "Notes: 11 unsigned")],
        "now": "r32",
    },
    {
        "name": "Rafael Ortiz",
        "note": "Room 5 · Spanish",
        "count": "6 visits",
        "blocks": [
            block("9:30", 50, "Mateo Herrera", "session", "Over by 22 min", "Child, with guardian", tone="brick"),
            block("11:00", 50, "F. Aziz", "booked"),
            block("12:00", 50, "W. Cárdenas", "held", "Held to Wed noon"),
        ],
        "closed": [closed("8:00", 90, "New Albany, travels")],
        "overrun": "r28 n4",
        "now": "r32",
    },
)


def portal_words(spanish: bool) -> dict[str, Any]:
    """Return the words of the portal page; the Spanish is written, not translated word by word."""
    return _PORTAL["es" if spanish else "en"]


_PORTAL: Final[dict[str, dict[str, Any]]] = {
    "en": {
        "hello": "Hello, Dee",
        "title": "Step 3 of 6: one photo, please",
        "other_language": {"code": "es", "label": "Español", "url": "/design/language"},
        "stages": (
            Stage("You asked for a visit", "behind", "met", when="Nov 20"),
            Stage("Agreement and payment card", "behind", "met", when="Nov 22"),
            Stage(
                "Insurance",
                "now",
                "waiting",
                "pine",
                when="Waiting on you",
                ask=format_html(
                    "We have the front of your card. Please send a photo of the <b>{}</b>. Then we can ask your plan "
                    "what it pays, so you get no surprise bill.",
                    "back",
                ),
                main=Step("Take the photo", "#main"),
                main_icon="camera",
                links=(Step("Choose a photo I have", "#main"), Step("I do not have my card", "#main")),
            ),
            Stage("We ask your plan", "ahead", "booked", when="our turn, 1 day"),
            Stage("We confirm your therapist", "ahead", "booked", when="our turn"),
            Stage(
                "Your first visit",
                "ahead",
                "held",
                facts=("Monday, November 30, 10:00 am", "Dr Grace Cho, 214 Linden Street"),
                held="Held for you until Wednesday at noon",
            ),
        ),
        "helper": "Priya Nair is helping you",
        "answers": "She answers within 4 office hours.",
        "message": "Message Priya",
        "danger": "In danger right now? Call or text",
        "danger_end": ".",
        "labels": ("Home", "Visits", "Messages", "Bills", "More"),
    },
    "es": {
        "hello": "Hola, Rosa",
        "title": "Paso 3 de 6: nos falta una foto",
        "other_language": {"code": "en", "label": "English", "url": "/design/language"},
        "stages": (
            Stage("Usted pidió una cita", "behind", "met", when="20 nov"),
            Stage("Acuerdo y tarjeta de pago", "behind", "met", when="22 nov"),
            Stage(
                "Seguro médico",
                "now",
                "waiting",
                "pine",
                when="Le toca a usted",
                ask=format_html(
                    "Tenemos el frente de su tarjeta. Envíe una foto de la parte de <b>{}</b>. Así su plan nos dice "
                    "cuánto paga y no hay cuentas sorpresa.",
                    "atrás",
                ),
                main=Step("Tomar la foto", "#main"),
                main_icon="camera",
                links=(Step("Elegir una foto que ya tengo", "#main"), Step("No tengo mi tarjeta", "#main")),
            ),
            Stage("Preguntamos a su plan", "ahead", "booked", when="nos toca, 1 día"),
            Stage("Confirmamos su terapeuta", "ahead", "booked", when="nos toca"),
            Stage(
                "Su primera cita",
                "ahead",
                "held",
                facts=("Lunes 30 de noviembre, 10:00 a. m.", "Rafael Ortiz, 214 Linden Street"),
                held="Guardada hasta el miércoles al mediodía",
            ),
        ),
        "helper": "Priya Nair le ayuda",
        "answers": "Responde en 4 horas hábiles.",
        "message": "Escribir a Priya",
        "danger": "¿Está en peligro ahora? Llame al",
        "danger_end": " y marque 2.",
        "labels": ("Inicio", "Citas", "Mensajes", "Cuentas", "Más"),
    },
}


def portal_bar(spanish: bool) -> list[dict[str, Any]]:
    keys = ("home", "calendar", "message", "receipt", "more")
    labels = portal_words(spanish)["labels"]
    return [
        {"key": key, "label": label, "url": "#main", "current": key == "home", "count": 1 if key == "message" else 0}
        for key, label in zip(keys, labels, strict=True)
    ]
