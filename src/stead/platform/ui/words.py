"""Say numbers, money, dates and ages the way the practice says them.

Every function takes plain values and an optional language ("en" or "es"); without one it speaks the language that
Django has active. Moments are formatted as they are: convert them to the location's time zone first.
"""

import math
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Final

from django.utils.translation import get_language

_NUMBERS: Final = {
    "en": ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce"),
}
_MONTHS: Final = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
}
_SHORT_MONTHS: Final = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "es": ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
}
_DAYS: Final = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "es": ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
}
_SHORT_DAYS: Final = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "es": ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
}


def language(lang: str | None = None) -> str:
    """Return "es" for any Spanish and "en" for everything else."""
    spoken = lang or get_language() or "en"
    return "es" if spoken.lower().startswith("es") else "en"


def number_word(number: int, lang: str | None = None, *, start: bool = False) -> str:
    """Write zero to twelve in words and the rest in digits; `start` capitalizes for the head of a sentence."""
    words = _NUMBERS[language(lang)]
    said = words[number] if 0 <= number < len(words) else grouped(number)
    return said[:1].upper() + said[1:] if start else said


def count(number: int, one: str, many: str | None = None, lang: str | None = None, *, start: bool = False) -> str:
    """Join a number in words with its noun: "two claims", "Six things"; the plural defaults to adding an s."""
    said = number_word(number, lang, start=start)
    if language(lang) == "es" and number == 1:
        said = said[:-1] + ("a" if one.split()[0].endswith("a") else "")
    return f"{said} {one if number == 1 else many or one + 's'}"


def first_few(items: Sequence[str], number: int) -> str:
    """Name the first few of several labels and how many more there are: "A card is on file · the address · 3 more".

    Labels have commas and capitals of their own, so they are set apart, not joined to a sentence.
    """
    left = len(items) - number
    return " · ".join([*items[:number], *([f"{left} more"] if left > 0 else [])])


def tally(number: int, one: str, many: str | None = None) -> str:
    """Write how many rows a list shows, in digits, so that it can be held against the rows: "588 claims"."""
    return f"{grouped(number)} {one if number == 1 else many or one + 's'}"


def grouped(number: int) -> str:
    """Write digits in groups of three: 48,213."""
    return f"{number:,}"


def money(minor: int, *, cents: bool | None = None) -> str:
    """Write cents as dollars: 121400 is "$1,214"; cents are shown when there are some, or always with `cents=True`."""
    sign = "-" if minor < 0 else ""
    dollars, rest = divmod(abs(minor), 100)
    show = cents if cents is not None else rest != 0
    # Without cents the amount is rounded half up, never cut off.
    whole = dollars if show else dollars + (rest >= 50)
    return f"{sign}${whole:,}.{rest:02d}" if show else f"{sign}${whole:,}"


def day(value: date, lang: str | None = None, *, year: bool = False) -> str:
    """Write a date short: "Nov 24", in Spanish "24 nov"."""
    spoken = language(lang)
    month = _SHORT_MONTHS[spoken][value.month - 1]
    if spoken == "es":
        return f"{value.day} {month}" + (f" {value.year}" if year else "")
    return f"{month} {value.day}" + (f", {value.year}" if year else "")


def weekday(value: date, lang: str | None = None, *, short: bool = True) -> str:
    """Name the day of the week: "Tue", or "Tuesday" when not short."""
    return (_SHORT_DAYS if short else _DAYS)[language(lang)][value.weekday()]


def day_with_weekday(value: date, lang: str | None = None) -> str:
    """Write "Mon Nov 30", in Spanish "lun 30 nov"."""
    return f"{weekday(value, lang)} {day(value, lang)}"


def long_day(value: date, lang: str | None = None) -> str:
    """Write "Monday, November 30", in Spanish "Lunes 30 de noviembre"."""
    spoken = language(lang)
    name, month = weekday(value, spoken, short=False), _MONTHS[spoken][value.month - 1]
    return f"{name.capitalize()} {value.day} de {month}" if spoken == "es" else f"{name}, {month} {value.day}"


def month_and_year(value: date, lang: str | None = None) -> str:
    """Write "November 2026", in Spanish "noviembre de 2026"."""
    spoken = language(lang)
    month = _MONTHS[spoken][value.month - 1]
    return f"{month} de {value.year}" if spoken == "es" else f"{month} {value.year}"


def clock_to_the_second(value: time | datetime) -> str:
    """Write "10:42:07 am"; for staff only, so in English."""
    time_of_day, half = clock(value, "en").split()
    return f"{time_of_day}:{value.second:02d} {half}"


def day_and_clock(value: datetime, lang: str | None = None) -> str:
    """Write "Nov 30, 2026, 10:00 am": a moment that is kept for years."""
    return f"{day(value, lang, year=True)}, {clock(value, lang)}"


def clock(value: time | datetime, lang: str | None = None) -> str:
    """Write a time of day: "10:42 am", in Spanish "10:42 a. m."."""
    hour, half = value.hour % 12 or 12, "am" if value.hour < 12 else "pm"
    if language(lang) == "es":
        half = f"{half[0]}. m."
    return f"{hour}:{value.minute:02d} {half}"


def moment(value: datetime, lang: str | None = None) -> str:
    """Write "Mon Nov 30, 10:00 am"."""
    return f"{day_with_weekday(value.date(), lang)}, {clock(value, lang)}"


def length(minutes: float, lang: str | None = None) -> str:
    """Write a length in its two largest units: "42 min", "1 h 42 min", "2 d 3 h"; from four days on only days."""
    whole = max(0, math.floor(minutes))
    days, rest = divmod(whole, 24 * 60)
    hours, mins = divmod(rest, 60)
    if days >= 4:
        return f"{days} {'días' if language(lang) == 'es' else 'days'}"
    units = [(days, "d"), (hours, "h"), (mins, "min")]
    first = next((place for place, (amount, _) in enumerate(units) if amount), 2)
    return " ".join(f"{amount} {unit}" for amount, unit in units[first : first + 2] if amount) or "0 min"


def over_limit(minutes_over: float, lang: str | None = None) -> str:
    """Say how far past its limit something is: "1 h 42 min over its limit"."""
    tail = "más de su límite" if language(lang) == "es" else "over its limit"
    return f"{length(minutes_over, lang)} {tail}"


def listed(items: Sequence[str], lang: str | None = None) -> str:
    """Join into a sentence: "a", "a and b", "a, b and c"; Spanish turns y into e before an i sound."""
    if len(items) < 2:
        return "".join(items)
    joint = "and"
    if language(lang) == "es":
        last = items[-1].lower()
        joint = "e" if last.startswith(("i", "hi")) and not last.startswith(("hia", "hie")) else "y"
    return f"{', '.join(items[:-1])} {joint} {items[-1]}"


def sentence(text: str) -> str:
    """Start with a capital and end with a full stop."""
    text = text.strip()
    if not text:
        return text
    return text[0].upper() + text[1:] + ("" if text[-1] in ".?:" else ".")
