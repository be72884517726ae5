"""Change the money: charges, claims, payers' answers, payments, statements, write-offs.

One module per noun; the doors are gathered here, so that callers write `billing.actions.take_payment(...)`.
"""

from stead.billing.actions.charges import add_fee, make_charges
from stead.billing.actions.claims import (
    make_claim,
    record_acknowledged,
    record_claim_sent,
    record_rejected,
    resubmit_claim,
    scrub_claim,
)
from stead.billing.actions.denials import bill_patient
from stead.billing.actions.pay_links import pay_by_link, set_pay_link
from stead.billing.actions.payments import begin_settlement, settle_payment, take_payment, vault_card
from stead.billing.actions.refunds import begin_refund, refund_payment, settle_refund, void_payment
from stead.billing.actions.remittances import (
    close_answer,
    match_remittance_claim,
    post_remittance,
    settle_provider_adjustment,
)
from stead.billing.actions.statements import make_statement, tell_of_statement
from stead.billing.actions.voids import void_charge
from stead.billing.actions.write_offs import reverse_transaction, write_off

__all__ = [
    "add_fee",
    "begin_refund",
    "begin_settlement",
    "bill_patient",
    "close_answer",
    "make_charges",
    "make_claim",
    "make_statement",
    "match_remittance_claim",
    "pay_by_link",
    "post_remittance",
    "record_acknowledged",
    "record_claim_sent",
    "record_rejected",
    "refund_payment",
    "resubmit_claim",
    "reverse_transaction",
    "scrub_claim",
    "set_pay_link",
    "settle_payment",
    "settle_provider_adjustment",
    "settle_refund",
    "take_payment",
    "tell_of_statement",
    "vault_card",
    "void_charge",
    "void_payment",
    "write_off",
]
