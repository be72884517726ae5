"""What a gate may ask about a patient's signatures. One query answers all of them."""

from typing import Any

from stead.forms import queries, terms
from stead.platform import clock
from stead.platform.policy.facts import Cost, Fact, SharedLoader, facts
from stead.platform.policy.kinds import Kind
from stead.practice.queries import practice_day

NAMES = {
    "patient.financial_agreement_signed": (terms.FINANCIAL_AGREEMENT, "The financial agreement is signed and stands"),
    "patient.consent_signed": (terms.CONSENT_TREATMENT, "Consent to treatment is signed and stands"),
    "patient.telehealth_consent_signed": (terms.CONSENT_TELEHEALTH, "Consent to telehealth is signed and stands"),
    "patient.privacy_notice_given": (terms.PRIVACY_NOTICE, "The privacy notice was given and acknowledged"),
    "patient.card_authorization_signed": (terms.CARD_AUTHORIZATION, "The card authorization is signed and stands"),
}


def _signed(patient: Any) -> dict[str, bool]:
    # A loader gets the record and no moment; whether a signature still counts can only be asked of a day.
    standing = queries.standing_signatures(patient.id, practice_day(clock.now()))
    return {name: kind in standing for name, (kind, _) in NAMES.items()}


_loader = SharedLoader(_signed)
facts.declare(
    *(
        Fact(name, Kind.BOOL, meaning=meaning, subject="patient", cost=Cost.QUERY, load=_loader)
        for name, (_, meaning) in NAMES.items()
    )
)
