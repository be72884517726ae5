"""What billing does when others act: a signed note earns its charge and its claim, in the signature's transaction; an
amended diagnosis lets the claim go that waited for it."""

from __future__ import annotations

from uuid import UUID

from stead.billing import queries
from stead.billing.actions import make_charges, make_claim, scrub_claim
from stead.platform import actors
from stead.platform.journal.follow import handles
from stead.platform.journal.models import JournalEntry


@handles("note.amended")
def look_at_held_claims(entry: JournalEntry) -> None:
    """Check the claims again that wait for the clinician's diagnosis."""
    if not entry.data.get("changed"):
        return
    for claim_id in queries.held_claims_of(UUID(entry.data["encounter_id"])):
        scrub_claim(practice=entry.practice_id, by=actors.system(), at=entry.at, claim_id=claim_id)


@handles("note.signed")
def charge_the_visit(entry: JournalEntry) -> None:
    """Charge and claim the visit. If that fails, the signature fails with it: a signed note always has its charge."""
    encounter_id, by = UUID(entry.data["encounter_id"]), actors.system()
    make_charges(practice=entry.practice_id, by=by, at=entry.at, encounter_id=encounter_id)
    make_claim(practice=entry.practice_id, by=by, at=entry.at, encounter_id=encounter_id)
