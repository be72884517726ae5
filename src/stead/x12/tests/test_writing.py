from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stead.x12.delimiters import Delimiters
from stead.x12.envelope import read_envelope
from stead.x12.faults import Fault, UnwritableError
from stead.x12.headers import Transaction
from stead.x12.tests import samples
from stead.x12.tests.samples import sole
from stead.x12.writer import (
    Body,
    Repeated,
    SegmentWriter,
    clean_text,
    format_number,
    stamp_group,
    stamp_interchange,
    write_interchange,
    write_interchange_ack,
)

MARKS = [Delimiters(), Delimiters("|", ">", "!", "\n"), Delimiters("\x1d", "\x1f", "\x1e", "\x1c")]
# Upper-case text as the writer leaves it, without the characters of any of the delimiters above.
CLEAN = st.text("ABCXYZ0189 .,'-/()", min_size=1, max_size=12).map(str.strip).filter(bool)


def send(*bodies: Body, control: Any = 1) -> bytes:
    header = stamp_interchange(sender="STEAD", receiver="PAYER", control=control, at=samples.AT, usage="T")
    return write_interchange(
        header, (stamp_group(bodies[0], sender="STEAD", receiver="PAYER", control=7, at=samples.AT), bodies)
    )


@given(segments=st.lists(st.tuples(st.sampled_from(["REF", "NTE", "N1"]), CLEAN, CLEAN | st.just("")), max_size=8),
       marks=st.sampled_from(MARKS), control=st.integers(1, 999_999_999), block=st.integers(1, 300))  # fmt: skip
def test_what_is_written_reads_back_equal(segments: Any, marks: Any, control: Any, block: int) -> None:
    out = SegmentWriter("837", "0001", "005010X222A1", marks)
    for segment in segments:
        out.add(*segment)
    data = send(out.finish(), control=control)
    read = sole(read_envelope(data, block))
    assert isinstance(read, Transaction)
    assert read.segments == [[part for part in segment if part] for segment in segments]
    assert read.heading.delimiters == marks
    assert read.heading.interchange.control == f"{control:09d}"
    assert read.heading.guide == "005010X222A1"


@given(st.text(max_size=40), st.sampled_from(MARKS))
def test_any_text_is_carried_clean_or_refused(text: str, marks: Any) -> None:
    out = SegmentWriter("837", "0001", "005010X222A1", marks)
    try:
        out.add("NTE", "ADD", text, "END")
    except UnwritableError:
        assert not clean_or_none(text)
        return
    read = sole(read_envelope(send(out.finish())))
    assert isinstance(read, Transaction)
    ((tag, _, said, end),) = read.segments
    assert (tag, end) == ("NTE", "END")
    assert said == said.upper() and said.isascii() and said.isprintable()


def clean_or_none(text: str) -> str | None:
    try:
        return clean_text(text)
    except UnwritableError:
        return None


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [("o'Brien", "O'BRIEN"), ("a*b~c:d^e", "ABCDE"), ("Núñez", "NUNEZ"), ("Straße", "STRASSE"), ("Łódź", "LODZ"),
     ("two\r\nlines", "TWO LINES"), ("\x00tab\tbell\x07", "TAB BELL"), ("“quoted”", '"QUOTED"'), (" pad ", "PAD")],
)  # fmt: skip
def test_text_is_made_fit(dirty: str, clean: str) -> None:
    out = SegmentWriter("837", "0001", "005010X222A1")
    out.add("NTE", "ADD", dirty)
    assert f"NTE*ADD*{clean}~" in out.finish().text


def test_text_no_latin_letter_stands_for_is_refused() -> None:
    out = SegmentWriter("837", "0001", "005010X222A1")
    with pytest.raises(UnwritableError):
        out.add("NTE", "ADD", "李")


@pytest.mark.parametrize(
    ("value", "text"),
    [("100.00", "100"), ("100.50", "100.5"), ("0.00", "0"), ("-0", "0"), ("-12.30", "-12.3"), ("1E+3", "1000"),
     ("1E-2", "0.01"), ("1000", "1000"), ("0.2", "0.2")],
)  # fmt: skip
def test_number_has_no_exponent_and_no_trailing_zero(value: Any, text: str) -> None:
    assert format_number(Decimal(value)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_number_keeps_its_value(value: Any) -> None:
    text = format_number(value)
    assert Decimal(text) == value
    assert "E" not in text and not ("." in text and text.endswith("0"))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+30", "0.1234567890123456789"])
def test_impossible_amount_is_refused(value: Any) -> None:
    with pytest.raises(UnwritableError):
        format_number(Decimal(value))


def test_levels_lines_and_counts_are_the_writers() -> None:
    out = SegmentWriter("837", "0001", "005010X222A1")
    top = out.hl("20")
    child = out.hl("22", top)
    out.hl("23", child)
    out.hl("22", top)
    assert [out.lx(), out.lx()] == [1, 2]
    out.restart_lines()
    assert out.lx() == 1
    body = out.finish()
    lines = body.text.split("~")
    assert lines[1:5] == ["HL*1**20*1", "HL*2*1*22*1", "HL*3*2*23*0", "HL*4*1*22*0"]
    assert lines[-2] == f"SE*{body.segment_count}*0001" == "SE*9*0001"


def test_composites_and_repetitions_are_trimmed() -> None:
    out = SegmentWriter("271", "0001", "005010X279A1")
    out.add("EB", "1", "", Repeated(["30", "MH"]), ("HC", "H0004", "", ""), None, "")
    assert "EB*1**30^MH*HC:H0004~" in out.finish().text


def test_isa_is_106_characters() -> None:
    out = SegmentWriter("837", "0001", "005010X222A1")
    data = send(out.finish())
    assert data.index(b"~") == 105


@pytest.mark.parametrize(
    "changes",
    [{"sender": "A" * 16}, {"sender": "A*B"}, {"usage": "X"}, {"control": 10**9}, {"receiver": "a\nb"}],
)
def test_impossible_envelope_is_refused(changes: Any) -> None:
    fields: dict[str, Any] = {
        "sender": "STEAD",
        "receiver": "PAYER",
        "control": 1,
        "at": samples.AT,
        "usage": "T",
    } | changes
    with pytest.raises(UnwritableError):
        write_interchange(stamp_interchange(**fields))


def test_transactions_of_one_number_or_mixed_guides_are_refused() -> None:
    claim = SegmentWriter("837", "0001", "005010X222A1").finish()
    ack = SegmentWriter("999", "0002", "005010X231A1").finish()
    for bodies in ([claim, claim], [claim, ack]):
        with pytest.raises(UnwritableError):
            send(*bodies)


def test_bad_transaction_number_is_refused() -> None:
    with pytest.raises(UnwritableError):
        SegmentWriter("837", "1", "005010X222A1")


def test_interchange_acknowledgement_round_trip() -> None:
    ours = stamp_interchange(sender="STEAD", receiver="PAYER", control=42, at=samples.AT, usage="T")
    theirs = stamp_interchange(sender="PAYER", receiver="STEAD", control=9, at=samples.AT, usage="T")
    ack = sole(read_envelope(write_interchange_ack(theirs, of=ours, outcome="R", note="006")))
    assert not isinstance(ack, Fault)
    assert (ack.control, ack.outcome, ack.note, ack.interchange) == ("000000042", "R", "006", theirs)
