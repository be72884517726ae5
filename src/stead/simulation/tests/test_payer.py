"""The sandbox payer: the same files, seed and moments give the same answers; every answer balances."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stead.simulation.mail_sink import MailSink, mails
from stead.simulation.payer import Pace, SandboxPayer
from stead.simulation.payer.members import member_of
from stead.simulation.payer.verdicts import judge, line_key
from stead.simulation.sandbox import run_sandbox
from stead.x12.ack277ca import ClaimAck
from stead.x12.ack999 import GroupAck
from stead.x12.claim837p import Claim, ClaimBatch, Contact, Facility, TradingPartner, compose_claims
from stead.x12.content import Address, Received
from stead.x12.inbox import read_inbox
from stead.x12.remit835 import Remittance, is_balanced
from stead.x12.tests import samples
from stead.x12.writer import stamp_group, stamp_interchange, write_interchange

AT = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)
CALM = Pace(late=0, duplicate=0, reordered=0, silent=0)


def claim(account: str = "A1", member: str = "W1", **changes: Any) -> Claim:
    made = samples.claim()
    holder = msgspec.structs.replace(made.subscriber, member_id=member)
    plain = {"facility": None, "prior_authorization": "", "frequency": "1", "payer_number": "", "dependent": None}
    return msgspec.structs.replace(made, **(plain | {"account": account, "subscriber": holder} | changes))


def file_of(*claims: Claim, number: int = 1) -> bytes:
    batch = ClaimBatch(
        f"{number:09d}", AT.replace(tzinfo=None), TradingPartner("LINDEN", "611234567"), Contact("BEN", "5025550100"),
        TradingPartner("SANDBOX", "STEADSANDBOX"), claims,
    )  # fmt: skip
    body = compose_claims(batch, control="0001")
    header = stamp_interchange(sender="611234567", receiver="STEADSANDBOX", control=number, at=AT, usage="T")
    group = stamp_group(body, sender="611234567", receiver="STEADSANDBOX", control=number, at=AT)
    return write_interchange(header, (group, [body]))


def answers(folder: Path, *files: bytes, pace: Pace = CALM, seed: int = 7) -> list[tuple[str, Any]]:
    """Everything the payer sends within a year, in the order of delivery."""
    payer = SandboxPayer(folder, seed, pace)
    for number, data in enumerate(files):
        (folder / "outbound" / f"{number}.x12").write_bytes(data)
    told: list[tuple[str, Any]] = []
    due: datetime | None = AT
    while due is not None:
        names, due = payer.run(due), payer.next_due()
        for name in names:
            (item,) = read_inbox((folder / "inbound" / name).read_bytes())
            told.append((name, item.content if isinstance(item, Received) else item))
    return told


def contents(told: list[tuple[str, Any]], kind: type) -> list[Any]:
    return [content for _, content in told if isinstance(content, kind)]


def test_claim_is_received_taken_in_and_paid_less_the_copay(tmp_path: Path) -> None:
    told = answers(tmp_path, file_of(claim(member="W2")))
    assert [type(content) for _, content in told] == [GroupAck, ClaimAck, Remittance]
    ack, remittance = told[1][1], told[2][1]
    (taken,) = ack.claims
    (paid,) = remittance.claims
    assert (taken.outcome, taken.payer_number) == ("accepted", paid.payer_number)
    assert ack.batch == "000000001"
    assert is_balanced(remittance)
    assert paid.patient_owes == Decimal(30)
    assert {one.reason for line in paid.lines for one in line.adjustments} == {"45", "3"}
    assert [line.control for line in paid.lines] == [line.control for line in claim().lines]


def indiana(npi: str) -> Facility:
    return Facility("New Albany", Address("5 Bank Street", "New Albany", "IN", "471500001"), npi)


@pytest.mark.parametrize(
    ("changes", "reason", "remarks"),
    [
        ({"member": "W9"}, "27", ()),
        ({"facility": indiana("")}, "16", ("N255",)),
        ({"member": "W4"}, "197", ()),
    ],
)
def test_refusal_says_why_on_every_line(changes: dict[str, Any], reason: str, remarks: tuple[str, ...]) -> None:
    verdict = judge(claim(**changes), 7, frozenset())
    assert (verdict.status, verdict.paid) == ("4", Decimal(0))
    assert {one.reason for line in verdict.lines for one in line.adjustments} == {reason}
    assert {line.remarks for line in verdict.lines} == {remarks}


def test_what_was_missing_is_what_gets_it_paid() -> None:
    assert judge(claim(facility=indiana(samples.NPI)), 7, frozenset()).status == "1"
    assert judge(claim(member="W4", prior_authorization="AU-1"), 7, frozenset()).status == "1"


def test_service_paid_before_is_a_duplicate_unless_it_replaces(tmp_path: Path) -> None:
    again = claim("A2")
    replacing = claim("A3", frequency="7", payer_number="SBX00000001")
    told = answers(tmp_path, file_of(claim("A1")), file_of(again, number=2), file_of(replacing, number=3))
    said = {
        c.account: (c.status, c.lines[0].adjustments[0].reason) for r in contents(told, Remittance) for c in r.claims
    }
    assert (said["A1"][0], said["A2"], said["A3"][0]) == ("1", ("4", "18"), "1")


def test_unknown_member_is_rejected_and_never_judged(tmp_path: Path) -> None:
    told = answers(tmp_path, file_of(claim(member="W8"), claim("A2")))
    (ack,) = contents(told, ClaimAck)
    assert [one.outcome for one in ack.claims] == ["rejected", "accepted"]
    assert [(one.qualifier, one.value) for one in ack.quantities] == [("90", 1), ("AA", 1)]
    assert (ack.counted, ack.charged) == (2, sum(claim.charge for claim in (claim(), claim())))
    (remittance,) = contents(told, Remittance)
    assert [one.account for one in remittance.claims] == ["A2"]


def test_payer_forgets_repeats_and_swaps_as_payers_do(tmp_path: Path) -> None:
    silent = answers(tmp_path / "s", file_of(claim()), pace=replace(CALM, silent=1))
    assert not contents(silent, Remittance)
    twice = answers(tmp_path / "d", file_of(claim()), pace=replace(CALM, duplicate=1))
    assert len(contents(twice, Remittance)) == 2
    assert contents(twice, Remittance)[0] == contents(twice, Remittance)[1]
    swapped = answers(tmp_path / "r", file_of(claim()), pace=replace(CALM, reordered=1))
    assert [type(content) for _, content in swapped] == [GroupAck, Remittance, ClaimAck]


def test_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    wild = Pace(late=0.5, duplicate=0.5, reordered=0.5, silent=0.3)
    files = [file_of(*(claim(f"A{n}{i}", f"W{i}") for i in range(10)), number=n) for n in range(1, 6)]
    for folder in ("one", "two"):
        answers(tmp_path / folder, *files, pace=wild)
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / f / "inbound").iterdir()} for f in ("one", "two"))
    assert one == two
    answers(tmp_path / "three", *files, pace=wild, seed=8)
    assert one != {p.name: p.read_bytes() for p in (tmp_path / "three" / "inbound").iterdir()}


def test_number_used_before_is_told_and_not_paid_again(tmp_path: Path) -> None:
    told = answers(tmp_path, file_of(claim()), file_of(claim()))
    assert [name.split("_")[1] for name, _ in told] == ["TA1", "999", "277", "835"]


def test_file_nobody_can_read_is_put_aside(tmp_path: Path) -> None:
    assert answers(tmp_path, b"not a file") == []
    assert [p.name for p in (tmp_path / "payer" / "taken").iterdir()] == ["0.x12"]


@given(
    st.sampled_from("0123456789x"),
    st.lists(st.decimals(0, 500, places=2), min_size=1, max_size=4),
    st.integers(0, 50),
)
def test_every_line_adds_up_and_nothing_is_negative(ending: str, charges: list[Decimal], seed: int) -> None:
    line = samples.claim().lines[0]
    lines = tuple(msgspec.structs.replace(line, charge=c, control=f"L{i}") for i, c in enumerate(charges))
    verdict = judge(claim(member=f"W{ending}", lines=lines, charge=sum(charges, Decimal(0))), seed, frozenset())
    for one in verdict.lines:
        assert one.paid + sum((a.amount for a in one.adjustments), Decimal(0)) == one.line.charge
        assert one.paid >= 0
        assert all(a.amount >= 0 for a in one.adjustments)
    member = member_of(f"W{ending}")
    copays = [a.amount for one in verdict.lines for a in one.adjustments if a.reason == "3"]
    assert sum(copays, Decimal(0)) <= (member.copay or 0)


def test_line_key_tells_days_apart() -> None:
    line = claim().lines[0]
    other = msgspec.structs.replace(line, service_date=date(2026, 1, 1))
    assert line_key(claim(), line) != line_key(claim(), other)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[MailSink]:
    with MailSink(tmp_path / "mail") as running:
        yield running


def test_mail_is_kept_whole_and_once(sink: MailSink) -> None:
    text = "From: a@b\r\nMessage-ID: <1@stead>\r\nSubject: Hi\r\n\r\n.dot\r\n"
    for _ in range(2):
        with smtplib.SMTP("127.0.0.1", sink.port, timeout=5) as line:
            line.sendmail("a@b.example", ["dee@example.org"], text)
    (mail,) = mails(sink.folder)
    assert mail.get_payload() == ".dot\n" or mail.get_payload() == ".dot\r\n"


@pytest.mark.parametrize(("address", "code"), [("bounce@example.org", 550), ("later@example.org", 451)])
def test_sink_refuses_by_address(sink: MailSink, address: str, code: int) -> None:
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=5) as line, pytest.raises(smtplib.SMTPRecipientsRefused) as no:
        line.sendmail("a@b.example", [address], "x")
    assert no.value.recipients[address][0] == code
    assert mails(sink.folder) == []


def test_sandbox_answers_every_mailbox_until_it_is_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "mailboxes" / "p1"
    (folder / "outbound").mkdir(parents=True)
    (folder / "outbound" / "1.x12").write_bytes(file_of(claim()))
    stop = threading.Event()
    running = threading.Thread(target=run_sandbox, args=(tmp_path, 0, stop))
    running.start()
    for _ in range(200):
        if not list((folder / "outbound").iterdir()):
            break
        stop.wait(0.02)
    stop.set()
    running.join(5)
    assert not running.is_alive()
    assert list((folder / "payer" / "taken").iterdir())
    assert timedelta(0) < SandboxPayer(folder).pace.receipt
