"""Between our eligibility checks and the 270/271.

`inquiry_of` asks about one policy; `answer_of` judges the payer's reply by `x12.eligibility`: absent is not zero, and
rows that contradict each other leave the amount unknown and stand in `rows`, so that a person reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from stead.coverage.models import Coverage, EligibilityCheck
from stead.coverage.terms import AnswerState, EligibilityAnswer
from stead.patients.models import Patient
from stead.platform.money import Money
from stead.practice.models import PracticeProfile
from stead.x12.eligibility import (
    Benefit,
    Inquiry,
    InquiryPerson,
    Reply,
    coverage_state,
    deductible,
    find_carve_out,
    needs_authorization,
    visit_coinsurance,
    visit_copay,
)
from stead.x12.terms import BENEFIT, BENEFIT_PERIOD, INQUIRY_REJECTION, NETWORK, word_for

SEXES = {"female": "F", "male": "M"}
_STATES: dict[str, AnswerState] = {"active": "active", "inactive": "inactive", "not_covered": "inactive"}


def inquiry_of(check: EligibilityCheck, coverage: Coverage, patient: Patient, profile: PracticeProfile) -> Inquiry:
    """Ask with member number, name and birth date: payers search by all three."""
    is_self = coverage.relation == "self"
    person = InquiryPerson(
        patient.last_name,
        patient.first_name,
        coverage.member_id if is_self else "",
        patient.birth_date,
        SEXES.get(patient.sex, ""),
    )
    holder = InquiryPerson(
        coverage.subscriber_last_name,
        coverage.subscriber_first_name,
        coverage.member_id,
        coverage.subscriber_birth_date,
    )
    return Inquiry(
        payer_name=coverage.payer.name,
        payer_id=coverage.payer.edi_id,
        provider_name=profile.legal_name,
        provider_npi=profile.npi,
        subscriber=person if is_self else holder,
        dependent=None if is_self else person,
        trace=check.trace,
        service_date=check.service_date,
    )


def answer_of(reply: Reply) -> EligibilityAnswer:
    """Judge a reply. A payer that refused to answer, or whose rows say neither yes nor no, is "rejected": somebody
    must look, and the patient counts as not verified."""
    state = _STATES.get(coverage_state(reply), "rejected")
    carve_out = find_carve_out(reply)
    coinsurance = visit_coinsurance(reply).amount
    rejection = next(iter(reply.rejections), None)
    return EligibilityAnswer(
        state=state,
        copay_cents=_cents(visit_copay(reply).amount),
        deductible_left_cents=_cents(deductible(reply).left.amount),
        coinsurance_percent=None if coinsurance is None else int(coinsurance * 100),
        authorization_required=needs_authorization(reply),
        carve_out=carve_out.payer.last if carve_out else "",
        reject_code=rejection.reason if rejection else "",
        words=word_for(INQUIRY_REJECTION, rejection.reason) if rejection else "",
        rows=tuple(_rows(reply)),
    )


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else Money.of(amount).cents


def _rows(reply: Reply) -> Iterator[tuple[str, str]]:
    for row in reply.benefits:
        label = ", ".join(p for p in (word_for(BENEFIT, row.info), "/".join(row.service_types)) if p)
        yield label, ", ".join(_said(row)) or "said without more"


def _said(row: Benefit) -> Iterator[str]:
    if row.amount is not None:
        yield str(Money.of(row.amount))
    if row.fraction is not None:
        yield f"{(row.fraction * 100).normalize():f} %"
    if row.quantity is not None:
        yield f"{row.quantity.normalize():f} {row.quantity_kind}".strip()
    if row.period:
        yield word_for(BENEFIT_PERIOD, row.period)
    if row.in_network:
        yield word_for(NETWORK, row.in_network)
    if row.authorization == "Y":
        yield "authorization needed"
    yield from (name.last for name in row.entities)
    yield from row.messages
