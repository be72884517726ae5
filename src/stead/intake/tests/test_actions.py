"""Requests, invitations, documents and messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from stead.intake import actions, queries, rules, terms
from stead.intake.actions.documents import NotADocument, send_document
from stead.intake.actions.messages import ask_practice
from stead.intake.limits import check_attempt, note_attempt
from stead.intake.models import IntakeRequest, PatientMessage, PortalInvitation, RequestAttempt
from stead.messaging.models import OutboxMessage
from stead.messaging.queries import as_it_leaves
from stead.patients.models import Patient
from stead.patients.queries import may_reach
from stead.platform import actors
from stead.platform.actors import Actor
from stead.platform.files.store import FileKindRefused
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import NotFound, NotPermitted
from stead.platform.tenancy.context import acting
from stead.processes.actions import reconsider_case
from stead.processes.models import Case, CaseItem, Task
from stead.testing.clients import outside

pytestmark = pytest.mark.django_db
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


def receive(practice: UUID, at: datetime, request: Any, **more: Any) -> IntakeRequest:
    return actions.receive_request(practice=practice, by=actors.public(), at=at, request=request, **more)


def patient_actor(row: IntakeRequest) -> Actor:
    return Actor(id=row.patient_id, kind="patient", name="Dee Marsh", roles=frozenset({"patient"}))


def test_request_registers_a_prospect_and_opens_a_case(received: IntakeRequest) -> None:
    patient = Patient.objects.get(id=received.patient_id)
    assert (patient.status, patient.first_name, patient.phone) == ("prospect", "Dee", "+15025550143")
    case = Case.objects.get(subject_id=received.id)
    assert (case.playbook_key, case.patient_id, case.state) == (terms.PLAYBOOK, patient.id, "open")
    assert case.title == "Dee Marsh, new patient"


def test_who_said_insurance_is_asked_for_the_card_and_who_pays_alone_is_not(
    received: IntakeRequest, inside: UUID, at: datetime, asked: Callable[..., Any]
) -> None:
    from stead.coverage.facts import _of_patient

    alone = receive(inside, at, asked(first_name="Sol", self_pay=True))
    unsure = receive(inside, at, asked(first_name="Lou", payer_words=""))
    people = [Patient.objects.get(id=row.patient_id) for row in (received, alone, unsure)]
    assert [_of_patient(person)["patient.is_self_pay"] for person in people] == [False, True, None]


def test_need_is_encrypted_and_not_in_the_journal(received: IntakeRequest) -> None:
    assert "sleep" not in received.need_encrypted
    assert queries.need_of(received) == "I cannot sleep since the spring."
    written = " ".join(str(line.data) for line in JournalEntry.objects.all())
    assert "sleep" not in written
    assert "Marsh" not in written


def test_consents_are_noted_per_channel_and_purpose(received: IntakeRequest) -> None:
    assert may_reach(received.patient_id, "sms", "care")
    assert may_reach(received.patient_id, "email", "reminder")
    assert not may_reach(received.patient_id, "voice", "care")
    assert not may_reach(received.patient_id, "sms", "billing")


def test_confirmation_with_crisis_numbers_and_invitation_are_queued(received: IntakeRequest) -> None:
    sent = {m.template: m for m in OutboxMessage.objects.filter(patient_id=received.patient_id)}
    assert {"request_received", "portal_invitation"} <= set(sent)
    assert "988" in sent["request_received"].body
    assert "https://linden.example.test/p/linden-street/enter/" in as_it_leaves(sent["portal_invitation"]).body
    assert "/enter/" not in sent["portal_invitation"].body + sent["portal_invitation"].secret_encrypted


def test_possible_duplicate_is_noted_and_nothing_is_merged(
    received: IntakeRequest, inside: UUID, at: datetime, asked: Callable[..., Any]
) -> None:
    again = receive(inside, at + timedelta(hours=1), asked())
    assert again.possible_duplicate_of_id == received.patient_id
    assert again.patient_id != received.patient_id
    assert Patient.objects.count() == 2


def test_refused_request_leaves_nothing(house: Any, inside: UUID, at: datetime, asked: Callable[..., Any]) -> None:
    with pytest.raises(rules.NoWayToReach):
        receive(inside, at, asked(phone="", email=""))
    assert not Patient.objects.exists()
    assert not IntakeRequest.objects.exists()


def test_request_is_kept_as_sent(received: IntakeRequest) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        IntakeRequest.objects.filter(id=received.id).update(source="x")


def test_patient_may_not_send_requests_for_the_website(
    received: IntakeRequest, inside: UUID, at: datetime, asked: Callable[..., Any]
) -> None:
    with pytest.raises(NotPermitted):
        actions.receive_request(practice=inside, by=patient_actor(received), at=at, request=asked())


def test_sixth_request_from_one_address_is_refused_for_an_hour(inside: UUID, at: datetime) -> None:
    for n in range(terms.REQUESTS_PER_HOUR):
        check_attempt("203.0.113.7", at + timedelta(minutes=n))
        note_attempt("203.0.113.7", at + timedelta(minutes=n))
    with pytest.raises(rules.TooManyRequests):
        check_attempt("203.0.113.7", at + timedelta(minutes=30))
    check_attempt("203.0.113.7", at + timedelta(minutes=30), urgent=True)
    check_attempt("203.0.113.8", at + timedelta(minutes=30))
    check_attempt("203.0.113.7", at + timedelta(minutes=66))
    note_attempt("203.0.113.7", at + timedelta(days=3))
    assert RequestAttempt.objects.count() == 1
    assert not RequestAttempt.objects.filter(address_hash__contains="203").exists()


def test_newer_invitation_ends_the_older(received: IntakeRequest, inside: UUID, priya: Actor, at: datetime) -> None:
    door: dict[str, Any] = {"practice": inside, "by": priya, "at": at}
    made = actions.invite_patient(**door, patient_id=received.patient_id, base_url="https://x.test")
    assert PortalInvitation.objects.filter(patient_id=received.patient_id, ended_at=None).count() == 1
    row = PortalInvitation.objects.get(id=made.invitation_id)
    assert row.token_sha256 == rules.token_hash(made.token)
    assert made.token not in str(row.__dict__)


def test_only_one_invitation_of_a_patient_is_open(received: IntakeRequest, at: datetime) -> None:
    with pytest.raises(IntegrityError, match="portal_invitation_one_open"), transaction.atomic():
        PortalInvitation.objects.create(
            patient_id=received.patient_id, token_sha256="x", email="a@b.test", sent_at=at, sent_by_name="x",
            expires_at=at,
        )  # fmt: skip


def test_patient_without_email_is_not_invited(
    received: IntakeRequest, inside: UUID, priya: Actor, at: datetime
) -> None:
    Patient.objects.filter(id=received.patient_id).update(email="")
    with pytest.raises(rules.EmailMissing):
        actions.invite_patient(practice=inside, by=priya, at=at, patient_id=received.patient_id, base_url="https://x")


BORN = date(1991, 3, 14)


def test_invitation_is_used_once(received: IntakeRequest, inside: UUID, at: datetime) -> None:
    row = PortalInvitation.objects.get()
    door: dict[str, Any] = {"practice": inside, "by": actors.public(), "at": at}
    assert actions.try_invitation(**door, invitation_id=row.id, birth_date=BORN).used_at == at
    with pytest.raises(rules.InvitationEnded):
        actions.try_invitation(**door, invitation_id=row.id, birth_date=BORN)


def test_five_wrong_birth_dates_lock_the_link_and_give_somebody_a_task(
    received: IntakeRequest, inside: UUID, at: datetime
) -> None:
    row = PortalInvitation.objects.get()
    door: dict[str, Any] = {"practice": inside, "by": actors.public(), "at": at}
    for n in range(terms.INVITATION_TRIES):
        tried = actions.try_invitation(**door, invitation_id=row.id, birth_date=date(1990, 1, 1 + n))
        assert (tried.used_at, tried.tries) == (None, n + 1)
    assert tried.ended_at == at
    with pytest.raises(rules.InvitationLocked):
        actions.try_invitation(**door, invitation_id=row.id, birth_date=BORN)
    task = Task.objects.get(key=f"invitation_locked:{row.id}")
    assert task.seat_key == Case.objects.get(subject_id=received.id).owner_seat_key
    assert task.url == reverse("intake_request", args=[received.id])


def renew(inside: UUID, at: datetime, row: PortalInvitation) -> PortalInvitation:
    door: dict[str, Any] = {"practice": inside, "by": actors.public(), "at": at, "base_url": "https://x.test"}
    return actions.renew_invitation(**door, invitation_id=row.id)


def test_old_link_asks_for_a_new_one_to_the_address_on_record(
    received: IntakeRequest, inside: UUID, at: datetime
) -> None:
    old = PortalInvitation.objects.get()
    actions.try_invitation(
        practice=inside, by=actors.public(), at=at, invitation_id=old.id, birth_date=BORN
    )  # fmt: skip
    Patient.objects.filter(id=received.patient_id).update(email="new.address@example.test")
    made = renew(inside, at + timedelta(minutes=20), old)
    assert (made.email, made.used_at) == ("new.address@example.test", None)
    assert made.token_sha256 != old.token_sha256
    assert renew(inside, at + timedelta(minutes=25), old).id == made.id
    assert PortalInvitation.objects.count() == 2


def test_new_link_by_oneself_goes_round_no_lock_and_is_not_endless(
    received: IntakeRequest, inside: UUID, at: datetime
) -> None:
    old = PortalInvitation.objects.get()
    made = renew(inside, at + timedelta(minutes=20), old)
    PortalInvitation.objects.filter(id=made.id).update(tries=terms.INVITATION_TRIES, ended_at=at)
    with pytest.raises(rules.InvitationLocked):
        renew(inside, at + timedelta(minutes=40), old)
    PortalInvitation.objects.filter(id=made.id).update(tries=0)
    for n in range(2, terms.RENEWALS_A_DAY):
        renew(inside, at + timedelta(hours=n), old)
    with pytest.raises(rules.TooManyRenewals):
        renew(inside, at + timedelta(hours=20), old)
    with pytest.raises(rules.InvitationEnded):
        renew(inside, at + timedelta(days=terms.RENEWAL_DAYS), old)


@pytest.fixture
def photo_item(received: IntakeRequest, inside: UUID, at: datetime) -> CaseItem:
    case = Case.objects.get(subject_id=received.id)
    reconsider_case(practice=inside, by=actors.system(), at=at, case_id=case.id)
    return CaseItem.objects.get(case_id=case.id, key="photo_id")


def send(practice: UUID, by: Actor, at: datetime, item: CaseItem, data: bytes = PNG, name: str = "id.png") -> CaseItem:
    return send_document(practice=practice, by=by, at=at, item_id=item.id, data=data, name=name)


def test_patient_sends_a_document(received: IntakeRequest, inside: UUID, at: datetime, photo_item: CaseItem) -> None:
    row = send(inside, patient_actor(received), at, photo_item)
    assert row.state == "received"
    assert row.file_id is not None
    assert queries.get_file(row.file_id).patient_id == received.patient_id


def test_what_is_no_photo_is_refused_and_the_item_stays_open(
    received: IntakeRequest, inside: UUID, at: datetime, photo_item: CaseItem
) -> None:
    with pytest.raises(FileKindRefused):
        send(inside, patient_actor(received), at, photo_item, b"<html><script>", "id.png")
    assert CaseItem.objects.get(id=photo_item.id).file_id is None


def test_a_check_is_not_answered_with_a_photo(received: IntakeRequest, inside: UUID, ana: Actor, at: datetime) -> None:
    check = CaseItem.objects.filter(kind="check").first()
    assert check is not None
    with pytest.raises(NotADocument):
        send(inside, ana, at, check)


def test_another_patient_does_not_send_for_this_one(
    received: IntakeRequest, inside: UUID, at: datetime, photo_item: CaseItem
) -> None:
    stranger = Actor(id=photo_item.id, kind="patient", name="Other", roles=frozenset({"patient"}))
    with pytest.raises(NotFound):
        send(inside, stranger, at, photo_item)


def test_another_practice_sees_no_document(
    received: IntakeRequest, elsewhere: UUID, eve: Actor, at: datetime, photo_item: CaseItem
) -> None:
    with outside(), acting(elsewhere, eve), pytest.raises(NotFound):
        send(elsewhere, eve, at, photo_item)


def test_message_becomes_a_task_without_its_words(received: IntakeRequest, inside: UUID, at: datetime) -> None:
    by = patient_actor(received)
    row = ask_practice(practice=inside, by=by, at=at, patient_id=by.id, about="visit", text="Tuesdays, please")
    task = Task.objects.get(key=f"patient_wrote:{row.id}")
    assert task.title == "Dee Marsh asks for another time"
    assert task.due_at is not None
    assert "Tuesdays" not in row.text_encrypted + task.title + task.note
    assert queries.text_of(row) == "Tuesdays, please"


@pytest.mark.parametrize(("about", "text", "refusal"), [("visit", " ", rules.MessageEmpty), ("x", "a", NotFound)])
def test_empty_or_unknown_message_is_refused(
    received: IntakeRequest, inside: UUID, at: datetime, about: str, text: str, refusal: type[Exception]
) -> None:
    by = patient_actor(received)
    with pytest.raises(refusal):
        ask_practice(practice=inside, by=by, at=at, patient_id=by.id, about=about, text=text)
    assert not PatientMessage.objects.exists()
