"""The practice's own day: what today is, and how a moment is said beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from stead.platform.ui import words
from stead.platform.web.door import PageRequest


@dataclass(frozen=True)
class Local:
    """Now, in the practice's time zone."""

    now: datetime
    zone: ZoneInfo

    @classmethod
    def of(cls, request: PageRequest) -> Local:
        zone = ZoneInfo(request.practice.time_zone)
        return cls(request.at.astimezone(zone), zone)

    @property
    def today(self) -> date:
        return self.now.date()

    def when(self, moment: datetime) -> str:
        """Say a moment the way people do: "today's 1:00 pm meeting", "the meeting on Mon Nov 30"."""
        local = moment.astimezone(self.zone)
        if local.date() == self.today:
            return f"today's {words.clock(local)} meeting"
        return f"the meeting on {words.day_with_weekday(local.date())}"
