"""837P professional claim: records, writer, reader. Source: 005010X222A1."""

from stead.x12.claim837p.compose import compose_claims
from stead.x12.claim837p.parse import parse_claims, read_claims
from stead.x12.claim837p.records import (
    GUIDE,
    Attachment,
    BillingProvider,
    Claim,
    ClaimBatch,
    Contact,
    Dependent,
    Facility,
    LineAdjudication,
    OtherCoverage,
    Payer,
    Person,
    Practitioner,
    ServiceLine,
    Subscriber,
    TradingPartner,
)
from stead.x12.content import Address

__all__ = [
    "GUIDE", "Address", "Attachment", "BillingProvider", "Claim", "ClaimBatch", "Contact", "Dependent", "Facility",
    "LineAdjudication", "OtherCoverage", "Payer", "Person", "Practitioner", "ServiceLine", "Subscriber",
    "TradingPartner", "compose_claims", "parse_claims", "read_claims",
]  # fmt: skip
