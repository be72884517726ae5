"""Claims out; 999, 277CA, 835 in; through real folders, with the sandbox payer at the other end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from stead.billing.actions import scrub_claim
from stead.billing.models import Claim, ClaimEvent, Denial, LedgerEntry, Remittance
from stead.billing.tests.cast import House
from stead.billing.tests.conftest import house, ten_forty_two
from stead.coverage.models import Coverage
from stead.exchange.claims import send_claims
from stead.exchange.models import Interchange, MailboxFault
from stead.exchange.tests.cast import Post
from stead.patients.models import Patient
from stead.platform.journal.models import JournalEntry
from stead.practice.models import StaffMember
from stead.simulation.payer import Pace
from stead.x12.ack277ca import ClaimAck, ClaimStatus, ProviderStatus, Status, StatusCode, compose_claim_ack
from stead.x12.ack999 import GroupAck, SegmentError, SetAck, compose_group_ack
from stead.x12.claim837p import ClaimBatch
from stead.x12.content import Name, Received, Sum
from stead.x12.headers import Interchange as Envelope
from stead.x12.inbox import read_inbox
from stead.x12.writer import stamp_group, stamp_interchange, write_interchange, write_interchange_ack

pytestmark = pytest.mark.django_db
__all__ = ["house", "ten_forty_two"]
LATER = datetime(2026, 11, 24, 15, 50, tzinfo=UTC)
CALM = Pace(late=0, duplicate=0, reordered=0, silent=0)


@pytest.fixture
def desk(house: House, tmp_path: Path, settings: Any) -> Post:
    settings.STATE = tmp_path
    return Post(house.practice, house.by, house.at)


def member(house: House, member_id: str) -> None:
    Coverage.objects.filter(patient_id=house.patient.id).update(member_id=member_id)


def sent(house: House, desk: Post) -> list[str]:
    send_claims(**house.door)
    return desk.upload_all()


def run_out(desk: Post, pace: Pace = CALM) -> None:
    """Let the payer answer everything, and read every answer when it comes."""
    payer, at = desk.payer(pace=pace), desk.at
    payer.run(at)
    while (due := payer.next_due()) is not None:
        payer.run(due)
        desk.fetch_all(due)


def test_ready_claim_leaves_is_taken_in_and_paid(house: House, desk: Post) -> None:
    member(house, "W2")
    claim = house.claim(sent=False)
    assert claim.state == "ready"
    assert sent(house, desk) == ["000000001_837P_20261124T154200Z.x12"]
    claim.refresh_from_db()
    assert (claim.state, claim.interchange_id) == ("sent", Interchange.objects.get(direction="out").id)
    run_out(desk)
    claim.refresh_from_db()
    assert claim.payer_claim_number.startswith("SBX")
    assert claim.state in ("paid", "part_paid")
    assert claim.paid_cents > 0
    kinds = list(ClaimEvent.objects.filter(claim_id=claim.id).order_by("at", "id").values_list("kind", flat=True))
    assert [k for k in kinds if k in ("sent", "999", "277CA")] == ["sent", "999", "277CA"]
    assert Interchange.objects.get(direction="out").state == "answered"
    assert not MailboxFault.objects.exists()
    assert sum(LedgerEntry.objects.values_list("amount_cents", flat=True)) == 0


def test_nothing_ready_writes_nothing_and_nothing_leaves_twice(house: House, desk: Post) -> None:
    assert send_claims(**house.door) == []
    house.claim(sent=False)
    assert len(send_claims(**house.door)) == 1
    assert send_claims(**house.door) == []
    assert Interchange.objects.count() == 1


def test_claim_that_became_wrong_is_held_with_words_and_the_others_leave(house: House, desk: Post) -> None:
    wrong = house.claim(days_ago=1, sent=False)
    right = house.claim(days_ago=2, sent=False)
    Claim.objects.filter(id=wrong.id).update(total_cents=right.total_cents + 1)
    sent(house, desk)
    wrong.refresh_from_db()
    right.refresh_from_db()
    assert (wrong.state, right.state) == ("held", "sent")
    assert wrong.held_because[0]["words"] == "The lines do not add up to the claim's charge."


def test_name_a_claim_cannot_carry_keeps_only_that_claim_back(house: House, desk: Post) -> None:
    claim = house.claim(sent=False)
    Patient.objects.filter(id=house.patient.id).update(first_name="陽子")
    for _ in range(2):
        assert sent(house, desk) == []
    fault = MailboxFault.objects.get()
    assert fault.file_name == f"claim {claim.number}"
    assert "Latin letters" in fault.reason
    claim.refresh_from_db()
    assert claim.state == "ready"


def test_file_holds_at_most_a_hundred_claims(house: House, desk: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stead.exchange.claims.FILE_CLAIMS", 2)
    for day in range(5):
        house.claim(days_ago=day, sent=False)
    names = sent(house, desk)
    assert len(names) == 3
    sizes = []
    for name in names:
        (item,) = read_inbox((desk.folder / "outbound" / name).read_bytes())
        assert isinstance(item, Received)
        assert isinstance(item.content, ClaimBatch)
        sizes.append(len(item.content.claims))
        assert item.content.reference == item.heading.interchange.control
    assert sizes == [2, 2, 1]


def test_unknown_member_is_rejected_and_can_be_sent_as_new(house: House, desk: Post) -> None:
    member(house, "W8")
    claim = house.claim(sent=False)
    sent(house, desk)
    run_out(desk)
    claim.refresh_from_db()
    assert claim.state == "rejected"
    event = ClaimEvent.objects.get(claim_id=claim.id, kind="277CA")
    assert (event.code, "SUBSCRIBER NOT FOUND" in event.words) == ("A3:33", True)


def test_refusal_of_the_payer_becomes_a_denial(house: House, desk: Post) -> None:
    member(house, "W9")
    claim = house.claim(sent=False)
    sent(house, desk)
    run_out(desk)
    claim.refresh_from_db()
    assert claim.state == "denied"
    assert Denial.objects.get(claim_id=claim.id).reason_code == "27"


def test_payer_that_repeats_and_swaps_moves_money_once(house: House, desk: Post) -> None:
    claim = house.claim(sent=False)
    sent(house, desk)
    run_out(desk, replace(CALM, duplicate=1, reordered=1))
    claim.refresh_from_db()
    assert Remittance.objects.count() == 1
    assert claim.paid_cents == Remittance.objects.get().amount_cents
    assert claim.payer_claim_number.startswith("SBX")
    assert not MailboxFault.objects.exists()


def test_same_payment_in_another_file_is_known_by_its_own_key(house: House, desk: Post) -> None:
    house.claim(sent=False)
    sent(house, desk)
    run_out(desk)
    (era,) = [p for p in (desk.folder / "archive").iterdir() if "_835_" in p.name]
    again = era.read_bytes().replace(b"*T*:~", b"*T*:~\n", 1)
    desk.drop("other-name.x12", again)
    (row,) = desk.fetch_all()
    row.refresh_from_db()
    assert (row.state, row.kind, Remittance.objects.count()) == ("read", "835", 1)


def test_silent_payer_leaves_the_claim_accepted(house: House, desk: Post) -> None:
    claim = house.claim(sent=False)
    sent(house, desk)
    run_out(desk, replace(CALM, silent=1))
    claim.refresh_from_db()
    assert claim.state == "accepted"


def envelopes(control: int) -> Envelope:
    return stamp_interchange(sender="STEADSANDBOX", receiver="612345678", control=control, at=LATER, usage="T")


def test_rejected_file_rejects_every_claim_in_it(house: House, desk: Post) -> None:
    claims = [house.claim(days_ago=day, sent=False) for day in range(2)]
    sent(house, desk)
    error = SegmentError("NM1", 8, "2010AA", "8")
    told = GroupAck("HC", "1", "005010X222A1", "R", 1, 1, 0, (SetAck("837", "0001", "R", "", (error,), ("5",)),))
    body = compose_group_ack(told, control="0001")
    group = stamp_group(body, sender="STEADSANDBOX", receiver="612345678", control=1, at=LATER)
    desk.drop("999.x12", write_interchange(envelopes(1), (group, [body])))
    desk.fetch_all()
    assert {Claim.objects.get(id=c.id).state for c in claims} == {"rejected"}
    assert "rejected by the receiver's translator" in MailboxFault.objects.get().reason


def test_group_rejected_over_sets_called_accepted_rejects_its_claims(house: House, desk: Post) -> None:
    claim = house.claim(sent=False)
    sent(house, desk)
    told = GroupAck("HC", "1", "005010X222A1", "R", 1, 1, 0, (SetAck("837", "0001", "A"),))
    body = compose_group_ack(told, control="0001")
    group = stamp_group(body, sender="STEADSANDBOX", receiver="612345678", control=1, at=LATER)
    desk.drop("999.x12", write_interchange(envelopes(1), (group, [body])))
    desk.fetch_all()
    assert Claim.objects.get(id=claim.id).state == "rejected"


def test_file_that_was_not_read_rejects_its_claims(house: House, desk: Post) -> None:
    claim = house.claim(sent=False)
    sent(house, desk)
    ours = stamp_interchange(sender="612345678", receiver="STEADSANDBOX", control=1, at=LATER, usage="T")
    desk.drop("ta1.x12", write_interchange_ack(envelopes(2), of=ours, outcome="R", note="006"))
    desk.fetch_all()
    assert Claim.objects.get(id=claim.id).state == "rejected"
    assert Interchange.objects.get(direction="out").state == "refused"


def test_answer_about_a_file_we_never_sent_is_a_fault_and_changes_nothing(house: House, desk: Post) -> None:
    ours = stamp_interchange(sender="612345678", receiver="STEADSANDBOX", control=77, at=LATER, usage="T")
    desk.drop("ta1.x12", write_interchange_ack(envelopes(2), of=ours, outcome="R", note="006"))
    desk.fetch_all()
    assert MailboxFault.objects.get().reason == "The answer names a file that we did not send."


def test_our_own_file_in_the_wrong_tray_is_refused(house: House, desk: Post) -> None:
    house.claim(sent=False)
    (name,) = sent(house, desk)
    desk.drop("own.x12", (desk.folder / "outbound" / name).read_bytes())
    desk.fetch_all()
    assert MailboxFault.objects.get().reason.startswith("This transaction is one that we send")


def test_practitioner_without_taxonomy_holds_the_claim_until_it_is_mended(house: House, desk: Post) -> None:
    claim = house.claim(sent=False)
    StaffMember.objects.filter(id=claim.practitioner_id).update(taxonomy="")
    assert sent(house, desk) == []
    assert Claim.objects.get(id=claim.id).state == "held"
    StaffMember.objects.filter(id=claim.practitioner_id).update(taxonomy="103TC0700X")
    scrub_claim(**house.door, claim_id=claim.id)
    assert len(sent(house, desk)) == 1


def receipt(batch: str, *claims: ClaimStatus, code: str = "A1", counted: int | None = None) -> bytes:
    """A 277CA as a file; `counted` is the receiver's total of claims taken."""
    name = Name("X", kind="2", id_qualifier="46", id="X1", entity="41")
    status = Status((StatusCode(code, "19", "PR"),), LATER.date(), "U" if code == "A3" else "WQ")
    quantities = () if counted is None else (Sum("90", Decimal(counted)),)
    providers = (ProviderStatus(name, claims=claims),) if claims else ()
    ack = ClaimAck("R1", "202611241550", name, name, batch, (status,), quantities, (), providers, "T9")
    body = compose_claim_ack(ack, control="0001")
    group = stamp_group(body, sender="STEADSANDBOX", receiver="612345678", control=5, at=LATER)
    return write_interchange(envelopes(5), (group, [body]))


def said_of(claim: Claim, code: str, action: str) -> ClaimStatus:
    patient = Name("MARSH", "DEE", id_qualifier="MI", id="W2", entity="QC")
    return ClaimStatus(claim.number, patient, (Status((StatusCode(code, "20", "PR"),), LATER.date(), action),), "ICN9")


def test_file_that_the_clearinghouse_sends_back_whole_stays_refused(house: House, desk: Post) -> None:
    claim = house.claim(sent=False)
    sent(house, desk)
    desk.drop("277.x12", receipt("000000001", code="A3"))
    desk.fetch_all()
    assert Claim.objects.get(id=claim.id).state == "rejected"
    assert Interchange.objects.get(direction="out").state == "refused"


def test_receipt_speaks_only_of_claims_in_the_file_it_names(house: House, desk: Post) -> None:
    first = house.claim(days_ago=1, sent=False)
    sent(house, desk)
    second = house.claim(days_ago=2, sent=False)
    sent(house, desk)
    desk.drop("277.x12", receipt("000000002", said_of(first, "A3", "U"), said_of(second, "A2", "WQ")))
    (row,) = desk.fetch_all()
    row.refresh_from_db()
    assert (Claim.objects.get(id=first.id).state, Claim.objects.get(id=second.id).state) == ("sent", "accepted")
    assert row.faults == ["A receipt names a claim that was not in the file it answers."]


def test_receipt_of_a_file_we_never_sent_changes_nothing(house: House, desk: Post) -> None:
    claim = house.claim(sent=False)
    sent(house, desk)
    desk.drop("277.x12", receipt("000000077", said_of(claim, "A3", "U")))
    (row,) = desk.fetch_all()
    row.refresh_from_db()
    assert (row.state, row.faults) == ("refused", ["The answer names a file that we did not send."])
    assert Claim.objects.get(id=claim.id).state == "sent"


def test_rejection_that_comes_late_is_told_and_rejects_nothing(house: House, desk: Post) -> None:
    claim = house.claim(sent=False)
    sent(house, desk)
    Claim.objects.filter(id=claim.id).update(state="paid")
    desk.drop("277.x12", receipt("000000001", said_of(claim, "A3", "U")))
    (row,) = desk.fetch_all()
    row.refresh_from_db()
    assert Claim.objects.get(id=claim.id).state == "paid"
    assert not JournalEntry.objects.filter(verb="claim.rejected").exists()
    assert JournalEntry.objects.filter(verb="claim.rejected_late").count() == 1
    assert f"A rejection came for claim {claim.number}" in row.faults[0]


def test_second_rejection_of_one_claim_is_written_once(house: House, desk: Post) -> None:
    claim = house.claim(sent=False)
    sent(house, desk)
    for number, counted in enumerate((None, 1)):  # two files of other bytes and one meaning
        desk.drop(f"{number}.x12", receipt("000000001", said_of(claim, "A3", "U"), counted=counted))
        desk.fetch_all()
    assert JournalEntry.objects.filter(verb="claim.rejected").count() == 1
    assert not MailboxFault.objects.exists()


def test_receipt_that_counts_otherwise_than_we_sent_is_told(house: House, desk: Post) -> None:
    claim = house.claim(sent=False)
    sent(house, desk)
    desk.drop("277.x12", receipt("000000001", said_of(claim, "A2", "WQ"), counted=2))
    desk.fetch_all()
    assert Claim.objects.get(id=claim.id).state == "accepted"
    assert MailboxFault.objects.get().reason == "The receipt of file 000000001 counts otherwise than we sent."


def test_receipt_that_rejects_our_file_was_read_and_is_archived(house: House, desk: Post) -> None:
    house.claim(sent=False)
    sent(house, desk)
    ours = stamp_interchange(sender="612345678", receiver="STEADSANDBOX", control=1, at=LATER, usage="T")
    desk.drop("ta1.x12", write_interchange_ack(envelopes(2), of=ours, outcome="R", note="006"))
    (row,) = desk.fetch_all()
    row.refresh_from_db()
    assert row.state == "read"
    assert (desk.box.count("archive"), desk.box.count("refused")) == (1, 0)
    assert "was not read at all" in MailboxFault.objects.get().reason
