"""What stands before everything else on every Today: people who may be in danger, then urgent ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from stead.intake.models import SafetyAlarm
from stead.operating.links import address
from stead.platform.access import log
from stead.platform.ui import words
from stead.processes.models import Case
from stead.processes.queries import alerts

SHOWN = 20


@dataclass(frozen=True)
class Alert:
    """One case that goes before all others. `ringing` says that nobody has it; `when` is since when a crisis stands, or
    by when somebody urgent is seen."""

    title: str
    crisis: bool
    ringing: bool
    whose: str
    when: str
    url: str


def lines(at: datetime, zone: ZoneInfo) -> list[Alert]:
    """Return them in two queries; in the one when there is none."""
    cases = list(alerts()[:SHOWN])
    crises = [case.id for case in cases if case.alert == "crisis"]
    known: dict[UUID, SafetyAlarm] = {}
    if crises:
        known = {row.case_id: row for row in SafetyAlarm.objects.filter(case_id__in=crises).exclude(state="settled")}
    log.reads_all(case.patient_id for case in cases)
    return [_alert(case, known.get(case.id), at, zone) for case in cases]


def _alert(case: Case, alarm: SafetyAlarm | None, at: datetime, zone: ZoneInfo) -> Alert:
    crisis = case.alert == "crisis"
    owner = case.owner_staff.name if case.owner_staff else ""
    limit = words.moment(case.alert_by.astimezone(zone)) if case.alert_by else ""
    return Alert(
        title=case.title,
        crisis=crisis,
        ringing=alarm is not None and alarm.state == "ringing",
        whose=alarm.taken_by_name if alarm else owner,
        when=words.length((at - case.opened_at).total_seconds() / 60) if crisis else limit,
        url=address("intake_safety_alarm", alarm.id) if alarm else address("processes_case", case.id),
    )
