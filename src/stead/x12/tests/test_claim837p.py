import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stead.x12.claim837p import ClaimBatch, compose_claims, read_claims
from stead.x12.delimiters import Delimiters
from stead.x12.faults import UnwritableError
from stead.x12.tests import samples
from stead.x12.tests.samples import sole
from stead.x12.tests.test_writing import CLEAN, send


def round_trip(batch: ClaimBatch, **marks: Any) -> ClaimBatch:
    read: ClaimBatch = sole(read_claims(send(compose_claims(batch, control="0001", **marks)))).content
    return read


def upper(value: Any) -> str:
    """The record as the payer sees it: all text in capitals."""
    return msgspec.json.encode(value).decode().upper()


def test_batch_reads_back_equal() -> None:
    batch = samples.batch()
    read = round_trip(batch)
    assert upper(read) == upper(batch)
    assert len(read.claims) == 3


def test_batch_reads_back_equal_with_other_delimiters() -> None:
    assert upper(round_trip(samples.batch(), delimiters=Delimiters("|", ">", "!", "\n"))) == upper(samples.batch())


def test_claims_of_one_provider_and_person_share_their_levels() -> None:
    claims = (samples.claim(), samples.claim(account="STEAD-9"))
    text = compose_claims(samples.batch(*claims), control="0001").text
    assert text.count("HL*") == 2
    assert text.count("CLM*") == 2
    assert round_trip(samples.batch(*claims)).claims[1].account == "STEAD-9"


def test_dependents_hang_below_their_subscriber() -> None:
    kit = samples.replacement()
    sibling = msgspec.structs.replace(
        kit, account="STEAD-8", dependent=samples.dependent(name=samples.person(first="Kay"))
    )
    own = samples.claim()
    text = compose_claims(samples.batch(kit, sibling, own), control="0001").text
    levels = [segment for segment in text.split("~") if segment.startswith("HL*")]
    assert levels == ["HL*1**20*1", "HL*2*1*22*1", "HL*3*2*23*0", "HL*4*2*23*0", "HL*5*1*22*0"]
    assert upper(round_trip(samples.batch(kit, sibling, own))) == upper(samples.batch(kit, sibling, own))


def test_solo_practitioner_and_pay_to_address() -> None:
    solo = samples.billing(
        person=samples.person(), organisation="", tax_id_kind="SY", pay_to=samples.PLACE,
        contact=samples.batch().contact,
    )  # fmt: skip
    batch = samples.batch(samples.claim(billing=solo))
    assert upper(round_trip(batch)) == upper(batch)


MONEY = st.integers(0, 10**7).map(lambda cents: Decimal(cents) / 100)
LINES = st.builds(
    samples.line,
    code=st.sampled_from(["H0004", "G0155", "T1015"]),
    charge=MONEY,
    units=st.integers(1, 99).map(Decimal),
    pointers=st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple),
    service_date=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    modifiers=st.lists(st.sampled_from(["95", "HO", "U1"]), max_size=4).map(tuple),
    service_end=st.none() | st.just(date(2030, 1, 1) + timedelta(days=1)),
    place=st.sampled_from(["", "02", "10"]),
    control=CLEAN | st.just(""),
    note=CLEAN | st.just(""),
)
CLAIMS = st.builds(
    samples.claim,
    account=CLEAN,
    charge=MONEY,
    subscriber=st.builds(samples.subscriber, member_id=CLEAN, name=st.builds(samples.person, CLEAN, CLEAN)),
    dependent=st.none() | st.builds(samples.dependent, name=st.builds(samples.person, CLEAN, CLEAN)),
    lines=st.lists(LINES, min_size=1, max_size=4).map(tuple),
    patient_paid=st.none() | MONEY,
    prior_authorization=CLEAN | st.just(""),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CLAIMS, min_size=1, max_size=4))
def test_any_batch_reads_back_equal(claims: Any) -> None:
    batch = samples.batch(*claims)
    read = round_trip(batch)
    assert [upper(one) for one in read.claims] == [upper(one) for one in batch.claims]


def test_what_has_no_place_stays_raw_and_is_not_written_again() -> None:
    data = send(compose_claims(samples.batch(samples.claim()), control="0001")).decode()
    count = data.count("~") - 4
    data = data.replace("~LX*1~", "~K3*STATE DATA~LX*1~").replace(f"SE*{count}*", f"SE*{count + 1}*")
    received = sole(read_claims(data.encode()))
    assert received.content.claims[0].other == (("K3", "STATE DATA"),)
    with pytest.raises(UnwritableError):
        compose_claims(received.content, control="0002")


@pytest.mark.parametrize(
    "changes",
    [{"lines": ()}, {"lines": (samples.line(),) * 51}, {"diagnoses": ()}, {"diagnoses": ("F411",) * 13},
     {"lines": (samples.line(modifiers=("95",) * 5),)}, {"lines": (samples.line(pointers=()),)}],
)  # fmt: skip
def test_claim_without_room_in_the_guide_is_refused(changes: Any) -> None:
    with pytest.raises(UnwritableError):
        compose_claims(samples.batch(samples.claim(**changes)), control="0001")


@pytest.mark.parametrize("tag", ["NM1*85", "NM1*IL", "NM1*PR", "SV1", "DTP*472", "NM1*40"])
def test_missing_segment_is_a_fault(tag: str) -> None:
    data = send(compose_claims(samples.batch(samples.claim(lines=(samples.line(),))), control="0001")).decode()
    segments = data.split("~")
    kept = [segment for segment in segments if not segment.startswith(tag)]
    count = next(segment for segment in kept if segment.startswith("SE*")).split("*")[1]
    removed = len(segments) - len(kept)
    data = "~".join(kept).replace(f"SE*{count}*", f"SE*{int(count) - removed}*")
    fault = sole(read_claims(data.encode()))
    assert fault.code.endswith("missing"), fault


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("make", [samples.claim, samples.replacement, samples.secondary])
def test_pyx12_finds_nothing_wrong(make: Any) -> None:
    assert pyx12_errors(send(compose_claims(samples.batch(make()), control="0001"))) == []


@pytest.mark.filterwarnings("default")
def test_pyx12_finds_nothing_wrong_in_a_mixed_batch() -> None:
    solo = samples.billing(person=samples.person(), organisation="", tax_id_kind="SY", pay_to=samples.PLACE)
    batch = samples.batch(samples.claim(), samples.replacement(), samples.secondary(), samples.claim(billing=solo))
    assert pyx12_errors(send(compose_claims(batch, control="0001"))) == []


@pytest.mark.filterwarnings("default")
def test_pyx12_is_really_asked() -> None:
    data = send(compose_claims(samples.batch(samples.claim()), control="0001"))
    assert pyx12_errors(data.replace(b"CLM*STEAD-1*151", b"CLM*STEAD-1*ABC"))


def pyx12_errors(data: bytes) -> list[str]:
    """Validate against pyx12's map of X222A1, its outdated external code lists left aside."""
    import pyx12.params  # type: ignore[import-untyped]
    import pyx12.x12n_document  # type: ignore[import-untyped]

    params = pyx12.params.ParamsBase()
    params.set("exclude_external_codes", "states,country,taxonomy")
    report = io.StringIO()
    valid = pyx12.x12n_document.x12n_document(params, io.StringIO(data.decode()), report, None)
    wrong = [segment for segment in report.getvalue().split("~") if segment.strip()[:3] in {"IK3", "IK4"}]
    return [] if valid and not wrong else wrong or ["invalid"]
