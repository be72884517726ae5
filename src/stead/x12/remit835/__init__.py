"""835 remittance advice: read it streaming, prove its sums, write it. Source: 005010X221A1."""

from stead.x12.adjustments import Adjustment
from stead.x12.remit835.balance import Imbalance, check_balance, is_balanced
from stead.x12.remit835.compose import compose_remittance
from stead.x12.remit835.parse import parse_remittance, read_remittances
from stead.x12.remit835.records import (
    GUIDE,
    Account,
    ClaimGroup,
    Organisation,
    Payment,
    Procedure,
    ProviderAdjustment,
    RemitClaim,
    RemitLine,
    Remittance,
)

__all__ = [
    "GUIDE",
    "Account",
    "Adjustment",
    "ClaimGroup",
    "Imbalance",
    "Organisation",
    "Payment",
    "Procedure",
    "ProviderAdjustment",
    "RemitClaim",
    "RemitLine",
    "Remittance",
    "check_balance",
    "compose_remittance",
    "is_balanced",
    "parse_remittance",
    "read_remittances",
]
