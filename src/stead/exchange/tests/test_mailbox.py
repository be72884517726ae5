"""The mailbox: whole files only, nothing lost, nothing read twice, broken files shown with their reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stead.billing.models import Remittance
from stead.exchange import actions, jobs, rules
from stead.exchange.mailbox import FolderMailbox
from stead.exchange.models import Interchange, MailboxFault
from stead.exchange.outgoing import kept_bytes
from stead.exchange.tests.cast import Post, asked, covered
from stead.platform import clock
from stead.platform.identifiers import new_id
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import NotPermitted
from stead.x12.tests import samples

pytestmark = pytest.mark.django_db


def test_half_written_file_is_seen_by_nobody(tmp_path: Path) -> None:
    box = FolderMailbox(tmp_path)
    (tmp_path / "inbound" / ".half.x12.part").write_bytes(b"ISA")
    box.put("whole.x12", b"ISA*")
    assert box.waiting() == []
    assert [path.name for path in (tmp_path / "outbound").iterdir()] == ["whole.x12"]


@pytest.mark.parametrize("name", ["../up.x12", ".hidden", "a/b", "", "a b", "ä.x12", "a\n.x12"])
def test_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(rules.FileNameUnsafe):
        FolderMailbox(tmp_path).put(name, b"")


def test_two_files_of_one_name_are_both_kept(tmp_path: Path) -> None:
    box = FolderMailbox(tmp_path)
    for text in (b"one", b"two"):
        (tmp_path / "inbound" / "era.x12").write_bytes(text)
        box.archive("era.x12")
    assert sorted(p.read_bytes() for p in (tmp_path / "archive").iterdir()) == [b"one", b"two"]


BROKEN = {
    "cut": samples.plain().encode()[:400],
    "not x12": b"<html>504 Gateway Timeout</html>",
    "empty": b"",
    "wrong count": samples.plain().replace("IEA*1*", "IEA*2*").encode(),
    "zip": b"PK\x03\x04" + bytes(60),
}


@pytest.mark.parametrize("how", sorted(BROKEN))
def test_broken_file_is_refused_with_its_reason_and_kept(post: Post, how: str) -> None:
    post.drop("era.x12", BROKEN[how])
    (row,) = post.fetch_all()
    row.refresh_from_db()
    assert (row.state, row.kind) == ("refused", "unknown")
    assert row.faults
    assert kept_bytes(row) == BROKEN[how]
    assert MailboxFault.objects.filter(sha256=row.sha256, settled_at=None).exists()
    assert post.box.waiting() == []
    reason = (post.folder / "refused" / "era.x12.reason.txt").read_text()
    assert row.faults[0] in reason
    assert "EXAMPLE" not in reason + MailboxFault.objects.values_list("reason", flat=True)[0]


@pytest.mark.parametrize("written", ["*ICN\x001*", "*ICN1\x00*"])
def test_value_that_cannot_be_kept_refuses_the_transaction_and_not_the_mailbox(post: Post, written: str) -> None:
    text = samples.plain().replace("*ICN1*", written)
    post.drop("era.x12", text.encode())
    (row,) = post.fetch_all()
    row.refresh_from_db()
    assert (row.state, row.faults) == (
        "refused",
        ["It holds a value that cannot be kept: too long, too large, or not text."],
    )
    assert post.box.waiting() == []


def test_test_file_is_refused_whole_by_a_live_mailbox(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "*T*:~" in samples.plain()
    monkeypatch.setenv("STEAD_EDI_LIVE", "1")
    post.drop("era.x12", samples.plain().encode())
    (row,) = post.fetch_all()
    row.refresh_from_db()
    assert (row.state, row.faults) == ("refused", [rules.LiveMailboxRefusesTests.words])
    assert not Remittance.objects.exists()


def test_live_file_is_used_by_a_live_mailbox(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEAD_EDI_LIVE", "1")
    post.drop("era.x12", samples.plain().replace("*T*:~", "*P*:~").encode())
    post.fetch_all()
    assert Remittance.objects.get().amount_cents == 5000


@pytest.mark.parametrize(
    ("payee", "posted"),
    [
        ("XX*1234567893", True),
        ("FI*611234567", True),
        ("FI*61-1234567", True),
        ("XX*1679576722~REF*TJ*611234567", True),
        ("XX*1679576722", False),
        ("FI*619999999", False),
        ("XX*611234567", False),
        ("XV*1234567893", False),
    ],
)
def test_remittance_for_another_payee_is_a_fault_and_not_posted(post: Post, payee: str, posted: bool) -> None:
    text = samples.plain().replace("XX*1234567893~LX", f"{payee}~LX")
    text = text.replace("SE*23", "SE*24") if "REF*TJ" in payee else text
    post.drop("era.x12", text.encode())
    (row,) = post.fetch_all()
    row.refresh_from_db()
    assert Remittance.objects.exists() is posted
    assert (row.state, MailboxFault.objects.exists()) == (("read", False) if posted else ("refused", True))
    assert posted or "pays somebody else" in row.faults[0]


def test_file_too_large_is_put_aside_unread_with_one_fault(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stead.exchange.mailbox.MOST_BYTES", 100)
    post.drop("era.x12", b"x" * 101)
    assert post.fetch_all() == []
    actions.take_file(**post.door, name="era.x12")  # as after a kill between commit and move
    assert MailboxFault.objects.get().reason == rules.FileTooLarge.words
    assert not Interchange.objects.exists()
    assert JournalEntry.objects.filter(verb="file.refused").count() == 1


def test_file_of_just_the_most_bytes_is_read(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    text = samples.plain().encode()
    monkeypatch.setattr("stead.exchange.mailbox.MOST_BYTES", len(text))
    post.drop("era.x12", text)
    post.fetch_all()
    assert Remittance.objects.exists()


def test_broken_file_that_comes_again_makes_no_second_fault(post: Post) -> None:
    for name in ("era.x12", "era-2.x12"):
        post.drop(name, BROKEN["cut"])
        post.fetch_all()
    assert Interchange.objects.filter(direction="in").count() == 1
    assert MailboxFault.objects.count() == 1
    assert len(Interchange.objects.get().faults) == 5
    assert post.box.count("refused") == 2


def test_kill_before_the_commit_leaves_the_file_where_it_was(post: Post) -> None:
    from django.db import transaction

    post.drop("answer.x12", answer_of(post))
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        actions.take_file(**post.door, name="answer.x12")
        raise KeyboardInterrupt
    assert not Interchange.objects.filter(direction="in").exists()
    assert post.box.waiting() == ["answer.x12"]
    post.fetch_all()
    assert Interchange.objects.get(direction="in").state == "read"


def test_kill_between_commit_and_move_only_moves_the_file(post: Post) -> None:
    post.drop("answer.x12", answer_of(post))
    actions.take_file(**post.door, name="answer.x12")  # the test's own transaction keeps the move from happening
    assert post.box.waiting() == ["answer.x12"]
    post.fetch_all()
    assert (post.box.count("inbound"), post.box.count("archive")) == (0, 1)
    assert JournalEntry.objects.filter(verb="eligibility.answered").count() == 1


def answer_of(post: Post) -> bytes:
    """The bytes of a 271 that answers a question of ours, taken out of the tray."""
    asked(post, covered(post, "W1"))
    post.upload_all()
    (name,) = post.payer().run(post.at)
    path = post.folder / "inbound" / name
    data = path.read_bytes()
    path.unlink()
    return data


def test_file_taken_by_another_worker_is_no_fault(post: Post) -> None:
    assert actions.take_file(**post.door, name="gone.x12") is None


def test_upload_after_a_kill_lays_the_same_bytes_under_the_same_number(post: Post) -> None:
    asked(post, covered(post, "W1"))
    (name,) = post.upload_all()
    first = (post.folder / "outbound" / name).read_bytes()
    Interchange.objects.update(state="built")  # as if the process had died between rename and commit
    assert post.upload_all() == [name]
    assert (post.folder / "outbound" / name).read_bytes() == first
    post.payer().run(post.at)
    Interchange.objects.update(state="built")
    post.upload_all()
    (told,) = post.payer().run(post.at)
    assert "_TA1_" in told


def test_poll_queues_every_file_and_the_job_takes_the_right_one(post: Post) -> None:
    post.drop("b 611234567.x12", BROKEN["cut"])
    with clock.driven(post.at):
        jobs.poll_mailbox()
        jobs.poll_mailbox()
        jobs.take_file(key=jobs.name_key("b 611234567.x12"))
    assert Interchange.objects.get().file_name == "b 611234567.x12"


def test_fault_is_settled_once_and_only_by_who_may(post: Post, ana: object) -> None:
    post.drop("era.x12", BROKEN["cut"])
    post.fetch_all()
    fault = MailboxFault.objects.first()
    assert fault is not None
    with pytest.raises(NotPermitted):
        actions.settle_fault(**(post.door | {"by": ana}), fault_id=fault.id)
    actions.settle_fault(**post.door, fault_id=fault.id)
    with pytest.raises(rules.FaultSettled):
        actions.settle_fault(**post.door, fault_id=fault.id)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(["interchange", "claim", "batch"]), min_size=1, max_size=12), st.integers(0, 11))
def test_numbers_grow_by_one_within_a_series_and_never_repeat(post: Post, series: list[str], undo_at: int) -> None:
    """Also across a transaction that is taken back: nothing left under its number."""
    from django.db import transaction

    from stead.exchange.models import ControlNumber
    from stead.exchange.numbers import next_number

    ControlNumber.objects.all().update(last=0)
    given_out: dict[str, list[int]] = {}
    for place, name in enumerate(series):
        if place == undo_at:
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                next_number(name)
                raise ZeroDivisionError
        given_out.setdefault(name, []).append(next_number(name))
    for numbers in given_out.values():
        assert numbers == list(range(1, len(numbers) + 1))


def test_last_number_of_a_series_is_refused_rather_than_reused(post: Post) -> None:
    from stead.exchange.models import ControlNumber
    from stead.exchange.numbers import next_number

    ControlNumber.objects.create(series="interchange", last=rules.HIGHEST_NUMBER)
    with pytest.raises(rules.NumbersUsedUp):
        next_number()


def test_practices_that_share_a_sender_never_share_a_number() -> None:
    from stead.exchange.numbers import next_control
    from stead.platform import actors
    from stead.platform.tenancy.context import acting

    ours, theirs = new_id(), new_id()
    given_out = []
    for practice, sender in [(ours, "OWN"), (ours, "SUB1"), (theirs, "SUB1"), (theirs, "SUB1"), (ours, "SUB1"),
                             (ours, "OWN"), (theirs, "OWN")]:  # fmt: skip
        with acting(practice, actors.system()):
            given_out.append((practice, sender, next_control(sender)))
    assert [number for _, _, number in given_out] == [1, 2, 3, 4, 5, 6, 7]
    assert len({(sender, number) for _, sender, number in given_out}) == 7
    assert len({(practice, number) for practice, _, number in given_out}) == 7
