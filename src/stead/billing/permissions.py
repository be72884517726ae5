"""Who may do what with money."""

from stead.platform.permissions import declare, open_by_link

declare("billing.read", "see claims, denials and the ledger", "owner", "manager", "biller")
declare("billing.read_account", "see what a patient owes", "owner", "manager", "front_desk", "biller")
declare("billing.export", "export lists of claims, denials, accounts and remittances", "owner", "manager", "biller")
declare("billing.charge", "charge a signed visit", "owner", "manager", "biller", "system")
declare("billing.claim", "make, correct and resend claims", "owner", "manager", "biller", "system")
declare("billing.answer", "write down what payers answer", "owner", "manager", "biller", "system")
declare(
    "billing.take_payment",
    "take a payment",
    "owner", "manager", "front_desk", "biller", "patient", "system",
)  # fmt: skip
declare("billing.settle", "ask the card processor for a started payment", "owner", "manager", "biller", "system")
declare(
    "billing.vault_card",
    "keep a card with the payment processor",
    "owner", "manager", "front_desk", "intake", "biller", "patient", "system",
)  # fmt: skip
declare("billing.refund", "give money back up to the limit of their seats", "owner", "manager", "front_desk", "biller")
declare("billing.write_off", "write off up to the limit of their seats", "owner", "manager", "biller")
declare("billing.reverse", "take a posting back", "owner", "manager", "biller")
declare("billing.statement", "send statements", "owner", "manager", "biller", "system")
declare("billing.fees", "keep the fee schedule", "owner", "manager", "biller", "system")
declare("billing.pay_own", "see and pay their own account", "patient")
declare("billing.pay_by_link", "pay a statement by its link", "public")
declare("billing.set_pay_link", "say what the link of a statement may do", "owner", "manager")
open_by_link("billing.vault_card")
