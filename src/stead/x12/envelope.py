"""Prove the envelope and deliver whole transactions, one ST at a time.

A transaction is delivered only after its SE agreed with it; a cut, miscounted or misnumbered one becomes a fault and
nothing of it is seen. What is wrong further out (GE, IEA, a later ISA) is known only after its transactions passed by,
so an importer that wants the whole file or nothing runs `survey` first: it costs a quarter of a typed reading.

Source: 005010X231A1; 999 and TA1 report the same counts: SE01, GE01, IEA01, ST02 = SE02, GS06 = GE02, ISA13 = IEA02.
"""

from collections.abc import Iterator

import msgspec

from stead.x12.faults import Fault, Scope, shown_control
from stead.x12.headers import Group, Heading, Interchange, InterchangeAck, Transaction
from stead.x12.tokenizer import BLOCK_BYTES, Segment, Source, Tokenizer

type Delivery = Transaction | InterchangeAck | Fault


class Survey(msgspec.Struct, frozen=True):
    """A whole file counted without keeping any of it; `faults` empty means every envelope agreed. `usages` holds what
    the interchanges say of themselves: P live, T a test."""

    interchanges: int
    groups: int
    transactions: int
    kinds: tuple[str, ...]
    faults: tuple[Fault, ...]
    usages: frozenset[str] = frozenset()


def survey(source: Source) -> Survey:
    """Count the file and list its faults, so that a caller can refuse it before importing anything."""
    reader = EnvelopeReader(source)
    kinds: dict[str, None] = {}
    faults: list[Fault] = []
    count = 0
    for item in reader:
        if isinstance(item, Fault):
            faults.append(item)
        elif isinstance(item, Transaction):
            count += 1
            kinds[item.heading.code] = None
    return Survey(reader.interchanges, reader.groups, count, tuple(kinds), tuple(faults), frozenset(reader.usages))


def read_envelope(source: Source, block_bytes: int = BLOCK_BYTES) -> Iterator[Delivery]:
    """Yield transactions, interchange acknowledgements and faults in file order.

    A file that yields no transaction and no acknowledgement always ends in a fault that says so.
    """
    return iter(EnvelopeReader(source, block_bytes))


class EnvelopeReader:
    """One pass over one file; the counts are final when the iteration has ended."""

    def __init__(self, source: Source, block_bytes: int = BLOCK_BYTES) -> None:
        self.interchanges = self.groups = 0
        self.usages: set[str] = set()
        self._tokens = Tokenizer(source, block_bytes)
        self._at = 0
        self._isa: Interchange | None = None
        self._gs: Group | None = None
        self._st: Segment | None = None
        self._st_at = 0
        self._body: list[Segment] = []
        self._groups_seen: list[str] = []
        self._sets_seen: set[str] = set()
        self._set_count = 0
        self._stray = False

    def __iter__(self) -> Iterator[Delivery]:
        delivered = False
        for batch in self._tokens:
            if isinstance(batch, Fault):
                yield self._placed(batch)
                continue
            for item in self._read_batch(batch):
                delivered = delivered or not isinstance(item, Fault)
                yield item
        yield from self._end_of_file(delivered)

    def _read_batch(self, batch: list[Segment]) -> Iterator[Delivery]:
        body, envelope = self._body, _ENVELOPE
        for segment in batch:
            self._at += 1
            if segment[0] in envelope:
                yield from self._read_envelope_segment(segment)
                body = self._body
                self._stray = False
            elif self._st is not None:
                body.append(segment)
            elif not self._stray:
                self._stray = True
                yield self._fault("outside_transaction", "Segments stand outside any ST/SE transaction.", "file")

    def _read_envelope_segment(self, segment: Segment) -> Iterator[Delivery]:
        match segment[0]:
            case "ISA":
                yield from self._open_interchange(segment)
            case "GS":
                yield from self._open_group(segment)
            case "ST":
                yield from self._open_transaction(segment)
            case "SE":
                yield from self._close_transaction(segment)
            case "GE":
                yield from self._close_group(segment)
            case "IEA":
                yield from self._close_interchange(segment)
            case _:
                yield from self._acknowledge(segment)

    def _open_interchange(self, isa: Segment) -> Iterator[Delivery]:
        yield from self._abandon("interchange")
        self._isa = _interchange(isa)
        self._groups_seen = []
        self.interchanges += 1
        self.usages.add(self._isa.usage)
        if self._tokens.trimmed:
            yield self._fault("isa_width", "The ISA segment is not padded to its fixed width; read anyway.", "note")

    def _open_group(self, gs: Segment) -> Iterator[Delivery]:
        yield from self._abandon("group")
        if self._isa is None:
            yield self._fault("group_outside", "A GS group stands outside any ISA/IEA interchange.", "file")
            return
        self._gs = Group(*(_at(gs, i) for i in (1, 2, 3, 4, 5, 6, 8)))
        if self._gs.control in self._groups_seen:
            yield self._fault("group_repeated", "Two groups of the interchange carry the same number GS06.", "group")
        self._groups_seen.append(self._gs.control)
        self._sets_seen, self._set_count = set(), 0
        self.groups += 1

    def _open_transaction(self, st: Segment) -> Iterator[Delivery]:
        yield from self._abandon("transaction")
        self._set_count += 1
        if self._gs is None:
            yield self._fault("transaction_outside", "An ST transaction stands outside any GS/GE group.", "file")
        self._st, self._st_at, self._body = st, self._at, []

    def _close_transaction(self, se: Segment) -> Iterator[Delivery]:
        st, group, interchange = self._st, self._gs, self._isa
        if st is None:
            yield self._fault("se_without_st", "An SE segment ends a transaction that never began.", "group")
            return
        problem = self._transaction_problem(st, se)
        if problem is not None:
            yield self._fault(*problem, "transaction")
        elif group is not None and interchange is not None:
            heading = Heading(
                interchange, group, _at(st, 1), _at(st, 2), _at(st, 3) or group.version,
                self._tokens.delimiters, self._st_at,
            )  # fmt: skip
            yield Transaction(heading, self._body)
        self._sets_seen.add(_at(st, 2))
        self._st, self._body = None, []

    def _transaction_problem(self, st: Segment, se: Segment) -> tuple[str, str] | None:
        if _at(st, 2) != _at(se, 2):
            return "st_se_numbers", "The control numbers ST02 and SE02 differ."
        if _number(_at(se, 1)) != len(self._body) + 2:
            return "se_count", "SE01 does not count the segments that arrived."
        if _at(st, 2) in self._sets_seen:
            return "st_repeated", "Two transactions of the group carry the same number ST02."
        return None

    def _close_group(self, ge: Segment) -> Iterator[Delivery]:
        yield from self._abandon("transaction")
        if self._gs is None:
            yield self._fault("ge_without_gs", "A GE segment ends a group that never began.", "interchange")
            return
        if not _same_number(self._gs.control, _at(ge, 2)):
            yield self._fault("gs_ge_numbers", "The control numbers GS06 and GE02 differ.", "group")
        if _number(_at(ge, 1)) != self._set_count:
            yield self._fault("ge_count", "GE01 does not count the transactions that arrived.", "group")
        self._gs = None

    def _close_interchange(self, iea: Segment) -> Iterator[Delivery]:
        yield from self._abandon("group")
        if self._isa is None:
            yield self._fault("iea_without_isa", "An IEA segment ends an interchange that never began.", "file")
            return
        if not _same_number(self._isa.control, _at(iea, 2)):
            yield self._fault("isa_iea_numbers", "The control numbers ISA13 and IEA02 differ.", "interchange")
        if _number(_at(iea, 1)) != len(self._groups_seen):
            yield self._fault("iea_count", "IEA01 does not count the groups that arrived.", "interchange")
        self._isa = None

    def _acknowledge(self, ta1: Segment) -> Iterator[Delivery]:
        if self._isa is None or self._gs is not None:
            yield self._fault("ta1_misplaced", "A TA1 segment stands where none may stand.", "interchange")
            return
        yield InterchangeAck(_at(ta1, 1), _at(ta1, 2), _at(ta1, 3), _at(ta1, 4), _at(ta1, 5), self._isa)

    def _abandon(self, outermost: Scope) -> Iterator[Fault]:
        """Report what is still open inside (and including) `outermost`, and forget it."""
        if self._st is not None:
            yield self._fault("se_missing", "A transaction was never ended by its SE segment.", "transaction")
            self._st, self._body = None, []
        if self._gs is not None and outermost != "transaction":
            yield self._fault("ge_missing", "A group was never ended by its GE segment.", "group")
            self._gs = None
        if self._isa is not None and outermost == "interchange":
            yield self._fault("iea_missing", "An interchange was never ended by its IEA segment.", "interchange")
            self._isa = None

    def _end_of_file(self, delivered: bool) -> Iterator[Fault]:
        yield from self._abandon("interchange")
        if self._tokens.is_empty:
            yield self._fault("empty_file", "The file is empty.", "file")
        elif not delivered:
            yield self._fault("no_transactions", "The file holds no transaction that could be used.", "file")

    def _fault(self, code: str, words: str, scope: Scope) -> Fault:
        return self._placed(Fault(code, words, scope))

    def _placed(self, fault: Fault) -> Fault:
        return msgspec.structs.replace(
            fault,
            segment=self._at,
            interchange=shown_control(self._isa.control) if self._isa else "",
            group=shown_control(self._gs.control) if self._gs else "",
            transaction=shown_control(_at(self._st, 2)) if self._st else "",
        )


_ENVELOPE = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"})


def _interchange(isa: Segment) -> Interchange:
    return Interchange(
        sender=isa[6].strip(),
        receiver=isa[8].strip(),
        date=isa[9],
        time=isa[10],
        control=isa[13],
        sender_qualifier=isa[5],
        receiver_qualifier=isa[7],
        usage=isa[15],
        ack_requested=isa[14] == "1",
        version=isa[12],
        authorization=(isa[1], isa[2].strip()),
        security=(isa[3], isa[4].strip()),
    )


def _at(segment: Segment, index: int) -> str:
    return segment[index].strip() if len(segment) > index else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _same_number(left: str, right: str) -> bool:
    """Compare control numbers as numbers, since some senders drop leading zeros on one side."""
    numbers = _number(left), _number(right)
    return left == right if None in numbers else numbers[0] == numbers[1]
