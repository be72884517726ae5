from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stead.x12.content import Address, Coded, Name
from stead.x12.eligibility import (
    Benefit,
    Inquiry,
    InquiryBatch,
    InquiryPerson,
    Rejection,
    Reply,
    ReplyBatch,
    compose_inquiries,
    compose_replies,
    coverage_state,
    deductible,
    find_carve_out,
    needs_authorization,
    out_of_pocket,
    read_inquiries,
    read_replies,
    visit_coinsurance,
    visit_copay,
)
from stead.x12.faults import Fault, UnwritableError
from stead.x12.tests import samples
from stead.x12.tests.samples import sole
from stead.x12.tests.test_writing import CLEAN, send

DEE = InquiryPerson("EXAMPLE", "DEE", "M123", date(1990, 1, 2), "F")
KIT = InquiryPerson("EXAMPLE", "KIT", "", date(2015, 5, 6), "M")


def inquiry(**changes: Any) -> Inquiry:
    fields: dict[str, Any] = {
        "payer_name": "SANDBOX PAYER", "payer_id": "SBX01", "provider_name": "PRACTICE", "provider_npi": samples.NPI,
        "subscriber": DEE, "trace": "T1", "service_date": date(2026, 3, 9), "place": "11",
    }  # fmt: skip
    return Inquiry(**(fields | changes))


def ask(*inquiries: Inquiry) -> tuple[InquiryBatch, InquiryBatch]:
    batch = InquiryBatch("R1", samples.AT, inquiries)
    received = sole(read_inquiries(send(compose_inquiries(batch, control="0001"))))
    return batch, received.content


def test_inquiries_read_back_equal() -> None:
    sent, read = ask(
        inquiry(), inquiry(trace="T2", dependent=KIT), inquiry(trace="T3", payer_id="SBX02"),
        inquiry(trace="T4", payer_id="SBX02", provider_npi=samples.NPI2, service_types=("30",), place=""),
    )  # fmt: skip
    assert read == sent


@settings(max_examples=50, deadline=None)
@given(st.lists(st.builds(
    inquiry, payer_name=CLEAN, provider_name=CLEAN, trace=CLEAN,
    subscriber=st.builds(InquiryPerson, CLEAN, CLEAN, CLEAN, st.none() | st.just(date(1980, 2, 3)), st.just("")),
    dependent=st.none() | st.just(KIT), service_types=st.sampled_from([("30",), ("MH", "30", "98")]),
), min_size=1, max_size=4))  # fmt: skip
def test_any_inquiries_read_back_equal(inquiries: Any) -> None:
    sent, read = ask(*inquiries)
    assert read == sent


def test_repeated_service_types_are_read() -> None:
    data = send(compose_inquiries(InquiryBatch("R1", samples.AT, (inquiry(place=""),)), control="0001"))
    data = data.replace(b"EQ*MH~EQ*30~", b"EQ*MH^30~").replace(b"SE*14", b"SE*13")
    received = sole(read_inquiries(data))
    assert received.content.inquiries[0].service_types == ("MH", "30")


def benefit(info: str, amount: Any = None, types: Any = ("MH",), network: str = "Y", **more: Any) -> Benefit:
    money = None if amount is None else Decimal(str(amount))
    return Benefit(info, service_types=types, amount=money, in_network=network, **more)


PAYER = Name("SANDBOX PAYER", kind="2", id_qualifier="PI", id="SBX01", entity="PR")
PROVIDER = Name("PRACTICE", kind="2", id_qualifier="XX", id=samples.NPI, entity="1P")
MEMBER = Name("EXAMPLE", "DEE", id_qualifier="MI", id="M123", entity="IL")
CHILD = Name("EXAMPLE", "KIT", entity="03")
PLACE = Address("1 MAIN STREET", "SPRINGFIELD", "IL", "627010001")
CARVE = benefit("U", entities=(Name("MIND CARE", kind="2", id_qualifier="PI", id="MC1", entity="PR"),), network="")


def reply(*benefits: Benefit, **changes: Any) -> Reply:
    fields: dict[str, Any] = {
        "payer": PAYER, "provider": PROVIDER, "subscriber": MEMBER, "trace": "T1", "trace_origin": "9STEAD0000",
        "subscriber_address": PLACE, "birth_date": date(1990, 1, 2), "sex": "F", "refs": (Coded("6P", "G1"),),
        "dates": (Coded("346", "20260101"), Coded("291", "20260301-20260331")), "benefits": benefits,
    }  # fmt: skip
    return Reply(**(fields | changes))


def answered(*replies: Reply) -> tuple[ReplyBatch, ReplyBatch]:
    batch = ReplyBatch("R1", samples.AT, replies)
    received = sole(read_replies(send(compose_replies(batch, control="0001"))))
    return batch, received.content


def test_replies_read_back_equal() -> None:
    rich = benefit(
        "B", "20.50", ("MH", "98"), coverage_level="IND", plan_name="GOLD", period="27", authorization="N",
        procedure=("HC", "H0004", "95"), dates=(Coded("292", "20260101"),), refs=(Coded("9F", "X"),),
        messages=("TELEHEALTH ONLY",), places=("10",), fraction=Decimal("0.2"), quantity_kind="VS", quantity=Decimal(8),
        rejections=(Rejection("benefit", "15", "C"),),
    )  # fmt: skip
    child = reply(
        benefit("1"), dependent=CHILD, dependent_address=PLACE, birth_date=date(2015, 5, 6), sex="M",
        subscriber_birth_date=date(1990, 1, 2), subscriber_sex="F",
    )  # fmt: skip
    unknown = reply(rejections=(Rejection("subscriber", "75", "C"),), dates=(), refs=())
    sent, read = answered(reply(benefit("1"), rich, CARVE), child, unknown)
    assert read == sent


def test_refusal_before_any_person_is_an_answer() -> None:
    refused = Reply(PAYER, Name(), Name(), rejections=(Rejection("source", "42", "R"),))
    data = send(compose_replies(ReplyBatch("R1", samples.AT, (reply(),)), control="0001")).decode()
    body = [["BHT", "0022", "11", "R1", "20260302", "073000"], ["HL", "1", "", "20", "0"], ["AAA", "Y", "", "42", "R"],
            ["NM1", "PR", "2", "SANDBOX PAYER", "", "", "", "", "PI", "SBX01"]]  # fmt: skip
    sets = [samples.transaction(body, code="271", guide="005010X279A1")]
    received = sole(read_replies(samples.interchange([samples.group(sets)]).encode()))
    (said,) = received.content.replies
    assert said == msgspec.structs.replace(refused, rejections=(Rejection("source", "42", "R", "Y"),))
    assert coverage_state(said) == "refused"
    assert said.rejections[0].may_be_resent
    assert data


def test_answer_about_nobody_is_a_fault() -> None:
    sets = [samples.transaction([["BHT", "0022", "11", "R1", "20260302", "0730"]], code="271", guide="005010X279A1")]
    fault = sole(read_replies(samples.interchange([samples.group(sets)]).encode()))
    assert isinstance(fault, Fault)


def test_elements_without_field_are_kept_and_not_written() -> None:
    with pytest.raises(UnwritableError):
        compose_replies(ReplyBatch("R1", samples.AT, (reply(benefit("1", further=("1",))),)), control="0001")


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([benefit("1")], "active"),
        ([benefit("6")], "inactive"),
        ([benefit("I")], "not_covered"),
        ([benefit("1"), benefit("I")], "unknown"),
        ([benefit("1", types=("30",))], "active"),
        ([benefit("I"), benefit("1", types=("30",))], "not_covered"),
        ([benefit("1", types=())], "active"),
        ([benefit("6", types=("30",)), benefit("1", types=("88",))], "inactive"),
        ([benefit("B", 20)], "unknown"),
        ([], "unknown"),
    ],
)
def test_coverage_state(rows: Any, state: Any) -> None:
    assert coverage_state(reply(*rows)) == state


@pytest.mark.parametrize(
    ("rows", "amount", "conflicting"),
    [
        ([benefit("B", 20), benefit("B", 40, ("98",)), benefit("B", 60, network="N")], "20", False),
        ([benefit("B", 15, ("A6",)), benefit("B", 20)], "15", False),
        ([benefit("B", 40, ("98",), "W"), benefit("B", 10, ("30",))], "40", False),
        ([benefit("B", 25, network="")], "25", False),
        ([benefit("B", 25, network=""), benefit("B", 30, ("30",), "Y")], "30", False),
        ([benefit("B", 0)], "0", False),
        ([benefit("B", 20), benefit("B", 30)], None, True),
        ([benefit("B", 20), benefit("B", 20)], "20", False),
        ([benefit("B", 60, network="N")], None, False),
        ([benefit("B", 20), benefit("B", 5, places=("10",)), benefit("B", 6, procedure=("HC", "H0004"))], "20", False),
        ([], None, False),
    ],
)
def test_copay_of_a_therapy_visit(rows: Any, amount: Any, conflicting: Any) -> None:
    answer = visit_copay(reply(*rows))
    assert answer.amount == (None if amount is None else Decimal(amount))
    assert answer.is_conflicting is conflicting


def test_coinsurance_is_a_fraction() -> None:
    assert visit_coinsurance(reply(benefit("A", fraction=Decimal("0.2")))).amount == Decimal("0.2")


def test_deductible_pairs_the_total_with_its_rest() -> None:
    rows = [
        benefit("C", 1000, ("30",), coverage_level="IND", period="23"),
        benefit("C", 250, ("30",), coverage_level="IND", period="29"),
        benefit("C", 3000, ("30",), coverage_level="FAM", period="23"),
        benefit("C", 99, ("30",), "N", coverage_level="IND", period="29"),
        benefit("G", 5000, ("30",), coverage_level="IND", period="23"),
    ]
    limit = deductible(reply(*rows))
    assert (limit.total.amount, limit.left.amount) == (Decimal(1000), Decimal(250))
    assert deductible(reply(*rows), "FAM").left.amount is None
    assert (out_of_pocket(reply(*rows)).total.amount, out_of_pocket(reply(*rows)).left.amount) == (Decimal(5000), None)


def test_rest_of_another_limit_is_not_taken() -> None:
    rows = [benefit("C", 1000, ("30",), period="23"), benefit("C", 5, ("MH",), period="29")]
    assert deductible(reply(*rows)).left.amount is None


def test_carve_out_names_the_other_payer() -> None:
    found = find_carve_out(reply(benefit("1", types=("30",)), CARVE))
    assert found is not None and found.payer.id == "MC1"
    assert find_carve_out(reply(benefit("1"))) is None


@pytest.mark.parametrize(
    ("flags", "needed"), [(("Y",), True), (("N",), False), (("Y", "N"), None), (("U",), None), ((), None)]
)
def test_need_of_an_authorization(flags: Any, needed: Any) -> None:
    assert needs_authorization(reply(*(benefit("1", authorization=flag) for flag in flags))) is needed


BENEFITS = st.builds(
    Benefit, st.sampled_from(["1", "B", "C", "G"]), st.sampled_from(["", "IND"]),
    st.sampled_from([(), ("MH",), ("30", "98")]), st.just(""), CLEAN | st.just(""), st.sampled_from(["", "23"]),
    st.none() | st.integers(0, 10**6).map(lambda cents: Decimal(cents) / 100),
    messages=st.lists(CLEAN, max_size=2).map(tuple),
    entities=st.lists(st.builds(Name, CLEAN, entity=st.just("PR")), max_size=2).map(tuple),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(BENEFITS, max_size=4).map(lambda rows: reply(*rows)), min_size=1, max_size=3))
def test_any_replies_read_back_equal(replies: Any) -> None:
    sent, read = answered(*replies)
    assert read == sent
