"""Read the 835, streaming one ST at a time.

The loop is one pass with a small state: which of header, payer, payee, group, claim or line a segment belongs to
follows from the segments before it. Speed matters here (a payer's weekly file holds ten thousand claims), so each
segment costs one dictionary look-up and the record is made once, when its loop ends.
"""

from collections.abc import Callable, Iterator

from stead.x12.adjustments import read_adjustments
from stead.x12.content import (
    Coded,
    Received,
    Sum,
    amount,
    at,
    composite,
    money,
    name_of,
    number,
    read_date,
    read_typed,
)
from stead.x12.faults import ContentError, Fault
from stead.x12.headers import Transaction
from stead.x12.remit835.reader import OpenLoop, RemitReader
from stead.x12.remit835.records import Account, Payment, ProviderAdjustment, Remittance
from stead.x12.tokenizer import BLOCK_BYTES, Segment, Source


def read_remittances(source: Source, block_bytes: int = BLOCK_BYTES) -> Iterator[Received[Remittance] | Fault]:
    """Yield one remittance per ST, holding one in memory at a time; what cannot be used comes as a fault."""
    return read_typed(source, "835", ("005010X221",), parse_remittance, block_bytes)


def parse_remittance(transaction: Transaction) -> Remittance:
    """Make the record of one proven 835; refuses unreadable numbers and a missing BPR, TRN, payer or payee."""
    reader = RemitReader(transaction.heading.delimiters.component)
    position = 1
    try:
        for position, segment in enumerate(transaction.segments, start=2):  # noqa: B007  the faults below name it
            handler = _HANDLERS.get(segment[0])
            if handler is None:
                reader.other.append(tuple(segment))
            else:
                handler(reader, segment)
        return reader.finish()
    except ContentError as error:
        error.segment = position
        raise
    except IndexError:
        raise ContentError("short_segment", "A segment lacks elements it must have", segment=position) from None


def _payment(reader: RemitReader, s: Segment) -> None:
    if reader.payment is not None:
        raise ContentError("bpr_repeated", "The remittance names its payment twice", element="BPR")
    reader.payment = Payment(
        amount=money(at(s, 2), "BPR02"),
        handling=at(s, 1),
        flag=at(s, 3),
        method=at(s, 4),
        format=at(s, 5),
        payer_account=Account(at(s, 6), at(s, 7), at(s, 8), at(s, 9)),
        origin=at(s, 10),
        origin_supplement=at(s, 11),
        payee_account=Account(at(s, 12), at(s, 13), at(s, 14), at(s, 15)),
        paid_date=read_date(at(s, 16), "BPR16"),
    )


def _trace(reader: RemitReader, s: Segment) -> None:
    paid = reader.payment
    if paid is None or paid.trace or not at(s, 2):
        raise ContentError("trace_misplaced", "The trace number is empty or stands in the wrong place", element="TRN02")
    reader.payment = Payment(
        paid.amount, paid.handling, paid.flag, paid.method, paid.format, paid.payer_account, paid.origin,
        paid.origin_supplement, paid.payee_account, paid.paid_date, at(s, 2), at(s, 3), at(s, 4),
    )  # fmt: skip


def _organisation(reader: RemitReader, s: Segment) -> None:
    if reader.claim is not None:
        reader.other.append(tuple(s))
        return
    reader.end_party()
    reader.party = reader.loop = OpenLoop(s)


def _place(reader: RemitReader, s: Segment) -> None:
    is_first = all(kept[0] != s[0] for kept in reader.party_address)
    if reader.party is not None and is_first and len(s) <= 5:
        reader.party_address.append(s)
    else:
        reader.other.append(tuple(s))


def _group(reader: RemitReader, s: Segment) -> None:
    reader.end_party()
    reader.end_group()
    reader.group = reader.loop = OpenLoop(s)


def _claim(reader: RemitReader, s: Segment) -> None:
    if len(s) < 5:
        raise ContentError("short_segment", "A claim lacks its amounts", element="CLP")
    if len(s[2]) > 2 or not s[2].isalnum():
        raise ContentError("bad_status", "The status of a claim cannot be read", element="CLP02")
    reader.end_party()
    reader.end_claim()
    if reader.group is None:
        reader.group = OpenLoop(["LX", ""])
    money = (amount(s, 3, "CLP03"), amount(s, 4, "CLP04"), amount(s, 5, "CLP05"))
    reader.claim = reader.loop = OpenLoop(s, money)


def _line(reader: RemitReader, s: Segment) -> None:
    if reader.claim is None or len(s) < 4:
        raise ContentError("line_misplaced", "A service line stands outside a claim or lacks amounts", element="SVC")
    reader.end_line()
    reader.line = reader.loop = OpenLoop(s, (amount(s, 2, "SVC02"), amount(s, 3, "SVC03")))


def _adjustments(reader: RemitReader, s: Segment) -> None:
    if reader.claim is None:
        raise ContentError("cas_misplaced", "An adjustment stands outside a claim", element="CAS")
    loop = reader.loop
    if loop.adjustments:
        loop.adjustments.extend(read_adjustments(s))
    else:
        loop.adjustments = read_adjustments(s)


def _provider_adjustments(reader: RemitReader, s: Segment) -> None:
    if len(s) < 5:
        raise ContentError("short_segment", "A provider adjustment lacks its amount", element="PLB04")
    reader.end_group()
    for i in range(3, len(s), 2):
        money = amount(s, i + 1, "PLB04")
        if not s[i] and money:
            raise ContentError("plb_without_reason", "A provider adjustment has no reason", element="PLB03")
        if s[i]:
            reason, reference = composite(s[i], reader.component, 2)[:2]
            reader.provider_adjustments.append(ProviderAdjustment(s[1], s[2], reason, money, reference))


def _moa(reader: RemitReader, s: Segment) -> None:
    if reader.claim is None or reader.moa:
        reader.other.append(tuple(s))
    else:
        reader.moa = tuple(s)


def _mia(reader: RemitReader, s: Segment) -> None:
    if reader.claim is None or reader.mia:
        reader.other.append(tuple(s))
    else:
        reader.mia = tuple(s)


def _name(reader: RemitReader, s: Segment) -> None:
    if reader.claim is None or reader.line is not None or len(s) > 10 or at(s, 6):
        reader.other.append(tuple(s))
    elif reader.loop.names:
        reader.loop.names.append(name_of(s))
    else:
        reader.loop.names = [name_of(s)]


def _ref(reader: RemitReader, s: Segment) -> None:
    loop = reader.loop
    if len(s) != 3:
        loop.other.append(tuple(s))
    elif loop.refs:
        loop.refs.append(Coded(s[1], s[2]))
    else:
        loop.refs = [Coded(s[1], s[2])]


def _date(reader: RemitReader, s: Segment) -> None:
    loop = reader.loop
    if len(s) != 3:
        loop.other.append(tuple(s))
    elif loop.dates:
        loop.dates.append(Coded(s[1], s[2]))
    else:
        loop.dates = [Coded(s[1], s[2])]


def _remark(reader: RemitReader, s: Segment) -> None:
    loop = reader.loop
    if reader.line is None or len(s) != 3:
        loop.other.append(tuple(s))
    elif loop.remarks:
        loop.remarks.append(Coded(s[1], s[2]))
    else:
        loop.remarks = [Coded(s[1], s[2])]


def _amount(reader: RemitReader, s: Segment) -> None:
    loop = reader.loop
    if reader.claim is None or len(s) != 3:
        loop.other.append(tuple(s))
    elif loop.amounts:
        loop.amounts.append(Sum(s[1], number(s[2], "AMT02")))
    else:
        loop.amounts = [Sum(s[1], number(s[2], "AMT02"))]


def _quantity(reader: RemitReader, s: Segment) -> None:
    loop = reader.loop
    if reader.claim is None or len(s) != 3:
        loop.other.append(tuple(s))
    elif loop.quantities:
        loop.quantities.append(Sum(s[1], number(s[2], "QTY02")))
    else:
        loop.quantities = [Sum(s[1], number(s[2], "QTY02"))]


_HANDLERS: dict[str, Callable[[RemitReader, Segment], None]] = {
    "BPR": _payment,
    "TRN": _trace,
    "N1": _organisation,
    "N3": _place,
    "N4": _place,
    "LX": _group,
    "CLP": _claim,
    "CAS": _adjustments,
    "NM1": _name,
    "MOA": _moa,
    "MIA": _mia,
    "SVC": _line,
    "DTM": _date,
    "REF": _ref,
    "AMT": _amount,
    "QTY": _quantity,
    "LQ": _remark,
    "PLB": _provider_adjustments,
}
