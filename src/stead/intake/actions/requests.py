"""Take a request for care in, invite the patient to their own page, accept or return what they send.

A visitor of the website may only ask. What Stead does because of it (open the case, note the consents, write the
confirmation) it does as itself, in the same transaction: a request is never half kept.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

from django.urls import reverse

from stead.intake import rules, terms
from stead.intake.actions.safety import raise_safety_alarm
from stead.intake.actions.urgent import mark_urgent
from stead.intake.models import IntakeRequest, PortalInvitation
from stead.messaging.actions import queue_message
from stead.messaging.queries import agreed_channel
from stead.messaging.terms import SEALED_MARK
from stead.patients.actions import record_contact_consent, register_patient
from stead.patients.models import Patient
from stead.patients.queries import possible_duplicates
from stead.patients.rules import phone_number
from stead.patients.terms import PatientDetails
from stead.platform import actors, encryption
from stead.platform.accounts import visits
from stead.platform.accounts.models import Practice
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.identifiers import uuid7
from stead.platform.journal.write import write
from stead.platform.refusals import NotFound
from stead.practice.models import PracticeProfile
from stead.practice.queries import calendar_of, practice_day
from stead.processes.actions import create_task, open_case
from stead.processes.models import Case


@action("receive_request", permission="intake.ask", words="take in a request for care")
def receive_request(
    *, practice: UUID, by: Actor, at: datetime, request: terms.IntakeDetails, base_url: str = ""
) -> IntakeRequest:
    """Register the patient as prospect, keep the request as sent, open the case, confirm.

    A possible duplicate is noted, never merged: two charts of one person are a person's decision. `base_url` is the
    address of the site; with it and an e-mail address the confirmation carries the link to the patient's own page.
    """
    rules.check_request(request, practice_day(at))
    phone = phone_number(request.phone)
    twin = next(iter(possible_duplicates(request.first_name, request.last_name, request.birth_date, phone)), None)
    patient = register_patient(practice=practice, by=by, at=at, details=_details(request))
    row = _keep(practice, at, request, patient, twin)
    write(
        "request.received",
        by=by,
        at=at,
        subject=row,
        patient_id=patient.id,
        channel=row.channel,
        urgent=rules.is_urgent(row.safety_answer),
        crisis=rules.is_crisis(row.safety_answer),
        possible_duplicate=twin is not None,
    )
    _note_consents(practice, at, request, patient)
    case = _open_case(practice, at, row, patient)
    if rules.is_crisis(row.safety_answer):
        raise_safety_alarm(practice=practice, by=actors.system(), at=at, request=row, case=case, base_url=base_url)
    if rules.is_urgent(row.safety_answer):
        mark_urgent(practice=practice, by=actors.system(), at=at, case_id=case.id)
    _confirm(practice, at, row, patient, base_url)
    return row


def _details(said: terms.IntakeDetails) -> PatientDetails:
    return PatientDetails(
        first_name=said.first_name,
        last_name=said.last_name,
        preferred_name=said.preferred_name,
        birth_date=said.birth_date,
        phone=said.phone,
        email=said.email,
        language=said.language,
        state=said.visit_state,
        pays_self=True if said.self_pay else False if said.payer_words.strip() else None,
        source=said.source,
        home_location_id=said.preferred_location_id,
    )


def _keep(
    practice: UUID, at: datetime, said: terms.IntakeDetails, patient: Patient, twin: Patient | None
) -> IntakeRequest:
    key = uuid7(at)
    need = encryption.seal(said.need.strip(), practice=practice, record=key, field="need")
    return IntakeRequest.objects.create(
        id=key,
        patient_id=patient.id,
        received_at=at,
        channel=said.channel,
        language=said.language,
        need_encrypted=need,
        preferred_times=said.preferred_times.strip(),
        preferred_location_id=said.preferred_location_id,
        payer_words=said.payer_words.strip(),
        self_pay=said.self_pay,
        visit_state=patient.state,
        source=said.source,
        safety_answer=said.safety,
        possible_duplicate_of_id=twin.id if twin else None,
        asker_name=said.asker_name.strip(),
        asker_relation=said.asker_relation.strip(),
    )


def _note_consents(practice: UUID, at: datetime, said: terms.IntakeDetails, patient: Patient) -> None:
    answers = (
        ("sms", said.may_text, said.phone),
        ("email", said.may_email, said.email),
        ("voice", said.may_call, said.phone),
    )
    for channel, granted, address in answers:
        for purpose in ("care", "reminder") if address else ():
            record_contact_consent(
                practice=practice,
                by=actors.system(),
                at=at,
                patient_id=patient.id,
                channel=channel,
                purpose=purpose,
                granted=granted,
            )


def _open_case(practice: UUID, at: datetime, row: IntakeRequest, patient: Patient) -> Case:
    first = {"crisis": "Crisis: ", "urgent": "Urgent: ", "": ""}[rules.alert_of(row.safety_answer)]
    return open_case(
        practice=practice,
        by=actors.system(),
        at=at,
        playbook_key=terms.PLAYBOOK,
        subject=row,
        patient_id=patient.id,
        location_id=row.preferred_location_id,
        title=f"{first}{patient.first_name} {patient.last_name}, new patient",
    )


def _confirm(practice: UUID, at: datetime, row: IntakeRequest, patient: Patient, base_url: str) -> None:
    """Answer at once, by e-mail if the person gave one, else by text. Where nothing can leave, the call is the answer:
    the request's own page has said that we call."""
    channel = "email" if patient.email else agreed_channel(patient, "care")
    if not channel:
        return
    values = message_values(practice, patient)
    queue_message(
        practice=practice,
        by=actors.system(),
        at=at,
        key=f"request_received:{row.id}",
        patient_id=patient.id,
        channel=channel,
        purpose="care",
        template="request_received",
        context=values,
    )
    if base_url and patient.email:
        invite_patient(practice=practice, by=actors.system(), at=at, patient_id=patient.id, base_url=base_url)


def message_values(practice: UUID, patient: Patient) -> dict[str, str]:
    """Return what every message of ours names: whom, who writes, and the number to call."""
    profile = PracticeProfile.objects.get_or_none(id=practice)
    name = Practice.objects.get(id=practice).name
    phone = profile.phone if profile and profile.phone else name
    return {"first_name": patient.preferred_name or patient.first_name, "practice": name, "phone": phone}


@action("invite_patient", permission="intake.invite", words="invite a patient to their own page")
def invite_patient(*, practice: UUID, by: Actor, at: datetime, patient_id: UUID, base_url: str) -> terms.Invited:
    """Send a single-use link to the patient's own page. An earlier link that was not used ends with this; when staff
    sends it, so does every visit that an earlier link has begun: whoever was let in by mistake is out."""
    patient = Patient.objects.get_or_none(id=patient_id)
    if patient is None:
        raise NotFound()
    if not patient.email:
        raise rules.EmailMissing()
    PortalInvitation.objects.filter(patient_id=patient_id, used_at=None, ended_at=None).update(ended_at=at)
    if by.kind == "staff":
        visits.end_all_of(patient_id)
    token = secrets.token_urlsafe(24)
    row = PortalInvitation.objects.create(
        patient_id=patient_id,
        token_sha256=rules.token_hash(token),
        email=patient.email.lower(),
        sent_at=at,
        sent_by_name=by.name,
        expires_at=rules.expires_at(at, terms.INVITATION_DAYS),
    )
    slug = Practice.objects.get(id=practice).slug
    queue_message(
        practice=practice,
        by=actors.system(),
        at=at,
        key=f"portal_invitation:{row.id}",
        patient_id=patient_id,
        channel="email",
        purpose="care",
        template="portal_invitation",
        context=message_values(practice, patient) | {"link": SEALED_MARK},
        secret=f"{base_url.rstrip('/')}/p/{slug}/enter/{token}/",
    )
    write("invitation.sent", by=by, at=at, subject=row, patient_id=patient_id)
    return terms.Invited(row.id, token)


@action("renew_invitation", permission="intake.enter", words="ask for a new link", may_change_nothing=True)
def renew_invitation(
    *, practice: UUID, by: Actor, at: datetime, invitation_id: UUID, base_url: str
) -> PortalInvitation:  # fmt: skip
    """Send a new link to the patient's address on the record, because the receiver of an old one asks for it. Asked
    again within minutes it sends nothing more. Refuses as `rules.check_renewal`."""
    row = PortalInvitation.objects.select_related("patient").filter(id=invitation_id).first()
    if row is None:
        raise NotFound()
    Patient.objects.select_for_update().get(id=row.patient_id)  # of two at once the second sees the first one's link
    sent = PortalInvitation.objects.filter(patient_id=row.patient_id).order_by("-sent_at", "-id")
    newest = sent[0]
    rules.check_renewal(
        sent_at=row.sent_at,
        tries=row.tries,
        newest_tries=newest.tries,
        sent_today=sent.filter(sent_at__gt=at - timedelta(days=1)).count(),
        at=at,
    )
    waits = newest.used_at is None and newest.ended_at is None and at < newest.expires_at
    if waits and at - newest.sent_at < timedelta(minutes=terms.RENEWAL_MINUTES):
        return newest
    system = actors.system()
    made = invite_patient(practice=practice, by=system, at=at, patient_id=row.patient_id, base_url=base_url)
    return PortalInvitation.objects.get(id=made.invitation_id)


@action("try_invitation", permission="intake.enter", words="open one's own page")
def try_invitation(
    *, practice: UUID, by: Actor, at: datetime, invitation_id: UUID, birth_date: date
) -> PortalInvitation:  # fmt: skip
    """Answer an invitation with a birth date. The right one uses it up: `used_at` is this moment. A wrong one is
    counted and comes back unused; the fifth ends the link and gives its patient's case owner a task. Tries take turns
    on the row, so that a hundred at once are five and no more. Refuses a link that no longer holds."""
    rows = PortalInvitation.objects.select_for_update(of=("self",)).select_related("patient")
    row: PortalInvitation | None = rows.filter(id=invitation_id).first()
    if row is None:
        raise NotFound()
    if rules.is_locked(row.tries):
        raise rules.InvitationLocked()
    rules.check_invitation_holds(
        used_at=row.used_at, ended_at=row.ended_at, expires_at=row.expires_at, tries=row.tries, at=at
    )
    if row.patient.birth_date == birth_date:
        row.used_at = at
        row.save(update_fields=["used_at"])
        write("invitation.used", by=by, at=at, subject=row, patient_id=row.patient_id)
        return row
    row.tries += 1
    row.ended_at = at if rules.is_locked(row.tries) else None
    row.save(update_fields=["tries", "ended_at"])
    write("invitation.refused", by=by, at=at, subject=row, patient_id=row.patient_id, tries=row.tries)
    if row.ended_at is not None:
        _tell_of_lock(practice, at, row)
    return row


def _tell_of_lock(practice: UUID, at: datetime, row: PortalInvitation) -> None:
    """Give somebody the task to look: it was the patient's slip, or somebody else has the link."""
    case = Case.objects.filter(patient_id=row.patient_id, state="open").order_by("-opened_at").first()
    asked = IntakeRequest.objects.filter(patient_id=row.patient_id).order_by("-received_at").first()
    page = ("intake_request", asked.id) if asked else ("patients_record", row.patient_id)
    location = case.location_id if case else row.patient.home_location_id
    create_task(
        practice=practice,
        by=actors.system(),
        at=at,
        key=f"invitation_locked:{row.id}",
        title=f"{row.patient.shown_name}: five wrong birth dates locked the link. Call before you send a new one",
        seat_key=case.owner_seat_key if case else terms.DESK_SEAT,
        case_id=case.id if case else None,
        patient_id=row.patient_id,
        url=reverse(page[0], args=[page[1]]),
        due_at=calendar_of(location).add_hours(at, terms.ANSWER_HOURS),
    )


@action("note_sign_in_made", permission="intake.enter", words="keep a sign-in of one's own")
def note_sign_in_made(*, practice: UUID, by: Actor, at: datetime, invitation_id: UUID) -> PortalInvitation:
    """Write down that a visit by link ended in a sign-in, and tell the patient, who would know if it was not theirs."""
    row = PortalInvitation.objects.select_related("patient").filter(id=invitation_id).first()
    if row is None:
        raise NotFound()
    queue_message(
        practice=practice,
        by=actors.system(),
        at=at,
        key=f"sign_in_made:{row.id}",
        patient_id=row.patient_id,
        channel="email",
        purpose="care",
        template="sign_in_made",
        context=message_values(practice, row.patient),
    )
    write("portal.sign_in_made", by=by, at=at, subject=row, patient_id=row.patient_id)
    return row
