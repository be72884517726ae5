"""What is told to somebody whose roles were changed or whose work here ends; an open invitation ends with it."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from stead.messaging.actions import queue_message
from stead.platform.accounts.models import Practice
from stead.platform.actors import system
from stead.platform.jobs.queue import enqueue
from stead.platform.journal.follow import handles
from stead.platform.journal.models import JournalEntry
from stead.platform.ui import words
from stead.practice import queries as practice_queries
from stead.practice.models import StaffMember
from stead.setup.models import StaffInvitation


@handles("staff_member.roles_changed")
def tell_of_roles(entry: JournalEntry) -> None:
    roles = words.listed([str(role).replace("_", " ") for role in entry.data["roles"]])
    _tell(entry, "staff_roles_changed", roles=roles)


@handles("staff_member.ended")
def end_what_is_left(entry: JournalEntry) -> None:
    """End the invitation that is still open, set the clock for the day when access ends, and tell the person."""
    gone = date.fromisoformat(entry.data["first_day_without"])
    who = UUID(str(entry.subject_id))
    StaffInvitation.objects.filter(staff_id=who, used_at=None, ended_at=None).update(ended_at=entry.at)
    if entry.data["access"] == "until then":
        midnight = datetime.combine(gone, time(), practice_queries.practice_zone())
        enqueue("setup.end_access", at=midnight, staff_id=who)
    _tell(entry, "staff_ended", day=words.long_day(gone))


def _tell(entry: JournalEntry, template: str, **values: str) -> None:
    person = StaffMember.objects.get(id=UUID(str(entry.subject_id)))
    if not person.email:
        return  # an imported person without an address: the page says so beside their name
    queue_message(
        practice=entry.practice_id, by=system(), at=entry.at, key=f"{template}:{entry.id}", staff_id=person.id,
        channel="email", purpose="staff", template=template,
        context={
            "name": person.name, "practice": Practice.objects.get(id=entry.practice_id).name,
            "who": entry.actor_name, **values,
        },
    )  # fmt: skip
