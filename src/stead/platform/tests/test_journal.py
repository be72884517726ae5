"""The journal: predecessors, seals, tampering found, followers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, ProgrammingError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.platform.journal import follow, seals
from stead.platform.journal.models import JournalEntry, JournalPending, JournalSealed
from stead.platform.journal.write import Line, write, write_all
from stead.platform.tenancy.catalogue import partitions_of

pytestmark = pytest.mark.django_db


def test_line_knows_its_predecessor_in_the_case(inside: UUID, ana: Actor, ben: Actor, at: datetime) -> None:
    case = new_id()
    first = write("case.opened", by=ana, at=at, case_id=case)
    second = write("case.stage_entered", by=ben, at=at + timedelta(hours=2), case_id=case, stage="packet")
    assert (second.previous_id, second.previous_verb, second.previous_actor_id) == (first.id, "case.opened", ana.id)
    assert second.waited_seconds == 7200
    assert first.previous_id is None


def test_many_lines_at_once_are_what_one_by_one_would_be(inside: UUID, ana: Actor, at: datetime) -> None:
    case, patient, other = new_id(), new_id(), new_id()
    before = write("case.opened", by=ana, at=at - timedelta(hours=1), case_id=case)
    lines = [
        Line("claim.paid", patient_id=patient, data={"paid_cents": 8000}),
        Line("claim.paid", patient_id=other),
        Line("case.noted", case_id=case, patient_id=patient),
        Line("claim.denied", patient_id=patient, data={"at": at}),
    ]
    with CaptureQueriesContext(connection) as asked:
        paid, alone, noted, denied = write_all(lines, by=ana, at=at)
    assert len(asked) <= 2  # the lines, and the jobs of their followers
    assert (denied.previous_id, denied.previous_verb, denied.waited_seconds) == (paid.id, "claim.paid", 0)
    assert (noted.previous_id, noted.waited_seconds) == (before.id, 3600)
    assert (paid.previous_id, alone.previous_id, alone.previous_verb) == (None, None, "")
    kept = {row.id: row for row in JournalEntry.objects.exclude(id=before.id)}
    assert [kept[line.id].verb for line in (paid, alone, noted, denied)] == [line.verb for line in lines]
    assert [kept[line.id].previous_id for line in (paid, alone, noted, denied)] == [None, None, before.id, paid.id]
    assert kept[paid.id].data == {"paid_cents": 8000}
    seals.seal_batch(at)
    assert seals.verify() == []
    assert write_all([], by=ana, at=at) == []


def test_many_lines_wake_each_follower_once_per_line(
    inside: UUID, ana: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled: list[str] = []
    monkeypatch.setattr(follow, "_followers", {"claim.paid": {"one": print, "two": print}})
    monkeypatch.setattr(follow, "_handlers", {"claim.paid": [lambda entry: handled.append(entry.verb)]})
    written = write_all([Line("claim.paid"), Line("claim.sent"), Line("claim.paid")], by=ana, at=at)
    assert handled == ["claim.paid", "claim.paid"]
    with connection.cursor() as cursor:
        cursor.execute("select args from procrastinate_jobs where task_name = 'journal.follow' order by id")
        found = [json.loads(args) if isinstance(args, str) else args for (args,) in cursor.fetchall()]
    assert [(job["entry_id"], job["follower"]) for job in found] == [
        (str(line.id), name) for line in (written[0], written[2]) for name in ("one", "two")
    ]
    assert {job["practice"] for job in found} == {str(inside)}


def test_line_cannot_be_changed_or_removed(inside: UUID, ana: Actor, at: datetime) -> None:
    line = write("case.opened", by=ana, at=at)
    kept = JournalEntry.objects.filter(id=line.id)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        kept.update(verb="x")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        kept.delete()


def test_seals_cover_every_line_in_order(inside: UUID, ana: Actor, at: datetime) -> None:
    lines = [write("case.opened", by=ana, at=at + timedelta(seconds=n)) for n in range(5)]
    seal = seals.seal_batch(at)
    assert seal is not None
    assert (seal.number, seal.rows, seal.last_line) == (1, 5, 5)
    assert list(JournalSealed.objects.order_by("line").values_list("id", flat=True)) == [line.id for line in lines]
    assert not JournalPending.objects.exists()
    assert seals.seal_batch(at) is None
    assert seals.verify() == []


@pytest.fixture
def tampered_as_owner(linden: UUID) -> object:
    """Return a function that changes rows past all rights, as a thief with the owner's connection would."""

    def tamper(statement: str, *values: UUID) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute("set role none; set session_replication_role = replica")  # triggers off
            cursor.execute(statement, values)
            assert cursor.rowcount == 1
            cursor.execute("set session_replication_role = origin; set role stead_owner")

    return tamper


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("update journal_entry set actor_name = 'Somebody' where practice_id = %s and verb = 'c2'", "was changed"),
        ("update journal_entry set at = at - interval '1 day' where practice_id = %s and verb = 'c2'", "was changed"),
        ("delete from journal_entry where practice_id = %s and verb = 'c2'", "is gone"),
        ("delete from journal_seal where practice_id = %s and number = 1", "Seal 1 is gone"),
        ("delete from journal_seal where practice_id = %s and number = 2", "Seal 2 is gone"),
        (
            "update journal_entry set case_id = patient_id, patient_id = null where practice_id = %s and verb = 'c2'",
            "was changed",
        ),
        (
            "update journal_entry set previous_id = case_id, case_id = null where practice_id = %s and verb = 'c3'",
            "was changed",
        ),
    ],
)
def test_tampering_is_found(
    linden: UUID, ana: Actor, at: datetime, tampered_as_owner: object, statement: str, words: str
) -> None:
    from stead.platform.tenancy.context import acting

    with acting(linden, ana):
        for n in range(4):
            write(f"c{n}", by=ana, at=at + timedelta(seconds=n), patient_id=(new_id(), None)[n % 2],
                  case_id=(None, new_id())[n % 2])  # fmt: skip
        seals.seal_batch(at)
        write("later", by=ana, at=at)
        seals.seal_batch(at)
    tampered_as_owner(statement, linden)  # type: ignore[operator]
    with acting(linden, ana):
        assert any(words in found.words for found in seals.verify())


@pytest.mark.django_db(databases=["default", "owner"])
def test_partition_refuses_truncate_as_its_parent_does(inside: UUID, ana: Actor, at: datetime) -> None:
    owner = connections["owner"]
    names = ["journal_entry", *partitions_of(owner, "journal_entry")]
    assert len(names) > 1
    for name in names:
        refused = pytest.raises(DatabaseError, match="append-only")
        with refused, transaction.atomic(using="owner"), owner.cursor() as cursor:
            cursor.execute("set role stead_owner")
            cursor.execute(f"truncate {name}")


def test_cut_tail_is_found_only_with_the_anchor(inside: UUID, ana: Actor, at: datetime) -> None:
    write("case.opened", by=ana, at=at)
    seal = seals.seal_batch(at)
    assert seal is not None
    assert seals.verify((seal.number, bytes(seal.hash).hex())) == []
    assert "cut off" in seals.verify((seal.number + 1, "ab"))[0].words
    assert "rebuilt" in seals.verify((seal.number, "ab"))[0].words


def test_handler_runs_in_the_transaction_of_the_line(inside: UUID, ana: Actor, at: datetime) -> None:
    seen: list[UUID] = []
    follow._handlers["test.happened"] = [lambda entry: seen.append(entry.id)]
    try:
        line = write("test.happened", by=ana, at=at)
    finally:
        del follow._handlers["test.happened"]
    assert seen == [line.id]


def test_follower_is_enqueued_with_the_line(inside: UUID, ana: Actor, at: datetime) -> None:
    follow._followers["test.happened"] = {"a follower": lambda entry: None}
    try:
        line = write("test.happened", by=ana, at=at)
    finally:
        del follow._followers["test.happened"]
    with connection.cursor() as cursor:
        cursor.execute("select args from procrastinate_jobs where task_name = 'journal.follow'")
        (args,) = cursor.fetchone()
    assert json.loads(args) == {"practice": str(inside), "entry_id": str(line.id), "follower": "a follower"}
