"""The desk of the sandbox payer: takes files in, decides at once, and lets each answer lie until it is due.

Everything it must remember lies beside the mailbox in `payer/`: answers not yet due (one file each, named by their
moment), the files it has taken, the services it has paid and its control numbers. A run that is killed may answer a
file twice, which real payers do as well, and which whoever reads the answers must bear.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from stead.exchange.mailbox import write_whole
from stead.simulation.payer import letters
from stead.simulation.payer.verdicts import chance, judge, line_key
from stead.x12.ack277ca import compose_claim_ack
from stead.x12.ack999 import compose_group_ack
from stead.x12.claim837p import Claim, ClaimBatch
from stead.x12.content import Received
from stead.x12.eligibility import InquiryBatch, compose_replies
from stead.x12.envelope import survey
from stead.x12.headers import Heading, Interchange
from stead.x12.inbox import read_inbox
from stead.x12.remit835 import compose_remittance
from stead.x12.writer import Body, stamp_group, stamp_interchange, write_interchange, write_interchange_ack

_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True)
class Pace:
    """How long each answer takes, and how often the payer misbehaves (by seed: per file, `silent` per claim)."""

    eligibility: timedelta = timedelta(0)
    receipt: timedelta = timedelta(minutes=5)
    claim_receipt: timedelta = timedelta(hours=3)
    remit: tuple[timedelta, timedelta] = (timedelta(days=7), timedelta(days=16))
    delay: timedelta = timedelta(days=35)
    late: float = 0.08
    duplicate: float = 0.10
    reordered: float = 0.10
    silent: float = 0.03

    @classmethod
    def of_demo(cls) -> Pace:
        """Weeks in minutes, so that somebody who looks on sees every answer arrive."""
        return cls(
            eligibility=timedelta(seconds=3),
            receipt=timedelta(seconds=20),
            claim_receipt=timedelta(seconds=60),
            remit=(timedelta(minutes=2), timedelta(minutes=6)),
            delay=timedelta(minutes=15),
        )


@dataclass
class _Memory:
    """What the payer must not forget."""

    next_number: int = 1
    taken: set[str] = field(default_factory=set)
    paid: set[str] = field(default_factory=set)

    @classmethod
    def load(cls, path: Path) -> _Memory:
        if not path.exists():
            return cls()
        data: dict[str, Any] = json.loads(path.read_text())
        return cls(data["next_number"], set(data["taken"]), set(data["paid"]))

    def keep(self, path: Path) -> None:
        data = {"next_number": self.next_number, "taken": sorted(self.taken), "paid": sorted(self.paid)}
        write_whole(path, json.dumps(data).encode())

    def number(self) -> int:
        self.next_number += 1
        return self.next_number - 1


class SandboxPayer:
    """One clearinghouse with all its payers at one mailbox folder."""

    def __init__(self, folder: Path, seed: int = 7, pace: Pace | None = None) -> None:
        self.folder, self.seed, self.pace = folder, seed, pace or Pace()
        self.own = folder / "payer"
        for name in ("due", "taken"):
            (self.own / name).mkdir(parents=True, exist_ok=True)
        for tray in ("outbound", "inbound"):
            (folder / tray).mkdir(parents=True, exist_ok=True)
        self._memory = _Memory.load(self.own / "memory.json")

    def run(self, at: datetime) -> list[str]:
        """Take every waiting file in, then deliver what is due; answers the names of the files delivered."""
        for path in sorted((self.folder / "outbound").glob("[!.]*")):
            self._take(path, at)
        delivered = []
        for due in sorted((self.own / "due").glob("[!.]*")):
            stamp, _, name = due.name.partition("_")
            if datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC) <= at:
                due.replace(self.folder / "inbound" / name)
                delivered.append(name)
        return delivered

    def next_due(self) -> datetime | None:
        """When the next answer is due; None when nothing is on its way."""
        stamps = sorted(path.name.partition("_")[0] for path in (self.own / "due").glob("[!.]*"))
        return datetime.strptime(stamps[0], _STAMP).replace(tzinfo=UTC) if stamps else None

    def _take(self, path: Path, at: datetime) -> None:
        data = path.read_bytes()
        if any(fault.scope != "note" for fault in survey(data).faults):
            path.replace(self.own / "taken" / path.name)
            return  # a file without readable envelope cannot even be answered
        for item in read_inbox(data):
            if isinstance(item, Received):
                self._answer(item, at)
        self._memory.keep(self.own / "memory.json")
        path.replace(self.own / "taken" / path.name)

    def _answer(self, item: Received[Any], at: datetime) -> None:
        heading = item.heading
        isa = heading.interchange
        if f"{isa.sender}|{isa.control}" in self._memory.taken:
            self._tell_repeated(isa, at)
            return
        self._memory.taken.add(f"{isa.sender}|{isa.control}")
        if isinstance(item.content, InquiryBatch):
            replies = letters.replies_of(item.content, at.replace(tzinfo=None))
            if replies is not None:
                self._send("271", compose_replies(replies, control="0001"), heading, at + self.pace.eligibility)
        elif isinstance(item.content, ClaimBatch):
            ack = compose_group_ack(letters.group_ack_of(heading), control="0001")
            self._send("999", ack, heading, at + self.pace.receipt)
            self._answer_claims(item.content, heading, at)

    def _answer_claims(self, batch: ClaimBatch, heading: Heading, at: datetime) -> None:
        numbers = {claim.account: f"SBX{self._memory.number():08d}" for claim in batch.claims}
        luck = chance(self.seed, "file", batch.reference)
        is_late, is_twice, is_swapped = (
            luck.random() < odds for odds in (self.pace.late, self.pace.duplicate, self.pace.reordered)
        )
        soonest, latest = self.pace.remit
        wait = soonest + (latest - soonest) * luck.random() + (self.pace.delay if is_late else timedelta(0))
        receipt_at, remit_at = at + self.pace.claim_receipt, at + wait
        if is_swapped:
            receipt_at = remit_at + self.pace.claim_receipt
        receipt = compose_claim_ack(letters.claim_ack_of(batch, receipt_at, numbers), control="0001")
        self._send("277", receipt, heading, receipt_at)
        for body in self._remittances(batch.claims, remit_at, numbers):
            data = self._send("835", body, heading, remit_at)
            if is_twice:
                self._lay_out("835-copy", data, remit_at + soonest / 7)

    def _remittances(self, claims: Iterable[Claim], at: datetime, numbers: dict[str, str]) -> list[Body]:
        """One remittance per payer, for the claims that it took in and does not forget."""
        live = [c for c in claims if not letters.is_rejected(c) and not self.is_silent(c)]
        bodies = []
        for _, group in groupby(sorted(live, key=lambda c: c.payer.id), key=lambda c: c.payer.id):
            verdicts = []
            for claim in group:
                verdict = judge(claim, self.seed, frozenset(self._memory.paid))
                if verdict.status == "1":
                    self._memory.paid |= {line_key(claim, line) for line in claim.lines}
                verdicts.append(verdict)
            trace = f"SBXEFT{self._memory.number():07d}"
            remittance = letters.remittance_of(verdicts, trace, at, numbers)
            bodies.append(compose_remittance(remittance, control="0001"))
        return bodies

    def is_silent(self, claim: Claim) -> bool:
        """Tell whether the payer will never answer this claim."""
        return chance(self.seed, "silent", claim.account).random() < self.pace.silent

    def _send(self, kind: str, body: Body, heading: Heading, due: datetime) -> bytes:
        isa, number = heading.interchange, self._memory.number()
        header = stamp_interchange(
            sender=isa.receiver.strip(), receiver=isa.sender.strip(), control=number, at=due, usage=isa.usage
        )
        group = stamp_group(body, sender=isa.receiver.strip(), receiver=isa.sender.strip(), control=number, at=due)
        data = write_interchange(header, (group, [body]))
        self._lay_out(kind, data, due, number)
        return data

    def _tell_repeated(self, isa: Interchange, at: datetime) -> None:
        """A file whose number was taken before is rejected whole (TA1 note 025: the number is a duplicate)."""
        number = self._memory.number()
        header = stamp_interchange(
            sender=isa.receiver.strip(), receiver=isa.sender.strip(), control=number, at=at, usage=isa.usage
        )
        self._lay_out("TA1", write_interchange_ack(header, of=isa, outcome="E", note="025"), at, number)

    def _lay_out(self, kind: str, data: bytes, due: datetime, number: int | None = None) -> None:
        number = self._memory.number() if number is None else number
        name = f"{due.astimezone(UTC).strftime(_STAMP)}_sbx_{kind}_{number:09d}.x12"
        write_whole(self.own / "due" / name, data)
