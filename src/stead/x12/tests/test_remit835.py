from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stead.x12.bench_data import remittance_file
from stead.x12.content import Address, Coded, Name, Received, Sum
from stead.x12.remit835 import (
    Account,
    Adjustment,
    ClaimGroup,
    Organisation,
    Payment,
    Procedure,
    ProviderAdjustment,
    RemitClaim,
    RemitLine,
    Remittance,
    check_balance,
    compose_remittance,
    is_balanced,
    read_remittances,
)
from stead.x12.tests import samples
from stead.x12.tests.samples import sole
from stead.x12.tests.test_writing import CLEAN, send


def read_one(data: bytes) -> Remittance:
    received: Received[Remittance] = sole(read_remittances(data))
    return received.content


@pytest.fixture
def remit() -> Remittance:
    return read_one(samples.plain().encode())


def test_everything_said_is_kept(remit: Remittance) -> None:
    first, second = remit.claims
    (line,) = first.lines
    assert first.remarks == ("MA01", "MA18")
    assert line.procedure == Procedure("H0004", "HC", ("HO", "95"))
    trios: list[Any] = [(moved.group, moved.reason, moved.amount, moved.quantity) for moved in line.adjustments]
    assert trios == [
        ("CO", "45", 15, None), ("CO", "253", 0, None),
        ("PR", "1", 5, None), ("PR", "2", 0, None), ("PR", "3", 20, None),
    ]  # fmt: skip
    assert line.amounts == (Sum("B6", Decimal(85)),)
    assert line.remarks == (Coded("HE", "N130"),)
    assert (line.control, line.service_date) == ("A1-1", date(2026, 2, 17))
    assert second.adjustments == (Adjustment("CO", "29", Decimal(50)),)
    assert remit.provider_adjustments == (ProviderAdjustment(samples.NPI, "20261231", "WO", Decimal(10), "OLD-0"),)
    assert remit.identity == ("SBX01", "T1", "1999999999", Decimal(50), date(2026, 3, 2))


def test_what_was_read_is_written_equal(remit: Remittance) -> None:
    assert read_one(send(compose_remittance(remit, control="0001"))) == remit


def test_unknown_segments_stay_with_their_loop() -> None:
    segments = samples.remit_segments()
    segments.insert(3, ["CUR", "PR", "USD"])
    segments.insert(12, ["ZZZ", "CLAIM"])
    segments.insert(16, ["ZZZ", "", "LINE"])
    remit = read_one(samples.interchange([samples.group([samples.transaction(segments)])]).encode())
    first = next(remit.claims)
    assert remit.other == (("CUR", "PR", "USD"),)
    assert first.other == (("ZZZ", "CLAIM"),)
    assert first.lines[0].other == (("ZZZ", "", "LINE"),)
    assert read_one(send(compose_remittance(remit, control="0001"))) == remit


def with_claim(remit: Remittance, index: int, **changes: Any) -> Remittance:
    claims = list(remit.claims)
    claims[index] = msgspec.structs.replace(claims[index], **changes)
    return msgspec.structs.replace(remit, groups=(ClaimGroup("1", tuple(claims)),))


def levels(remit: Remittance) -> list[tuple[str, int, int, bool]]:
    return [(found.level, found.claim, found.line, found.is_warning) for found in check_balance(remit)]


def test_balanced_remittance_has_no_findings(remit: Remittance) -> None:
    assert levels(remit) == []


def test_wrong_payment_is_found(remit: Remittance) -> None:
    wrong = msgspec.structs.replace(remit, payment=msgspec.structs.replace(remit.payment, amount=Decimal("50.01")))
    (found,) = check_balance(wrong)
    assert (found.level, found.expected, found.found) == ("transaction", Decimal(50), Decimal("50.01"))


def test_wrong_provider_adjustment_is_found(remit: Remittance) -> None:
    assert levels(msgspec.structs.replace(remit, provider_adjustments=())) == [("transaction", 0, 0, False)]


def test_wrong_line_is_found_at_line_and_claim(remit: Remittance) -> None:
    line = next(remit.claims).lines[0]
    wrong = with_claim(remit, 0, lines=(msgspec.structs.replace(line, paid=Decimal("60.01")),))
    assert levels(wrong) == [("line", 1, 1, False), ("claim_payments", 1, 0, False)]


def test_wrong_line_charge_is_found(remit: Remittance) -> None:
    line = next(remit.claims).lines[0]
    wrong = with_claim(remit, 0, lines=(msgspec.structs.replace(line, charge=Decimal(101), paid=Decimal(61)),))
    assert levels(wrong) == [("claim_charges", 1, 0, False), ("claim_payments", 1, 0, False)]


def test_wrong_claim_payment_is_found(remit: Remittance) -> None:
    assert levels(with_claim(remit, 1, paid=Decimal(1))) == [("claim", 2, 0, False), ("transaction", 0, 0, False)]


def test_wrong_patient_share_is_only_a_warning(remit: Remittance) -> None:
    wrong = with_claim(remit, 0, patient_owes=Decimal(24))
    assert levels(wrong) == [("patient_share", 1, 0, True)]
    assert is_balanced(wrong)


def test_claim_adjustment_beside_lines_is_counted_once(remit: Remittance) -> None:
    claim = next(remit.claims)
    cut = (Adjustment("OA", "23", Decimal(7)),)
    wrong = with_claim(remit, 0, adjustments=cut, paid=claim.paid - 7)
    paid = msgspec.structs.replace(wrong.payment, amount=Decimal(43))
    assert levels(msgspec.structs.replace(wrong, payment=paid)) == []


def test_generated_remittances_balance_with_reversals() -> None:
    received: list[Any] = list(read_remittances(remittance_file(950)))
    claims = [claim for item in received for claim in item.content.claims]
    assert (len(received), len(claims)) == (3, 950)
    assert sum(claim.is_reversal for claim in claims) == 19
    assert all(check_balance(item.content) == [] for item in received)


@pytest.mark.parametrize("text", ["1_0", "1E5", "NaN", "Infinity", "", "1,5", "9" * 30])
def test_odd_number_is_refused(text: str) -> None:
    data = samples.plain().replace("CAS*CO*29*50", f"CAS*CO*29*50*{text}" if text else "CAS*CO**50")
    fault = sole(read_remittances(data.encode()))
    assert fault.code in {"bad_number", "cas_without_reason"}


UNPOSTABLE = {
    "fractions of a cent": ("not_money", {"*60*": "*60.005*", "*100*": "*100.005*"}),
    "ten billions": ("not_money", {"*60*": "*10000000060*", "*100*": "*10000000100*"}),
    "no trace segment": ("trace_missing", {"TRN*1*T1*1999999999~": "NTE*ADD*X~"}),
    "empty trace number": ("trace_misplaced", {"TRN*1*T1*": "TRN*1**"}),
    "no payment date": ("bad_date", {"************20260302": "************"}),
    "status of three": ("bad_status", {"CLP*A1*1*": "CLP*A1*123*"}),
    "empty status": ("bad_status", {"CLP*A1*1*": "CLP*A1**"}),
    "group of three": ("bad_code", {"CAS*CO*45": "CAS*COO*45"}),
    "no group": ("bad_code", {"CAS*CO*45": "CAS**45"}),
    "reason of six": ("bad_code", {"CAS*CO*45": "CAS*CO*ABCDEF"}),
}


@pytest.mark.parametrize("how", sorted(UNPOSTABLE))
def test_remittance_nobody_could_post_is_refused(how: str) -> None:
    code, changes = UNPOSTABLE[how]
    text = samples.plain(plb=0)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    assert sole(read_remittances(text.encode())).code == code


def test_amount_with_zeros_behind_the_cent_is_money() -> None:
    remit = read_one(samples.plain().replace("CAS*CO*29*50", "CAS*CO*29*50.0000").encode())
    assert is_balanced(remit)


MONEY = st.integers(-(10**7), 10**7).map(lambda cents: Decimal(cents) / 100)
ADJUSTMENTS = st.lists(
    st.builds(Adjustment, st.sampled_from(["CO", "PR", "OA"]), st.sampled_from(["45", "1", "B7"]), MONEY,
              st.none() | st.integers(1, 9).map(Decimal)),
    max_size=14,
).map(tuple)  # fmt: skip
PROCEDURES = st.builds(
    Procedure,
    st.sampled_from(["H0004", "T1015"]),
    modifiers=st.lists(st.sampled_from(["95", "HO"]), max_size=4).map(tuple),
)
PLACE = Address("1 MAIN STREET", "SPRINGFIELD", "IL", "627010001", "FLOOR 2")
CODED = st.lists(st.builds(Coded, st.sampled_from(["472", "150"]), CLEAN), max_size=2).map(tuple)
SUMS = st.lists(st.builds(Sum, st.sampled_from(["B6", "KH"]), MONEY), max_size=2).map(tuple)
LINES = st.builds(
    RemitLine, PROCEDURES, MONEY, MONEY, st.just(""), st.none() | MONEY, st.none() | PROCEDURES, st.none() | MONEY,
    CODED, ADJUSTMENTS, CODED, SUMS, SUMS, CODED,
)  # fmt: skip
CLAIMS = st.builds(
    RemitClaim, CLEAN, st.sampled_from(["1", "4", "22"]), MONEY, MONEY, MONEY, CLEAN, CLEAN,
    adjustments=ADJUSTMENTS,
    names=st.lists(st.builds(Name, CLEAN, CLEAN, entity=st.sampled_from(["QC", "IL"])), max_size=2).map(tuple),
    outpatient=st.sampled_from([(), ("MOA", "", "", "MA01")]),
    refs=CODED, dates=CODED, amounts=SUMS, quantities=SUMS,
    lines=st.lists(LINES, max_size=3).map(tuple),
)  # fmt: skip
REMITS = st.builds(
    Remittance,
    st.builds(Payment, MONEY, trace=CLEAN, payer_trace_id=CLEAN, paid_date=st.dates(date(2000, 1, 1)),
              payer_account=st.builds(Account, CLEAN, CLEAN, CLEAN, CLEAN)),
    st.builds(Organisation, CLEAN, CLEAN, CLEAN, st.none() | st.just(PLACE), CODED),
    st.builds(Organisation, CLEAN, CLEAN, CLEAN),
    st.lists(CLAIMS, max_size=2).map(lambda claims: (ClaimGroup("1", tuple(claims)),)),
    st.lists(st.builds(ProviderAdjustment, CLEAN, CLEAN, st.sampled_from(["WO", "FB"]), MONEY, CLEAN | st.just("")),
             max_size=8).map(tuple),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(REMITS)
def test_any_remittance_reads_back_equal(remit: Remittance) -> None:
    assert read_one(send(compose_remittance(remit, control="0001"))) == remit


@settings(max_examples=30, deadline=None)
@given(REMITS, st.integers(1, 259))
def test_any_remittance_reads_alike_in_any_blocks(remit: Remittance, block: int) -> None:
    data = send(compose_remittance(remit, control="0001"))
    received = sole(read_remittances(data, block))
    assert received.content == read_one(data)


@pytest.mark.filterwarnings("default")
def test_pyx12_reads_our_remittance() -> None:
    # Its validator's 835 map crashes for want of an ST03, so its envelope reader is the witness.
    assert pyx12_reader_errors(remittance_file(50)) == []
    assert pyx12_reader_errors(remittance_file(50).replace(b"SE*", b"SE*9"))


def pyx12_reader_errors(data: bytes) -> list[Any]:
    import io

    from pyx12.x12file import X12Reader  # type: ignore[import-untyped]

    reader = X12Reader(io.StringIO(data.decode()))
    found = []
    for _ in reader:
        found += reader.pop_errors()
    return found
