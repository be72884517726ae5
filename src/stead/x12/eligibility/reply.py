"""Read the 271. Benefit rows keep their order and everything that followed them."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import msgspec

from stead.x12.content import (
    Address,
    Coded,
    Name,
    RawSegment,
    Received,
    at,
    find_date,
    name_of,
    number,
    read_moment,
    read_typed,
)
from stead.x12.delimiters import Delimiters
from stead.x12.eligibility.records import Benefit, Rejection, Reply, ReplyBatch
from stead.x12.faults import ContentError, Fault
from stead.x12.headers import Transaction
from stead.x12.tokenizer import BLOCK_BYTES, Segment, Source

_LEVELS = {"20": "source", "21": "receiver", "22": "subscriber", "23": "dependent"}


def read_replies(source: Source, block_bytes: int = BLOCK_BYTES) -> Iterator[Received[ReplyBatch] | Fault]:
    """Yield one batch per ST; what cannot be used comes as a fault."""
    return read_typed(source, "271", ("005010X279",), parse_replies, block_bytes)


def parse_replies(transaction: Transaction) -> ReplyBatch:
    """Make the batch of one proven 271."""
    reader = _ReplyReader(transaction.heading.delimiters)
    place = 1
    try:
        for place, segment in enumerate(transaction.segments, start=2):  # noqa: B007  the faults below name it
            reader.read(segment)
        return reader.finish()
    except ContentError as error:
        error.segment = place
        raise
    except IndexError:
        raise ContentError("short_segment", "A segment lacks elements it must have", segment=place) from None


class _ReplyReader:
    """One pass; a reply is under way from its subscriber's HL until the next one, or until a dependent's."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.repetition, self.component = delimiters.repetition, delimiters.component
        self.bht: Segment = []
        self.level = ""
        self.payer = self.provider = Name()
        self.upper: list[Rejection] = []
        self.upper_answered = False
        self.upper_other: list[RawSegment] = []
        self.reply: Reply | None = None
        self.benefit: Benefit | None = None
        self.in_entity = False
        self.address: list[Segment] = []
        self.replies: list[Reply] = []

    def read(self, segment: Segment) -> None:
        handler = _HANDLERS.get(segment[0], _ReplyReader.keep)
        handler(self, segment)

    def begin(self, bht: Segment) -> None:
        self.bht = bht

    def read_level(self, hl: Segment) -> None:
        level = _LEVELS.get(at(hl, 3))
        if level is None:
            raise ContentError("level_unknown", "A level of the answer is unknown", element="HL03")
        self.end_benefit()
        if level != "dependent":
            self.end_reply()
        if level in {"source", "receiver"}:
            self.end_upper(keep_source=level == "receiver")
        elif level == "subscriber":
            self.reply = Reply(self.payer, self.provider, Name(), rejections=tuple(self.upper))
            self.upper_answered = True
        else:
            self.begin_dependent()
        self.level = level

    def begin_dependent(self) -> None:
        """Open the answer about a dependent; the holder's own answer stays when it said anything of its own."""
        holder = self.reply
        if holder is None:
            raise ContentError("subscriber_missing", "A dependent stands without subscriber", element="HL")
        if holder.dependent is not None or holder.benefits or holder.trace:
            self.end_reply()
            holder = _with(
                holder, trace="", trace_origin="", dependent_address=None, refs=(), dates=(), benefits=(), other=(),
                rejections=tuple(self.upper),
            )  # fmt: skip
        born, sex = holder.birth_date, holder.sex
        if holder.dependent is not None:
            born, sex = holder.subscriber_birth_date, holder.subscriber_sex
        self.reply = _with(
            holder, dependent=Name(), birth_date=None, sex="", subscriber_birth_date=born, subscriber_sex=sex
        )

    def read_name(self, nm1: Segment) -> None:
        name = name_of(nm1)
        if self.benefit is not None:
            self.in_entity = True
            self.benefit = _with(self.benefit, entities=(*self.benefit.entities, name))
        elif self.level == "source":
            self.payer = name
        elif self.level == "receiver":
            self.provider = name
        elif self.level == "dependent":
            self.reply = _with(self.need_reply(), dependent=name)
        else:
            self.reply = _with(self.need_reply(), subscriber=name)

    def read_trace(self, trn: Segment) -> None:
        # TRN*2 answers the trace we sent; TRN*1 is the payer's own and is kept raw.
        if self.reply is not None and self.benefit is None and at(trn, 1) == "2" and not self.reply.trace:
            self.reply = _with(self.reply, trace=at(trn, 2), trace_origin=at(trn, 3))
        else:
            self.keep(trn)

    def read_place(self, segment: Segment) -> None:
        if self.reply is None or self.benefit is not None or len(segment) > 5:
            self.keep(segment)
            return
        field = "dependent_address" if self.level == "dependent" else "subscriber_address"
        known: Address = getattr(self.reply, field) or Address("", "", "", "")
        if segment[0] == "N3":
            known = _with(known, street=at(segment, 1), street2=at(segment, 2))
        else:
            known = _with(
                known, city=at(segment, 1), state=at(segment, 2), postcode=at(segment, 3), country=at(segment, 4)
            )
        self.reply = _with(self.reply, **{field: known})

    def read_birth(self, dmg: Segment) -> None:
        if self.reply is None or len(dmg) > 4:
            self.keep(dmg)
        else:
            self.reply = _with(self.reply, birth_date=find_date(at(dmg, 2)), sex=at(dmg, 3))

    def read_rejection(self, aaa: Segment) -> None:
        level = "benefit" if self.benefit is not None else self.level
        said = Rejection(level, at(aaa, 3), at(aaa, 4), at(aaa, 1))
        if self.benefit is not None:
            self.benefit = _with(self.benefit, rejections=(*self.benefit.rejections, said))
        elif self.reply is not None:
            self.reply = _with(self.reply, rejections=(*self.reply.rejections, said))
        else:
            self.upper.append(said)

    def read_benefit(self, eb: Segment) -> None:
        self.end_benefit()
        if self.reply is None:
            raise ContentError("benefit_misplaced", "A benefit stands outside a person", element="EB")
        types = at(eb, 3)
        self.benefit = Benefit(
            at(eb, 1),
            at(eb, 2),
            tuple(code for code in (types.split(self.repetition) if self.repetition else [types]) if code),
            at(eb, 4),
            at(eb, 5),
            at(eb, 6),
            _number(eb, 7),
            _number(eb, 8),
            at(eb, 9),
            _number(eb, 10),
            at(eb, 11),
            at(eb, 12),
            tuple(at(eb, 13).split(self.component)) if at(eb, 13) else (),
            tuple(eb[14:]),
        )

    def read_date(self, dtp: Segment) -> None:
        said = Coded(dtp[1], dtp[3])
        if self.benefit is not None and not self.in_entity:
            self.benefit = _with(self.benefit, dates=(*self.benefit.dates, said))
        elif self.reply is not None and self.benefit is None:
            self.reply = _with(self.reply, dates=(*self.reply.dates, said))
        else:
            self.keep(dtp)

    def read_ref(self, ref: Segment) -> None:
        if len(ref) != 3 or self.in_entity:
            self.keep(ref)
        elif self.benefit is not None:
            self.benefit = _with(self.benefit, refs=(*self.benefit.refs, Coded(ref[1], ref[2])))
        elif self.reply is not None:
            self.reply = _with(self.reply, refs=(*self.reply.refs, Coded(ref[1], ref[2])))
        else:
            self.keep(ref)

    def read_message(self, msg: Segment) -> None:
        if self.benefit is None:
            self.keep(msg)
        else:
            self.benefit = _with(self.benefit, messages=(*self.benefit.messages, at(msg, 1)))

    def read_service_place(self, iii: Segment) -> None:
        if self.benefit is not None and at(iii, 1) == "ZZ" and len(iii) == 3:
            self.benefit = _with(self.benefit, places=(*self.benefit.places, iii[2]))
        else:
            self.keep(iii)

    def read_bracket(self, bracket: Segment) -> None:
        """Pass LS and LE, which only bracket the 2120 names; after LE no name is open."""
        self.in_entity = False

    def keep(self, segment: Segment) -> None:
        raw: tuple[RawSegment, ...] = (tuple(segment),)
        if self.benefit is not None:
            self.benefit = _with(self.benefit, other=self.benefit.other + raw)
        elif self.reply is not None:
            self.reply = _with(self.reply, other=self.reply.other + raw)
        else:
            self.upper_other.append(raw[0])

    def need_reply(self) -> Reply:
        if self.reply is None:
            raise ContentError("name_misplaced", "A name stands outside any level", element="NM1")
        return self.reply

    def end_upper(self, *, keep_source: bool) -> None:
        """Leave a payer's or provider's level; a refusal before any person was named is an answer of its own."""
        kept = [said for said in self.upper if keep_source and said.level == "source"]
        if len(kept) < len(self.upper) and not self.upper_answered:
            self.replies.append(Reply(self.payer, self.provider, Name(), rejections=tuple(self.upper)))
            kept = []
        self.upper, self.upper_answered = kept, self.upper_answered and keep_source

    def end_benefit(self) -> None:
        if self.benefit is not None and self.reply is not None:
            self.reply = _with(self.reply, benefits=(*self.reply.benefits, self.benefit))
        self.benefit, self.in_entity = None, False

    def end_reply(self) -> None:
        self.end_benefit()
        if self.reply is not None:
            self.replies.append(self.reply)
        self.reply = None

    def finish(self) -> ReplyBatch:
        self.end_reply()
        self.end_upper(keep_source=False)
        if not self.bht or not self.replies:
            raise ContentError("reply_empty", "The answer speaks of nobody", element="HL")
        made_at = read_moment(at(self.bht, 4), at(self.bht, 5), "BHT04")
        return ReplyBatch(at(self.bht, 3), made_at, tuple(self.replies), tuple(self.upper_other))


def _number(segment: Segment, index: int) -> Decimal | None:
    text = at(segment, index)
    return number(text, f"EB{index:02d}") if text else None


_with = msgspec.structs.replace

_HANDLERS: dict[str, Callable[[_ReplyReader, Segment], None]] = {
    "BHT": _ReplyReader.begin,
    "HL": _ReplyReader.read_level,
    "NM1": _ReplyReader.read_name,
    "TRN": _ReplyReader.read_trace,
    "N3": _ReplyReader.read_place,
    "N4": _ReplyReader.read_place,
    "DMG": _ReplyReader.read_birth,
    "AAA": _ReplyReader.read_rejection,
    "EB": _ReplyReader.read_benefit,
    "DTP": _ReplyReader.read_date,
    "REF": _ReplyReader.read_ref,
    "MSG": _ReplyReader.read_message,
    "III": _ReplyReader.read_service_place,
    "LS": _ReplyReader.read_bracket,
    "LE": _ReplyReader.read_bracket,
}
