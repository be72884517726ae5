"""270 out, 271 in, through real folders, with the sandbox payer at the other end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from stead.coverage.models import EligibilityCheck
from stead.coverage.terms import Subscriber
from stead.exchange import actions, jobs
from stead.exchange.models import Interchange, MailboxFault
from stead.exchange.rules import ProfileMissing
from stead.exchange.tests.cast import Post, asked, covered
from stead.platform import clock
from stead.platform.actors import Actor
from stead.platform.journal.models import JournalEntry
from stead.x12.eligibility import InquiryBatch
from stead.x12.inbox import read_inbox

pytestmark = pytest.mark.django_db


def answered(post: Post, member_id: str, **more: object) -> EligibilityCheck:
    check = asked(post, covered(post, member_id, **more))
    post.upload_all()
    post.payer().run(post.at)
    post.fetch_all()
    return EligibilityCheck.objects.get(id=check.id)


@pytest.mark.parametrize(
    ("member_id", "state", "copay", "authorization", "code"),
    [
        ("W0", "active", 0, False, ""),
        ("W1", "active", 2000, False, ""),
        ("W4", "active", 2500, True, ""),
        ("W7", "rejected", None, None, "42"),
        ("W8", "rejected", None, None, "75"),
        ("W9", "inactive", None, None, ""),
        ("W6", "asked", None, None, ""),
    ],
)
def test_answer_comes_back_to_its_question(
    post: Post, member_id: str, state: str, copay: int | None, authorization: bool | None, code: str
) -> None:
    check = answered(post, member_id)
    assert (check.state, check.copay_cents, check.authorization_required, check.reject_code) == (
        state,
        copay,
        authorization,
        code,
    )
    assert not MailboxFault.objects.exists()
    assert list(Interchange.objects.filter(direction="in").values_list("kind", flat=True)) == (
        [] if member_id == "W6" else ["271"]
    )


def test_coinsurance_and_deductible_are_read(post: Post) -> None:
    check = answered(post, "W3")
    assert (check.copay_cents, check.coinsurance_percent, check.deductible_left_cents) == (None, 20, 35000)
    assert ["Deductible, 30", "$350.00, remaining, in network"] in check.answer["rows"]


def test_carve_out_names_the_other_payer(post: Post) -> None:
    assert answered(post, "W5").carve_out == "OHIO VALLEY BEHAVIORAL"


def test_dependent_is_asked_about_under_the_holder(post: Post) -> None:
    holder = Subscriber("Joan", "Marsh", date(1960, 1, 2))
    assert answered(post, "W1", relation="child", subscriber=holder).state == "active"
    (taken,) = (post.folder / "payer" / "taken").iterdir()
    (item,) = read_inbox(taken.read_bytes())
    assert isinstance(item.content, InquiryBatch)  # type: ignore[union-attr]  # the reader's union
    (inquiry,) = item.content.inquiries  # type: ignore[union-attr]
    assert inquiry.dependent is not None
    assert (inquiry.subscriber.first, inquiry.dependent.first) == ("JOAN", "DEE")


def test_question_is_written_once_and_its_file_is_answered(post: Post) -> None:
    check = asked(post, covered(post, "W1"))
    with clock.driven(post.at):
        jobs.send_inquiry(check_id=check.id)
    assert Interchange.objects.count() == 1
    assert post.upload_all() == ["000000001_270_20261124T154200Z.x12"]
    post.upload_all()
    post.payer().run(post.at)
    post.fetch_all()
    assert Interchange.objects.get(direction="out").state == "answered"
    verbs = set(JournalEntry.objects.values_list("verb", flat=True))
    assert {"file.built", "file.sent", "file.read", "eligibility.answered"} <= verbs


def test_same_answer_under_another_name_changes_nothing(post: Post) -> None:
    asked(post, covered(post, "W1"))
    post.upload_all()
    (name,) = post.payer().run(post.at)
    data = (post.folder / "inbound" / name).read_bytes()
    post.fetch_all()
    post.drop("again.edi", data)
    post.fetch_all()
    assert Interchange.objects.filter(direction="in").count() == 1
    assert JournalEntry.objects.filter(verb="eligibility.answered").count() == 1
    assert (post.box.count("inbound"), post.box.count("archive")) == (0, 2)
    assert not MailboxFault.objects.exists()


def test_answer_to_a_strange_question_is_told_and_can_be_read_again(post: Post) -> None:
    check = asked(post, covered(post, "W1"))
    post.upload_all()
    post.payer().run(post.at)
    EligibilityCheck.objects.filter(id=check.id).update(trace="ELSEWHERE")
    post.fetch_all()
    fault = MailboxFault.objects.get()
    assert fault.reason == "1 of 1 answers fit no question of ours."
    assert (post.box.count("refused"), post.box.count("inbound")) == (1, 0)
    EligibilityCheck.objects.filter(id=check.id).update(trace=check.trace)
    actions.read_again(**post.door, fault_id=fault.id)
    assert EligibilityCheck.objects.get(id=check.id).state == "active"
    assert MailboxFault.objects.get().settled_at is not None
    assert Interchange.objects.get(direction="in").state == "read"


def test_file_the_clearinghouse_could_not_read_fails_its_questions(post: Post) -> None:
    from stead.x12.writer import stamp_interchange, write_interchange_ack

    check = asked(post, covered(post, "W1"))
    ours = stamp_interchange(sender="611234567", receiver="STEADSANDBOX", control=1, at=post.at, usage="T")
    theirs = stamp_interchange(sender="STEADSANDBOX", receiver="611234567", control=9, at=post.at, usage="T")
    post.drop("ta1.x12", write_interchange_ack(theirs, of=ours, outcome="R", note="024"))
    post.fetch_all()
    row = EligibilityCheck.objects.get(id=check.id)
    assert (row.state, row.answer["words"]) == ("failed", "The clearinghouse could not read the file.")
    assert Interchange.objects.get(direction="out").state == "refused"
    assert "was not read at all" in MailboxFault.objects.get().reason


def test_practice_without_profile_is_told_before_anything_is_written(inside: UUID, olu: Actor, at: datetime) -> None:
    bare = Post(inside, olu, at)
    with pytest.raises(ProfileMissing):
        asked(bare, covered(bare, "W2"))
    assert not Interchange.objects.exists()


def test_answers_come_later_if_the_payer_is_slow(post: Post) -> None:
    from stead.simulation.payer import Pace

    asked(post, covered(post, "W1"))
    post.upload_all()
    payer = post.payer(pace=Pace(eligibility=timedelta(hours=2)))
    assert payer.run(post.at) == []
    assert payer.next_due() == post.at + timedelta(hours=2)
    assert len(payer.run(post.at + timedelta(hours=2))) == 1


def test_answer_that_contradicts_ours_leaves_the_others_of_its_file_alone(post: Post) -> None:
    from stead.x12.content import Received
    from stead.x12.eligibility import Reply, ReplyBatch, compose_replies
    from stead.x12.writer import stamp_group, stamp_interchange, write_interchange

    first, second = asked(post, covered(post, "W1")), asked(post, covered(post, "W4"))
    post.upload_all()
    replies: list[Reply] = []
    for name in post.payer().run(post.at):
        (item,) = read_inbox((post.folder / "inbound" / name).read_bytes())
        assert isinstance(item, Received)
        assert isinstance(item.content, ReplyBatch)
        replies += item.content.replies
        (post.folder / "inbound" / name).unlink()
    EligibilityCheck.objects.filter(id=first.id).update(state="inactive", answer={"words": "Said on the telephone."})
    body = compose_replies(ReplyBatch("000000001", post.at.replace(tzinfo=None), tuple(replies)), control="0001")
    header = stamp_interchange(sender="STEADSANDBOX", receiver="611234567", control=9, at=post.at, usage="T")
    group = stamp_group(body, sender="STEADSANDBOX", receiver="611234567", control=9, at=post.at)
    post.drop("271.x12", write_interchange(header, (group, [body])))
    (row,) = post.fetch_all()
    row.refresh_from_db()
    assert EligibilityCheck.objects.get(id=first.id).state == "inactive"
    assert EligibilityCheck.objects.get(id=second.id).state == "active"
    assert (row.state, row.faults) == ("read", ["1 of 2 answers differ from the one we have; the first was kept."])
