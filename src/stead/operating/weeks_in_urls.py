"""A week in an address, by the Monday it starts on: 2026-11-16."""

from datetime import date

from stead.platform.web.days import read_day


class MondayConverter:
    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        day = read_day(value)
        if day.weekday():
            raise ValueError("no Monday")  # makes the address not match: 404
        return day

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()
