"""Prove an 835 to the cent, at three levels, with exact decimals and no tolerance.

Line: charge less its adjustments is what was paid. Claim: the same with the adjustments of the claim and all its
lines, and the lines add up to the claim. Transaction: the claims less the provider adjustments are the money sent.
Example: paid 100, 50 and -100 (a reversal) with a PLB of 20 held back makes BPR02 = 30.

CLP05 should repeat the PR adjustments; payers slip here without money being wrong, so that is a warning.
Source: 005010X221A1 §1.10.2 (our wording).
"""

from decimal import Decimal
from typing import Literal

import msgspec

from stead.x12.content import ZERO
from stead.x12.remit835.records import RemitClaim, Remittance

type Level = Literal["transaction", "claim", "claim_charges", "claim_payments", "line", "patient_share"]


class Imbalance(msgspec.Struct, frozen=True, gc=False):
    """One sum that does not hold; `claim` and `line` count from 1 within the transaction and the claim, 0 for none."""

    level: Level
    expected: Decimal
    found: Decimal
    claim: int = 0
    line: int = 0
    is_warning: bool = False


def check_balance(remittance: Remittance) -> list[Imbalance]:
    """List every sum of the remittance that does not hold; empty means it may be posted."""
    wrong: list[Imbalance] = []
    total = ZERO
    for index, claim in enumerate(remittance.claims, start=1):
        total += claim.paid
        _check_claim(claim, index, wrong)
    for moved in remittance.provider_adjustments:
        total -= moved.amount
    payment = remittance.payment
    money = -payment.amount if payment.flag == "D" else payment.amount
    if total != money:
        wrong.append(Imbalance("transaction", total, money))
    return wrong


def is_balanced(remittance: Remittance) -> bool:
    """Tell whether every sum holds, warnings aside."""
    return not any(not found.is_warning for found in check_balance(remittance))


def _check_claim(claim: RemitClaim, index: int, wrong: list[Imbalance]) -> None:
    own = patient_share = ZERO
    for moved in claim.adjustments:
        own += moved.amount
        if moved.group == "PR":
            patient_share += moved.amount
    adjusted, charges, payments = own, ZERO, ZERO
    for position, line in enumerate(claim.lines, start=1):
        left = line.charge
        for moved in line.adjustments:
            left -= moved.amount
            if moved.group == "PR":
                patient_share += moved.amount
        adjusted += line.charge - left
        charges += line.charge
        payments += line.paid
        if left != line.paid:
            wrong.append(Imbalance("line", left, line.paid, index, position))
    if claim.charge - adjusted != claim.paid:
        wrong.append(Imbalance("claim", claim.charge - adjusted, claim.paid, index))
    if claim.lines and charges != claim.charge:
        wrong.append(Imbalance("claim_charges", charges, claim.charge, index))
    if claim.lines and payments - own != claim.paid:
        wrong.append(Imbalance("claim_payments", payments - own, claim.paid, index))
    if patient_share != claim.patient_owes:
        wrong.append(Imbalance("patient_share", patient_share, claim.patient_owes, index, is_warning=True))
