"""What a broken glass sets going: the owner and the privacy officer are told at once, and one of them reviews it.

In the transaction of the opening itself, so that there is none that nobody was told of. Neither the message nor the
task says why it was opened: a reason may name a patient.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse

from stead.messaging.actions import queue_message
from stead.platform.accounts.models import Practice
from stead.platform.actors import system
from stead.platform.journal.follow import handles
from stead.platform.journal.models import JournalEntry
from stead.practice.models import StaffMember
from stead.practice.queries import calendar_of, holder_of
from stead.processes.actions import complete_task, create_task
from stead.processes.models import Task

SEATS = ("owner", "privacy_officer", "credentialing", "practice_manager")
"""Who is told, and who reviews: the first two that somebody else than the opener holds. Where nobody keeps privacy
apart from the owner, whoever keeps compliance; else the manager."""
REVIEWERS = {"owner", "manager"}
REVIEW_WITHIN = timedelta(days=1)


@handles("glass.broken")
def tell_of_an_opening(entry: JournalEntry) -> None:
    """Write the task to review it and queue a message to each of two people, never to the one who opened it."""
    people = _others(entry.actor_id, calendar_of(None).local(entry.at).date())
    seat_key = next((key for key, person in people if REVIEWERS & set(person.roles)), "owner")
    path = reverse("glass_reviews")
    create_task(
        practice=entry.practice_id, by=system(), at=entry.at, key=f"glass:{entry.subject_id}", seat_key=seat_key,
        title=f"Review the emergency opening by {entry.actor_name}", url=path, due_at=entry.at + REVIEW_WITHIN,
    )  # fmt: skip
    name = Practice.objects.get(id=entry.practice_id).name
    site = str(entry.data.get("site", "")) or "(your Stead)"
    for _, person in people[:2]:
        if person.email:
            queue_message(
                practice=entry.practice_id, by=system(), at=entry.at, key=f"glass:{entry.subject_id}:{person.id}",
                staff_id=person.id, channel="email", purpose="staff", template="glass_broken",
                context={"practice": name, "who": entry.actor_name, "link": f"{site}{path}"},
            )  # fmt: skip


def _others(opener: UUID, today: date) -> list[tuple[str, StaffMember]]:
    """Return each seat with who holds it today, without seats that nobody or the opener holds, and nobody twice."""
    holders = {holder_of(key, today).staff_id: key for key in reversed(SEATS)}
    found = StaffMember.objects.filter(id__in=[i for i in holders if i not in (None, opener)])
    return sorted(((holders[row.id], row) for row in found), key=lambda pair: SEATS.index(pair[0]))


@handles("glass.reviewed")
def end_the_task(entry: JournalEntry) -> None:
    task = Task.objects.filter(key=f"glass:{entry.subject_id}", state="open").first()
    if task is not None:
        complete_task(practice=entry.practice_id, by=system(), at=entry.at, task_id=task.id, note=entry.actor_name)
