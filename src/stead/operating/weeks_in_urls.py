"""A calendar day in an address: 2026-11-16."""

from datetime import date


class DayConverter:
    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)  # a ValueError makes the address not match: 404

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()
