"""What billing does when others act: a signed note earns its charge and its claim, in the signature's transaction."""

from __future__ import annotations

from uuid import UUID

from stead.billing.actions import make_charges, make_claim
from stead.platform import actors
from stead.platform.journal.follow import handles
from stead.platform.journal.models import JournalEntry


@handles("note.signed")
def charge_the_visit(entry: JournalEntry) -> None:
    """Charge and claim the visit. If that fails, the signature fails with it: a signed note always has its charge."""
    encounter_id, by = UUID(entry.data["encounter_id"]), actors.system()
    make_charges(practice=entry.practice_id, by=by, at=entry.at, encounter_id=encounter_id)
    make_claim(practice=entry.practice_id, by=by, at=entry.at, encounter_id=encounter_id)
