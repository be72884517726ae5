"""Whatever happens to a file on its way, reading it ends in records and faults, never in an exception."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stead.x12.ack277ca import compose_claim_ack
from stead.x12.ack999 import compose_group_ack
from stead.x12.bench_data import remittance_file
from stead.x12.claim837p import compose_claims
from stead.x12.eligibility import InquiryBatch, ReplyBatch, compose_inquiries, compose_replies
from stead.x12.faults import Fault
from stead.x12.inbox import read_inbox
from stead.x12.tests import samples
from stead.x12.tests.test_acks import GROUP, claim_ack
from stead.x12.tests.test_eligibility import CARVE, benefit, inquiry, reply
from stead.x12.tests.test_writing import send

SOUND = {
    "837": send(compose_claims(samples.batch(), control="0001")),
    "999": send(compose_group_ack(GROUP, control="0001")),
    "277": send(compose_claim_ack(claim_ack(), control="0001")),
    "835": remittance_file(3),
    "270": send(compose_inquiries(InquiryBatch("R1", samples.AT, (inquiry(),)), control="0001")),
    "271": send(compose_replies(ReplyBatch("R1", samples.AT, (reply(benefit("B", 20), CARVE),)), control="0001")),
}


def recounted(data: bytes) -> bytes:
    """Mend SE01, so that damage inside a transaction reaches the typed reader instead of ending at the envelope."""
    segments = data.decode("latin-1").split("~")
    start = next((i for i, segment in enumerate(segments) if segment.startswith("ST*")), None)
    end = next((i for i, segment in enumerate(segments) if segment.startswith("SE*")), None)
    if start is None or end is None:
        return data
    segments[end] = f"SE*{end - start + 1}*{segments[end].split('*')[-1]}"
    return "~".join(segments).encode("latin-1")


def survives(data: bytes) -> bool:
    """Read to the end; whatever faults come must not speak of anybody."""
    items = list(read_inbox(data))
    spoken = " ".join(str(item) for item in items if isinstance(item, Fault))
    assert not any(secret in spoken for secret in ("EXAMPLE", "DEE", "M123", "F411", "H0004", "STEAD-"))
    return bool(items)


@pytest.mark.parametrize("kind", SOUND)
def test_sound_file_has_no_faults(kind: str) -> None:
    assert not [item for item in read_inbox(SOUND[kind]) if isinstance(item, Fault)]


@pytest.mark.parametrize("kind", SOUND)
def test_every_lost_segment_is_survived(kind: str) -> None:
    segments = SOUND[kind].split(b"~")
    for lost in range(1, len(segments) - 1):
        assert survives(recounted(b"~".join(segments[:lost] + segments[lost + 1 :])))


@pytest.mark.parametrize("kind", SOUND)
def test_every_shortened_segment_is_survived(kind: str) -> None:
    segments = SOUND[kind].split(b"~")
    for at in range(1, len(segments) - 1):
        elements = segments[at].split(b"*")
        for length in range(1, len(elements)):
            cut = b"*".join(elements[:length])
            assert survives(recounted(b"~".join([*segments[:at], cut, *segments[at + 1 :]])))


@pytest.mark.parametrize("kind", SOUND)
def test_every_swapped_pair_of_segments_is_survived(kind: str) -> None:
    segments = SOUND[kind].split(b"~")
    for at in range(1, len(segments) - 2):
        swapped = [*segments[:at], segments[at + 1], segments[at], *segments[at + 2 :]]
        assert survives(recounted(b"~".join(swapped)))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(SOUND)), st.integers(0, 10**6), st.binary(max_size=4), st.integers(0, 3))
def test_any_damaged_bytes_are_survived(kind: str, place: int, put: bytes, lost: int) -> None:
    data = SOUND[kind]
    at = place % len(data)
    assert survives(recounted(data[:at] + put + data[at + lost :]))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_at_all_end_in_a_fault(data: bytes) -> None:
    assert any(isinstance(item, Fault) for item in read_inbox(data))
