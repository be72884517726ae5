"""The room of billing in the bar, and what the patient in hand shows of money."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse

from stead.billing import queries
from stead.patients import slip
from stead.platform.web import palette
from stead.platform.web.navigation import Entry, declare, declare_tab
from stead.platform.web.palette import Deed

declare(Entry("billing", "Billing", "billing_claims", "billing.read", letter="B"))
declare_tab("billing", Entry("claims", "Claims", "billing_claims", "billing.read"))
declare_tab("billing", Entry("denials", "Denials", "billing_denials", "billing.read"))
declare_tab("billing", Entry("accounts", "Patient accounts", "billing_accounts", "billing.read_account"))
declare_tab("billing", Entry("remittances", "Remittances", "billing_remittances", "billing.read"))


def balance_of_the_hand(patient_id: UUID) -> dict[str, Any]:
    """Say the balance on the slip, and lead to the payment."""
    balance = queries.balance_of(patient_id)
    links = [{"label": "Account", "url": reverse("billing_account", args=[patient_id])}]
    if balance.cents > 0:
        links.append({"label": "Take payment", "url": reverse("billing_take_payment", args=[patient_id])})
    return {"balance": str(balance), "links": links}


palette.declare(Deed("Take a payment", "billing_accounts", "billing.take_payment", also="pay money card cash check"))
palette.declare(Deed("Work on denials", "billing_denials", "billing.claim", also="denied claim appeal"))
slip.register(balance_of_the_hand, permission="billing.read_account")
