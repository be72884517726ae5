"""What patients pay, and the statements that ask them to."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Sum

from stead.billing import actions as billing
from stead.billing.models import LedgerEntry, PaymentCard, Statement
from stead.billing.queries import balance_of, on_the_way
from stead.platform.money import Money
from stead.simulation.days.life import Life, Nothing

PAYS_TODAY = 0.05
FRIDAY = 4


def _owing() -> list[UUID]:
    rows = (
        LedgerEntry.objects.filter(account__kind="patient")
        .values("account__patient_id")
        .annotate(n=Sum("amount_cents"))
    )
    return sorted(row["account__patient_id"] for row in rows if row["account__patient_id"] and row["n"] > 0)


def patients_pay(life: Life, morning: datetime) -> None:
    """Let some of those who owe pay with the card on file, in the evening."""
    for patient_id in life.read(morning, _owing):
        if life.random.random() > PAYS_TODAY:
            continue
        at, desk = life.moment(morning, 13, 16), life.of_role("biller")
        with life.counting("payments"), life.acting(desk, at):
            card = PaymentCard.objects.filter(patient_id=patient_id, removed_at=None).order_by("id").first()
            owed: Money = balance_of(patient_id) - on_the_way(patient_id)
            if card is None or owed.cents <= 0:
                raise Nothing
            billing.take_payment(
                practice=life.practice, by=desk, at=at, patient_id=patient_id, amount=owed, method="card",
                key=f"days:{patient_id}:{morning:%Y%m%d}", card_id=card.id,
            )  # fmt: skip


def send_statements(life: Life, morning: datetime) -> None:
    """On Fridays ask those who owe and have had no statement for four weeks."""
    if morning.weekday() != FRIDAY:
        return
    since = morning - timedelta(days=28)

    def asked() -> set[UUID]:
        return set(Statement.objects.filter(made_at__gte=since).values_list("patient_id", flat=True))

    recently, biller = life.read(morning, asked), life.of_role("biller")
    for patient_id in life.read(morning, _owing):
        if patient_id not in recently:
            at = life.moment(morning, 8, 12)
            life.do("statements", billing.make_statement, biller, at, patient_id=patient_id)
