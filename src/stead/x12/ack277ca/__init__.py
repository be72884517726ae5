"""277CA claim acknowledgement: records, reader, writer. Source: 005010X214."""

from stead.x12.ack277ca.compose import compose_claim_ack
from stead.x12.ack277ca.parse import parse_claim_ack, read_claim_acks
from stead.x12.ack277ca.records import (
    GUIDE,
    ClaimAck,
    ClaimStatus,
    LineStatus,
    Outcome,
    ProviderStatus,
    Status,
    StatusCode,
)

__all__ = [
    "GUIDE", "ClaimAck", "ClaimStatus", "LineStatus", "Outcome", "ProviderStatus", "Status", "StatusCode",
    "compose_claim_ack", "parse_claim_ack", "read_claim_acks",
]  # fmt: skip
