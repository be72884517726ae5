from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stead.x12.ack277ca import (
    ClaimAck,
    ClaimStatus,
    LineStatus,
    ProviderStatus,
    Status,
    StatusCode,
    compose_claim_ack,
    read_claim_acks,
)
from stead.x12.ack999 import ElementError, GroupAck, SegmentError, SetAck, compose_group_ack, read_group_acks
from stead.x12.content import Coded, Name, Received, Sum
from stead.x12.faults import Fault
from stead.x12.inbox import read_inbox
from stead.x12.tests import samples
from stead.x12.tests.samples import sole
from stead.x12.tests.test_writing import CLEAN, send

ERROR = SegmentError(
    "CLM", 22, "2300", "8",
    contexts=(("CLM01:STEAD-1",),),
    elements=(
        ElementError(5, "7", 3, None, "1325", "X", (("SITUATIONAL TRIGGER", "CLM", "22"),)),
        ElementError(2, "1"),
    ),
)  # fmt: skip
GROUP = GroupAck(
    "HC", "7", "005010X222A1", "P", 2, 2, 1,
    (SetAck("837", "0001", "A", "005010X222A1"), SetAck("837", "0002", "R", "005010X222A1", (ERROR,), ("5",))),
)  # fmt: skip


def test_group_ack_reads_back_equal() -> None:
    received = sole(read_group_acks(send(compose_group_ack(GROUP, control="0001"))))
    assert received.content == GROUP


def test_rejected_set_names_the_claim_and_is_not_accepted() -> None:
    received = sole(read_group_acks(send(compose_group_ack(GROUP, control="0001"))))
    good, bad = received.content.sets
    assert good.is_accepted and not bad.is_accepted
    assert bad.errors[0].account == "STEAD-1"


@pytest.mark.parametrize("outcome", ["R", "M", "W", "X", "?"])
def test_every_other_outcome_means_not_accepted(outcome: str) -> None:
    assert not SetAck("837", "0001", outcome).is_accepted


@pytest.mark.parametrize(
    ("controls", "agrees"),
    [({"0001", "0002"}, True), ({"0001"}, False), ({"0001", "0003"}, False), ({"0001", "0002", "0003"}, False)],
)
def test_counts_are_held_against_what_was_sent(controls: Any, agrees: Any) -> None:
    assert GROUP.agrees_with(frozenset(controls)) is agrees


@settings(max_examples=50)
@given(
    st.lists(
        st.builds(
            SetAck, st.just("837"), st.integers(1, 9999).map("{:04d}".format), st.sampled_from("AERMWX"), CLEAN,
            st.lists(st.builds(SegmentError, CLEAN, st.integers(1, 999), CLEAN, CLEAN), max_size=2).map(tuple),
        ),
        max_size=5,
    )
)  # fmt: skip
def test_any_group_ack_reads_back_equal(sets: Any) -> None:
    ack = GroupAck("HC", "1", "005010X222A1", "A", 5, 5, 5, tuple(sets), ())
    received = sole(read_group_acks(send(compose_group_ack(ack, control="0001"))))
    assert received.content == ack


@pytest.mark.parametrize(
    "body",
    [[["AK1", "HC", "7"]], [["AK1", "HC", "7"], ["AK9", "A", "x", "1", "1"]],
     [["AK1", "HC", "7"], ["IK4", "1"], ["IK5", "A"], ["AK9", "A", "1", "1", "1"]],
     [["AK1", "HC", "7"], ["AK2", "837", "0001"], ["IK4", "1", "", "1"], ["IK5", "A"], ["AK9", "A", "1", "1", "1"]]],
)  # fmt: skip
def test_disordered_group_ack_is_a_fault(body: Any) -> None:
    sets = [samples.transaction(body, code="999", guide="005010X231A1")]
    data = samples.interchange([samples.group(sets, code="FA", version="005010X231A1")])
    fault = sole(read_group_acks(data.encode()))
    assert isinstance(fault, Fault)


TAKEN = Status((StatusCode("A2", "20"),), date(2026, 3, 3), "WQ", Decimal(151))
REFUSED = Status(
    (StatusCode("A7", "562", "85"), StatusCode("A8", "187"), StatusCode("A6", "21")), date(2026, 3, 3), "U",
    Decimal("75.5"), "NPI NOT ON FILE",
)  # fmt: skip
PATIENT = Name("EXAMPLE", "DEE", id_qualifier="MI", id="M123", entity="QC")


def claim_ack() -> ClaimAck:
    line = LineStatus(("HC", "H0004", "HO"), Decimal("75.5"), (REFUSED,), "2-1", "20260217", Decimal(1))
    claims = (
        ClaimStatus("STEAD-1", PATIENT, (TAKEN,), "ICN1", "CH77", "20260217"),
        ClaimStatus("STEAD-2", PATIENT, (REFUSED,), "", "CH78", "20260217-20260218", (line,)),
    )
    provider = ProviderStatus(
        Name("PRACTICE", kind="2", id_qualifier="XX", id=samples.NPI, entity="85"), "0",
        (Status((StatusCode("A1", "19", "PR"),), date(2026, 3, 3), "WQ", Decimal("226.5")),),
        quantities=(Sum("QA", Decimal(1)), Sum("QC", Decimal(1))),
        amounts=(Sum("YU", Decimal(151)), Sum("YY", Decimal("75.5"))),
        claims=claims,
    )  # fmt: skip
    return ClaimAck(
        "R1", "202603030815", Name("SANDBOX PAYER", kind="2", id_qualifier="PI", id="SBX01", entity="PR"),
        Name("STEAD", kind="2", id_qualifier="46", id="SUB1", entity="41"), "BATCH1",
        (Status((StatusCode("A1", "19", "PR"),), date(2026, 3, 3), "WQ", Decimal("226.5")),),
        (Sum("90", Decimal(1)), Sum("AA", Decimal(1))), (Sum("YU", Decimal(151)), Sum("YY", Decimal("75.5"))),
        (provider,), "T9", (Coded("050", "20260303"), Coded("009", "20260303")),
    )  # fmt: skip


def test_claim_ack_reads_back_equal() -> None:
    received = sole(read_claim_acks(send(compose_claim_ack(claim_ack(), control="0001"))))
    assert received.content == claim_ack()


def test_claim_ack_tells_what_became_of_each_claim() -> None:
    received = sole(read_claim_acks(send(compose_claim_ack(claim_ack(), control="0001"))))
    ack = received.content
    assert (ack.batch, ack.outcome) == ("BATCH1", "accepted")
    assert [(one.account, one.outcome, one.payer_number) for one in ack.claims] == [
        ("STEAD-1", "accepted", "ICN1"),
        ("STEAD-2", "rejected", ""),
    ]
    assert (ack.counted, ack.charged) == (2, Decimal("226.5"))
    assert msgspec.structs.replace(ack, quantities=(), amounts=()).counted is None


@pytest.mark.parametrize(
    ("category", "action", "outcome"),
    [("A0", "WQ", "accepted"), ("A1", "WQ", "accepted"), ("A2", "WQ", "accepted"), ("A5", "WQ", "accepted"),
     ("A3", "U", "rejected"), ("A6", "U", "rejected"), ("A7", "U", "rejected"), ("A8", "U", "rejected"),
     ("A7", "", "rejected"), ("A4", "U", "unclear"), ("A1", "U", "unclear"), ("A7", "WQ", "unclear"),
     ("E1", "U", "unclear"), ("", "WQ", "unclear")],
)  # fmt: skip
def test_status_is_judged_or_left_to_a_person(category: str, action: str, outcome: str) -> None:
    assert Status((StatusCode(category),), action=action).outcome == outcome


def test_claim_ack_that_names_no_batch_is_a_fault() -> None:
    data = send(compose_claim_ack(claim_ack(), control="0001")).replace(b"TRN*2*BATCH1", b"TRN*2*")
    fault = sole(read_claim_acks(data))
    assert isinstance(fault, Fault)


def test_inbox_types_transactions_by_content() -> None:
    data = send(compose_claim_ack(claim_ack(), control="0001")) + samples.plain().encode()
    data += send(compose_group_ack(GROUP, control="0001"))
    kinds = [type(item.content).__name__ for item in read_inbox(data) if isinstance(item, Received)]
    assert kinds == ["ClaimAck", "Remittance", "GroupAck"]


@pytest.mark.filterwarnings("default")
def test_pyx12_reads_our_group_ack() -> None:
    from stead.x12.tests.test_claim837p import pyx12_errors

    assert pyx12_errors(send(compose_group_ack(GROUP, control="0001"))) == []
