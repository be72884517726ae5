"""Read whatever a mailbox delivered: the kind is found in the file (ST01 and the guide), never in its name."""

from collections.abc import Callable, Iterator

from stead.x12.ack277ca import ClaimAck, parse_claim_ack
from stead.x12.ack999 import GroupAck, parse_group_ack
from stead.x12.claim837p import ClaimBatch, parse_claims
from stead.x12.content import Received, parse_or_fault, unexpected
from stead.x12.eligibility import InquiryBatch, ReplyBatch, parse_inquiries, parse_replies
from stead.x12.envelope import read_envelope
from stead.x12.faults import Fault
from stead.x12.headers import InterchangeAck, Transaction
from stead.x12.remit835 import Remittance, parse_remittance
from stead.x12.tokenizer import Source

type Content = ClaimBatch | GroupAck | ClaimAck | Remittance | InquiryBatch | ReplyBatch

_PARSERS: dict[tuple[str, str], Callable[[Transaction], Content]] = {
    ("837", "005010X222"): parse_claims,
    ("999", "005010X231"): parse_group_ack,
    ("277", "005010X214"): parse_claim_ack,
    ("835", "005010X221"): parse_remittance,
    ("270", "005010X279"): parse_inquiries,
    ("271", "005010X279"): parse_replies,
}


def read_inbox(source: Source) -> Iterator[Received[Content] | InterchangeAck | Fault]:
    """Yield every transaction of a file typed by its content; unknown kinds and broken ones come as faults."""
    for item in read_envelope(source):
        if not isinstance(item, Transaction):
            yield item
            continue
        parser = _PARSERS.get((item.heading.code, item.heading.guide[:10]))
        yield unexpected(item) if parser is None else parse_or_fault(item, parser)
