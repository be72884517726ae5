"""Rows that billing needs to stand on, and remittances as a payer would send them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from stead.billing import actions, ports, queries
from stead.billing.models import Claim, Payment
from stead.care import actions as care
from stead.care.models import Encounter
from stead.care.tests.cast import dee, draft_of, service, session_of, visit
from stead.coverage import actions as coverage
from stead.coverage.models import Payer
from stead.coverage.terms import PayerDetails
from stead.patients.models import Patient
from stead.platform.actors import Actor
from stead.platform.money import Money
from stead.practice.models import PracticeProfile, Seat, SeatHolding
from stead.x12.adjustments import Adjustment
from stead.x12.content import Coded
from stead.x12.remit835 import (
    ClaimGroup,
    Organisation,
    Procedure,
    ProviderAdjustment,
    RemitClaim,
    RemitLine,
    Remittance,
)
from stead.x12.remit835 import Payment as PayerPayment

Trios = Sequence[tuple[str, str, int]]


def profile() -> PracticeProfile:
    return PracticeProfile.objects.first() or PracticeProfile.objects.create(
        legal_name="Linden Street Counseling",
        npi="1487654323",
        tax_id="612345678",
        taxonomy="261QM0801X",
        phone="5025550100",
        email="office@example.test",
        line1="214 Linden Street",
        city="Louisville",
        state="KY",
        zip_code="402020001",
    )


def payer(practice: UUID, by: Actor, at: datetime, name: str = "Bluegrass Mutual", **more: Any) -> Payer:
    edi_id = more.pop("edi_id", "BGM01")
    found = Payer.objects.filter(edi_id=edi_id).first()
    return found or coverage.add_payer(practice=practice, by=by, at=at, details=PayerDetails(name, edi_id, **more))


@dataclass
class House:
    """The practice of a test: its door, its people, and short ways to make money move."""

    practice: UUID
    by: Actor
    clinician: Actor
    at: datetime
    patient: Patient
    payer: Payer

    @property
    def door(self) -> dict[str, Any]:
        return {"practice": self.practice, "by": self.by, "at": self.at}

    def visit(self, days_ago: int = 0, patient: Patient | None = None, **more: Any) -> Encounter:
        starts = self.at - timedelta(days=days_ago, hours=3)
        booked = visit(patient or self.patient, self.clinician, starts, service(), **more)
        return session_of(booked, self.clinician, starts)

    def sign(self, encounter: Encounter) -> None:
        note = draft_of(self.practice, self.clinician, self.at, encounter)
        care.sign_note(practice=self.practice, by=self.clinician, at=self.at, note_id=note.id)

    def claim(self, days_ago: int = 0, *, sent: bool = True) -> Claim:
        """A claim of a visit signed just now; sent and taken in, unless told otherwise."""
        encounter = self.visit(days_ago)
        self.sign(encounter)
        claim = Claim.objects.order_by("-made_at", "-number").get(lines__charge__encounter_id=encounter.id)
        if sent:
            actions.record_claim_sent(**self.door, claim_id=claim.id)
            actions.record_acknowledged(**self.door, claim_id=claim.id, kind="277CA", payer_claim_number="P1")
        return Claim.objects.get(id=claim.id)

    def post(self, *answers: RemitClaim, trace: str = "TRACE1", plb: Sequence[ProviderAdjustment] = ()) -> Any:
        told = remittance(*answers, trace=trace, plb=plb, payer_id=self.payer.edi_id)
        return actions.post_remittance(**self.door, remittance=told)

    def settle(self, payment_id: UUID) -> Payment:
        """Ask the processor and write down its answer, as the job does, inside the test's own transaction."""
        request = actions.begin_settlement(**self.door, payment_id=payment_id)
        if request is None:
            return queries.get_payment(payment_id)
        return actions.settle_payment(**self.door, payment_id=payment_id, outcome=ports.ask(request))

    def seat(self, name: str, limit: int | None, holder: Actor) -> Seat:
        key = name.lower().replace(" ", "_")
        row = Seat.objects.create(key=key, name=name, write_off_limit_cents=limit, refund_limit_cents=limit)
        SeatHolding.objects.create(seat_id=row.id, staff_id=holder.id, from_date=date(2026, 1, 1))
        return row


def cover(house: House, patient: Patient) -> None:
    coverage.add_coverage(**house.door, patient_id=patient.id, payer_id=house.payer.id, member_id="W20014522")


def dollars(cents: int) -> Decimal:
    return Money(cents).dollars


def answer(
    claim: Claim | str,
    paid: int,
    trios: Trios,
    *,
    charge: int = 15000,
    status: str = "1",
    remarks: Sequence[str] = (),
    control: str | None = None,
    payer_number: str = "P1",
) -> RemitClaim:
    """One CLP with one line; amounts in cents, a reversal is given with its signs turned."""
    number = claim if isinstance(claim, str) else claim.number
    adjustments = tuple(Adjustment(group, reason, dollars(cents)) for group, reason, cents in trios)
    line = RemitLine(
        Procedure("H0004"),
        dollars(charge),
        dollars(paid),
        adjustments=adjustments,
        refs=(Coded("6R", f"{number}-1" if control is None else control),),
        remarks=tuple(Coded("HE", code) for code in remarks),
    )
    patient = sum(cents for group, _, cents in trios if group == "PR")
    return RemitClaim(
        number, status, dollars(charge), dollars(paid), dollars(patient), payer_number=payer_number, lines=(line,)
    )


def remittance(
    *answers: RemitClaim,
    trace: str = "TRACE1",
    plb: Sequence[ProviderAdjustment] = (),
    payer_id: str = "BGM01",
    amount: Decimal | None = None,
) -> Remittance:
    total = sum((a.paid for a in answers), Decimal(0)) - sum((p.amount for p in plb), Decimal(0))
    total = total if amount is None else amount
    return Remittance(
        PayerPayment(
            abs(total), flag="D" if total < 0 else "C", trace=trace, payer_trace_id="1512345678",
            paid_date=date(2026, 11, 23),
        ),
        Organisation("Bluegrass Mutual", "XV", payer_id),
        Organisation("Linden Street Counseling", "XX", "1487654323"),
        groups=(ClaimGroup("1", tuple(answers)),),
        provider_adjustments=tuple(plb),
    )  # fmt: skip


__all__ = ["House", "Trios", "answer", "cover", "dee", "dollars", "payer", "profile", "remittance"]
