from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from stead.x12.envelope import read_envelope, survey
from stead.x12.faults import Fault
from stead.x12.headers import InterchangeAck, Transaction
from stead.x12.remit835 import is_balanced, read_remittances
from stead.x12.tests import samples
from stead.x12.tests.samples import sole
from stead.x12.tokenizer import Source

LAWFUL = samples.lawful_variants()
TOLERATED = samples.tolerated_variants()


def outcome(data: Source, block_bytes: int) -> list[Any]:
    """All that a reader can see of a file, in comparable form."""
    return [
        (item.heading.control, item.heading.interchange.control, item.segments)
        if isinstance(item, Transaction)
        else item
        for item in read_envelope(data, block_bytes)
    ]


def faults(data: bytes) -> list[str]:
    return [item.code for item in read_envelope(data) if isinstance(item, Fault) and item.scope != "note"]


@pytest.mark.parametrize("name", LAWFUL)
def test_lawful_variant_is_read_whole_and_balanced(name: str) -> None:
    data, sets, claims = LAWFUL[name]
    received: list[Any] = list(read_remittances(data))
    assert not [item for item in received if isinstance(item, Fault)]
    remits = [item.content for item in received]
    assert len(remits) == sets
    assert sum(len(list(remit.claims)) for remit in remits) == claims
    assert all(is_balanced(remit) for remit in remits)
    assert sum(claim.paid for remit in remits for claim in remit.claims) == Decimal(60) * sets


def test_latin_1_name_survives() -> None:
    received = sole(read_remittances(LAWFUL["Latin-1 name"][0]))
    assert next(received.content.claims).name("QC").last == "NUÑEZ"


@pytest.mark.parametrize("name", TOLERATED)
def test_tolerated_variant_reads_like_the_plain_file(name: str) -> None:
    assert [item for item in outcome(TOLERATED[name], 1 << 16) if isinstance(item, tuple)] == outcome(
        LAWFUL["plain"][0], 1 << 16
    )
    assert faults(TOLERATED[name]) == []


def test_trimmed_isa_is_noted() -> None:
    notes = [item for item in read_envelope(TOLERATED["trimmed ISA"]) if isinstance(item, Fault)]
    assert [(note.code, note.scope) for note in notes] == [("isa_width", "note")]


BROKEN: dict[str, tuple[Callable[[str], str], list[str]]] = {
    "SE count": (lambda text: text.replace("SE*", "SE*9"), ["se_count", "no_transactions"]),
    "SE number": (lambda text: text.replace("*0001~GE", "*0009~GE"), ["st_se_numbers", "no_transactions"]),
    "SE missing": (
        lambda text: text[: text.index("SE*")] + text[text.index("GE*") :],
        ["se_missing", "no_transactions"],
    ),
    "GE count": (lambda text: text.replace("GE*1*", "GE*2*"), ["ge_count"]),
    "GE number": (lambda text: text.replace("GE*1*1", "GE*1*7"), ["gs_ge_numbers"]),
    "GE missing": (lambda text: text[: text.index("GE*")] + text[text.index("IEA*") :], ["ge_missing"]),
    "IEA count": (lambda text: text.replace("IEA*1*", "IEA*3*"), ["iea_count"]),
    "IEA number": (lambda text: text.replace("IEA*1*000000001", "IEA*1*000000009"), ["isa_iea_numbers"]),
    "IEA missing": (lambda text: text[: text.index("IEA*")], ["iea_missing"]),
    "cut in a segment": (
        lambda text: text[: text.index("CAS*PR") + 9],
        ["cut_off", "se_missing", "ge_missing", "iea_missing", "no_transactions"],
    ),
    "no envelope": (lambda text: text[text.index("ST*") :], ["not_x12", "no_transactions"]),
    "damaged ISA": (lambda text: text.replace("*00*", "*0*0*", 1), ["isa_unreadable", "no_transactions"]),
    "stray segments": (
        lambda text: text.replace("GE*1", "REF*1*A~REF*2*B~GE*1"),
        ["outside_transaction"],
    ),
    "nothing inside": (lambda text: text[:106] + "IEA*0*000000001~", ["no_transactions"]),
    "empty": (lambda text: "", ["empty_file"]),
    "blank": (lambda text: " \r\n \n", ["empty_file"]),
    "not X12": (lambda text: "<html>Not found</html>", ["not_x12", "no_transactions"]),
    "transaction number twice": (
        lambda text: samples.interchange([samples.group([samples.transaction(samples.remit_segments())] * 2)]),
        ["st_repeated"],
    ),
    "group number twice": (
        lambda text: samples.interchange([samples.group([samples.transaction(samples.remit_segments())])] * 2),
        ["group_repeated"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_reported_by_code_and_place(name: str) -> None:
    spoil, expected = BROKEN[name]
    data = spoil(samples.plain()).encode()
    found = [item for item in read_envelope(data) if isinstance(item, Fault)]
    assert [fault.code for fault in found] == expected
    assert list(survey(data).faults) == found


@pytest.mark.parametrize("name", ["SE count", "SE number", "SE missing", "cut in a segment"])
def test_nothing_of_a_faulty_transaction_is_delivered(name: str) -> None:
    data = BROKEN[name][0](samples.plain()).encode()
    assert not [item for item in read_envelope(data) if isinstance(item, Transaction)]


def test_fault_in_one_transaction_leaves_its_neighbours() -> None:
    good = samples.transaction(samples.remit_segments(), control="0001")
    bad = samples.transaction(samples.remit_segments(), control="0002").replace("SE*", "SE*7")
    items = list(read_envelope(samples.interchange([samples.group([good, bad])]).encode()))
    assert [item.heading.control for item in items if isinstance(item, Transaction)] == ["0001"]
    (fault,) = [item for item in items if isinstance(item, Fault)]
    assert (fault.code, fault.transaction, fault.group, fault.interchange) == ("se_count", "0002", "1", "000000001")
    assert fault.segment == 2 * 23 + 2


@pytest.mark.parametrize("name", BROKEN)
def test_fault_never_repeats_the_text_of_a_segment(name: str) -> None:
    text = BROKEN[name][0](samples.plain(name="SECRETNAME").replace("ISA*", "ISA*", 1))
    spoken = " ".join(str(item) for item in read_envelope(text.encode()) if isinstance(item, Fault))
    for secret in ("SECRETNAME", "M1", "ICN1", "SANDBOX"):
        assert secret not in spoken


def test_unreadable_number_is_a_fault_that_names_the_segment() -> None:
    segments = samples.remit_segments()
    position = next(i for i, segment in enumerate(segments) if segment[0] == "SVC")
    segments[position][3] = "SECRET"
    data = samples.interchange([samples.group([samples.transaction(segments)])]).encode()
    fault = sole(read_remittances(data))
    # ISA, GS and ST stand before the body, which counts from 0 here.
    assert (fault.code, fault.segment) == ("bad_number", position + 4)
    assert "SVC03" in fault.words and "SECRET" not in fault.words


@pytest.mark.parametrize("tag", ["CAS", "PLB", "SVC", "CLP", "N1"])
def test_short_segment_is_a_fault_and_not_a_crash(tag: str) -> None:
    segments = [[tag] if segment[0] == tag else segment for segment in samples.remit_segments()]
    data = samples.interchange([samples.group([samples.transaction(segments)])]).encode()
    fault = sole(read_remittances(data))
    assert isinstance(fault, Fault)


def test_other_kind_of_transaction_is_reported() -> None:
    data = samples.interchange([samples.group([samples.transaction([["BHT"]], code="820", guide="005010X218")])])
    assert [getattr(item, "code", "") for item in read_remittances(data.encode())] == ["unexpected_kind"]


def test_interchange_acknowledgement_is_read() -> None:
    data = samples.isa() + "TA1*000000042*260302*0730*R*006~IEA*0*000000001~"
    ack = sole(read_envelope(data.encode()))
    assert isinstance(ack, InterchangeAck)
    assert (ack.control, ack.outcome, ack.note) == ("000000042", "R", "006")


ALL = {name: data for name, (data, _, _) in LAWFUL.items()} | TOLERATED
ALL |= {f"broken: {name}": spoil(samples.plain()).encode() for name, (spoil, _) in BROKEN.items()}


@pytest.mark.parametrize("name", ALL)
def test_block_size_never_changes_what_is_read(name: str) -> None:
    whole = outcome(ALL[name], 1 << 20)
    for size in [*range(1, 260), 512, 4096]:
        assert outcome(ALL[name], size) == whole, size


def test_any_source_of_bytes_reads_alike(tmp_path: Any) -> None:
    data = LAWFUL["plain"][0]
    path = tmp_path / "remit"
    path.write_bytes(data)
    with path.open("rb") as stream:
        assert outcome(stream, 100) == outcome(data, 100) == outcome([data[:50], b"", data[50:]], 100)


def test_endless_segment_is_refused() -> None:
    assert "segment_too_long" in faults(samples.isa().encode() + b"A" * (3 << 20))
