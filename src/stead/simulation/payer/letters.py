"""Write the sandbox payer's answers as records of `x12`: 271, 999, 277CA, 835."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from stead.simulation.payer.members import Member, member_of
from stead.simulation.payer.verdicts import Verdict
from stead.x12.ack277ca import ClaimAck, ClaimStatus, ProviderStatus, Status, StatusCode
from stead.x12.ack999 import GroupAck, SetAck
from stead.x12.claim837p import Claim, ClaimBatch
from stead.x12.content import ZERO, Coded, Name, Sum
from stead.x12.eligibility import Benefit, Inquiry, InquiryBatch, InquiryPerson, Rejection, Reply, ReplyBatch
from stead.x12.headers import Heading
from stead.x12.remit835 import ClaimGroup, Organisation, Payment, Procedure, RemitClaim, RemitLine, Remittance

ORIGIN = "1999999999"
_MENTAL = ("MH",)


def replies_of(batch: InquiryBatch, at: datetime) -> ReplyBatch | None:
    """Answer each question by the member's number; None when no member in it ever answers."""
    said = [reply for inquiry in batch.inquiries if (reply := _reply(inquiry)) is not None]
    return ReplyBatch(batch.reference, at, tuple(said)) if said else None


def _reply(inquiry: Inquiry) -> Reply | None:
    member = member_of(inquiry.subscriber.member_id)
    if member.is_silent:
        return None
    who = inquiry.dependent or inquiry.subscriber
    level = "dependent" if inquiry.dependent else "subscriber"
    rejections = (Rejection(level, member.rejection, "C" if member.rejection == "75" else "R"),)
    return Reply(
        payer=_company(inquiry.payer_name, inquiry.payer_id, "PR", "PI"),
        provider=_company(inquiry.provider_name, inquiry.provider_npi, "1P", "XX"),
        subscriber=_person(inquiry.subscriber, "IL"),
        dependent=_person(inquiry.dependent, "03") if inquiry.dependent else None,
        trace=inquiry.trace,
        trace_origin=inquiry.trace_origin,
        birth_date=who.birth_date,
        sex=who.sex,
        dates=(Coded("291", f"{inquiry.service_date:%Y%m%d}"),),
        rejections=rejections if member.rejection else (),
        benefits=() if member.rejection else tuple(_benefits(member)),
    )


def _benefits(member: Member) -> list[Benefit]:
    if not member.is_active:
        return [Benefit("6", service_types=("30",))]
    rows = [Benefit("1", "IND", ("30",), plan_name="SANDBOX PLAN")]
    if member.carve_out:
        other = Name(member.carve_out.upper(), kind="2", entity="PR", id_qualifier="PI", id="OVB01")
        return [*rows, Benefit("U", service_types=_MENTAL, entities=(other,), messages=("CALL THE OTHER PAYER",))]
    yes = "Y" if member.needs_authorization else "N"
    rows.append(Benefit("1", "IND", _MENTAL, authorization=yes, in_network="Y"))
    if member.copay is not None:
        rows.append(Benefit("B", "IND", _MENTAL, period="27", amount=member.copay, in_network="Y"))
    if member.coinsurance is not None:
        rows.append(Benefit("A", "IND", _MENTAL, fraction=member.coinsurance, in_network="Y"))
    if member.deductible_left is not None:
        rows.append(Benefit("C", "IND", ("30",), period="23", amount=Decimal(1000), in_network="Y"))
        rows.append(Benefit("C", "IND", ("30",), period="29", amount=member.deductible_left, in_network="Y"))
    return rows


def group_ack_of(heading: Heading) -> GroupAck:
    """Take in the group of one transaction."""
    group = heading.group
    taken = SetAck(heading.code, heading.control, "A", heading.guide)
    return GroupAck(group.code, group.control, group.version, "A", 1, 1, 1, (taken,))


def is_rejected(claim: Claim) -> bool:
    return member_of(claim.subscriber.member_id).rejection == "75"


def claim_ack_of(batch: ClaimBatch, at: datetime, numbers: dict[str, str]) -> ClaimAck:
    """Tell which claims were taken in, with the payer's numbers for them."""
    taken = [claim for claim in batch.claims if not is_rejected(claim)]
    back = [claim for claim in batch.claims if is_rejected(claim)]
    billing = batch.claims[0].billing
    provider = ProviderStatus(
        Name(billing.organisation, kind="2", id_qualifier="XX", id=billing.npi, entity="85"),
        claims=tuple(_claim_status(claim, at, numbers) for claim in batch.claims),
    )
    return ClaimAck(
        reference=batch.reference,
        created=f"{at:%Y%m%d%H%M}",
        source=_company("SANDBOX CLEARINGHOUSE", batch.receiver.id, "AY", "46"),
        receiver=_company(batch.submitter.name, batch.submitter.id, "41", "46"),
        batch=batch.reference,
        statuses=(Status((StatusCode("A1", "19", "PR"),), at.date(), "WQ", _charges(batch.claims)),),
        quantities=(Sum("90", Decimal(len(taken))), Sum("AA", Decimal(len(back)))),
        amounts=(Sum("YU", _charges(taken)), Sum("YY", _charges(back))),
        providers=(provider,),
        source_trace=batch.reference,
        source_dates=(Coded("050", f"{at:%Y%m%d}"), Coded("009", f"{at:%Y%m%d}")),
    )


def _charges(claims: Sequence[Claim]) -> Decimal:
    return sum((claim.charge for claim in claims), ZERO)


def _claim_status(claim: Claim, at: datetime, numbers: dict[str, str]) -> ClaimStatus:
    rejected = is_rejected(claim)
    code = StatusCode("A3", "33", "IL") if rejected else StatusCode("A2", "20", "PR")
    words = "SUBSCRIBER NOT FOUND" if rejected else ""
    status = Status((code,), at.date(), "U" if rejected else "WQ", claim.charge, words)
    return ClaimStatus(
        claim.account,
        _patient(claim),
        (status,),
        "" if rejected else numbers[claim.account],
        service_date=f"{claim.lines[0].service_date:%Y%m%d}",
    )


def remittance_of(verdicts: Sequence[Verdict], trace: str, at: datetime, numbers: dict[str, str]) -> Remittance:
    """Pay the claims of one payer in one go; nothing to pay is a remittance of zero (method NON)."""
    first = verdicts[0].claim
    paid = sum((one.paid for one in verdicts), ZERO)
    pay = Payment(
        amount=paid,
        handling="I" if paid else "H",
        method="ACH" if paid else "NON",
        paid_date=at.date(),
        trace=trace,
        payer_trace_id=ORIGIN,
    )
    return Remittance(
        payment=pay,
        payer=Organisation(first.payer.name, "XV", first.payer.id),
        payee=Organisation(first.billing.organisation, "XX", first.billing.npi),
        groups=(ClaimGroup("1", tuple(_remit_claim(one, numbers) for one in verdicts)),),
        dates=(Coded("405", f"{at:%Y%m%d}"),),
    )


def _remit_claim(verdict: Verdict, numbers: dict[str, str]) -> RemitClaim:
    claim = verdict.claim
    return RemitClaim(
        account=claim.account,
        status=verdict.status,
        charge=claim.charge,
        paid=verdict.paid,
        patient_owes=verdict.patient_owes,
        filing_code=claim.subscriber.filing_code,
        payer_number=numbers[claim.account],
        place=claim.place,
        frequency=claim.frequency,
        names=(_patient(claim),),
        lines=tuple(
            RemitLine(
                procedure=Procedure(one.line.code, modifiers=one.line.modifiers),
                charge=one.line.charge,
                paid=one.paid,
                units_paid=one.line.units,
                dates=(Coded("472", f"{one.line.service_date:%Y%m%d}"),),
                adjustments=one.adjustments,
                refs=(Coded("6R", one.line.control),) if one.line.control else (),
                remarks=tuple(Coded("HE", code) for code in one.remarks),
            )
            for one in verdict.lines
        ),
    )


def _patient(claim: Claim) -> Name:
    name = claim.dependent.name if claim.dependent else claim.subscriber.name
    member = "" if claim.dependent else claim.subscriber.member_id
    return Name(name.last, name.first, id_qualifier="MI" if member else "", id=member, entity="QC")


def _company(name: str, number: str, entity: str, qualifier: str) -> Name:
    return Name(name, kind="2", id_qualifier=qualifier, id=number, entity=entity)


def _person(who: InquiryPerson, entity: str) -> Name:
    return Name(who.last, who.first, id_qualifier="MI" if who.member_id else "", id=who.member_id, entity=entity)
