"""Write the story into the book: patients, policies, appointments, claims of time, free days, encounters, notes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from psycopg.types.range import TimestamptzRange

from stead.care.models import Encounter, Note
from stead.care.rules import template_for
from stead.care.text import digest_of, sealed
from stead.coverage.models import Coverage, EligibilityCheck
from stead.forms.models import AgreementVersion, Signature
from stead.forms.rules import fingerprint
from stead.patients.models import ContactConsent, Patient, PatientNumber
from stead.scheduling.models import Appointment, ResourceClaim
from stead.simulation.demo.history import Person, Story, Visit
from stead.simulation.demo.journal import Lines
from stead.simulation.demo.people import (
    ANA,
    BELL,
    FIRST_VISIT,
    MEDICAID,
    OFFERS,
    PLACES,
    PRACTITIONERS,
    PRIYA,
    STREETS,
    VIDEO,
)
from stead.simulation.demo.rows import Ids, Rows
from stead.simulation.demo.structure import Structure
from stead.simulation.notes import Writer

BELL_BEHIND = 11
MEMBERS, MEMBER_SHARES = "01234569", (16, 50, 26, 4, 1, 1, 1, 1)
"""How member numbers end, which tells the sandbox payer what a plan covers: few make trouble."""


class Book:
    """Turns people and visits into rows; remembers which visits were documented, for the money."""

    def __init__(self, rows: Rows, lines: Lines, ids: Ids, made: Structure, story: Story) -> None:
        self.rows, self.lines, self.ids, self.made, self.story = rows, lines, ids, made, story
        self.random = Random(story.random.random())  # noqa: S311 - a story
        self.documented: list[tuple[Visit, UUID, datetime, str]] = []
        self._writers: dict[UUID, Writer] = {}
        self._agreements = {a.kind: a for a in AgreementVersion.objects.filter(language="en")}
        self._bell_open = self._newest_of_bell()

    def _newest_of_bell(self) -> set[UUID]:
        mine = [v for v in self.story.visits() if PRACTITIONERS[v.practitioner].name == BELL and v.status == "done"]
        late = [v for v in mine if v.ends_at < self.story.now - timedelta(hours=73)]
        late.sort(key=lambda v: v.starts_at, reverse=True)
        return {visit.id for visit in late[:BELL_BEHIND]}

    def write(self) -> None:
        for person in self.story.people:
            self._patient(person)
        for visit in self.story.visits():
            self._visit(visit)
        self.rows.add(PatientNumber, id=self.rows.practice, last=1000 + len(self.story.people))

    def _patient(self, person: Person) -> None:
        place, location = PLACES[person.place], self.made.locations[person.place]
        self.rows.add(
            Patient,
            id=person.id,
            number=person.number,
            status="discharged" if person.left else ("active" if person.started_at < self.story.now else "prospect"),
            first_name=person.first_name,
            last_name=person.last_name,
            birth_date=person.birth_date,
            sex=self.random.choice(("female", "female", "male")),
            language=person.language,
            email=person.email,
            phone=person.phone,
            line1=f"{self.random.randrange(10, 990)} {self.random.choice(STREETS)}",
            city=place.city,
            state=place.state,
            zip_code=place.zip_code,
            time_zone=place.time_zone,
            source=self.random.choice(("website", "website", "doctor", "friend", "payer directory")),
            home_location_id=location.id,
            practitioner_id=self.made.practitioners[person.practitioner].id,
            created_at=person.created_at,
        )
        self.lines.add("patient.registered", person.created_at, PRIYA, "patients.patient", person.id, person.id)
        if person.visits or person.stands_at in ("documents", "match", "booking"):
            self._papers(person)
        if person.insurer is not None:
            self._policy(person)

    def _papers(self, person: Person) -> None:
        signed = min(person.created_at + person.ready_after * 0.4, self.story.now - timedelta(hours=1))
        for kind in ("financial_agreement", "consent_treatment", "privacy_notice", "consent_telehealth"):
            version = self._agreements[kind]
            self.rows.add(
                Signature,
                id=self.ids.at(signed),
                patient_id=person.id,
                agreement_id=version.id,
                kind=kind,
                signed_name=f"{person.first_name} {person.last_name}",
                signed_at=signed,
                text_sha256=fingerprint(version.title, version.text),
            )
        for channel in ("email", "sms"):
            for purpose in ("reminder", "care", "billing"):
                self.rows.add(
                    ContactConsent, id=self.ids.at(signed), patient_id=person.id, channel=channel, purpose=purpose,
                    granted=self.random.random() < 0.9, at=signed,
                )  # fmt: skip

    def _policy(self, person: Person) -> None:
        assert person.insurer is not None
        written = min(person.created_at + person.ready_after * 0.5, self.story.now - timedelta(hours=1))
        person.coverage_id = self.ids.at(written)
        self.rows.add(
            Coverage,
            id=person.coverage_id,
            patient_id=person.id,
            payer_id=self.made.payers[person.insurer],
            member_id=self._member(person),
            card_verified_at=written if person.visits or person.stands_at in ("match", "booking") else None,
            starts_date=date(person.created_at.year, 1, 1),
        )
        if not person.visits and person.stands_at not in ("match", "booking"):
            return  # nobody has asked the payer yet: Dee's next step
        asked = max(
            written, min(self.story.now - timedelta(days=self.random.randrange(0, 26), hours=2), self.story.now)
        )
        self.rows.add(
            EligibilityCheck,
            id=self.ids.at(asked),
            coverage_id=person.coverage_id,
            patient_id=person.id,
            trace=f"H{person.number}",
            service_date=asked.date(),
            asked_at=asked,
            answered_at=asked + timedelta(minutes=3),
            state="active",
            copay_cents=0 if person.insurer == MEDICAID else 2_500,
            authorization_required=False,
        )

    def _member(self, person: Person) -> str:
        ending = self.random.choices(MEMBERS, MEMBER_SHARES)[0]
        return f"M{person.number:06d}{self.random.randrange(10)}{ending}"

    def _visit(self, visit: Visit) -> None:
        location = self.made.locations[visit.person.place]
        member, room = self.made.practitioners[visit.practitioner], self.made.rooms[visit.practitioner]
        offer = OFFERS[visit.service]
        in_room = offer.modality == "room"
        self.rows.add(
            Appointment,
            id=visit.id,
            patient_id=visit.person.id,
            practitioner_id=member.id,
            service_id=self.made.services[visit.service].id,
            location_id=location.id,
            room_id=room.id if in_room else None,
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            modality=offer.modality,
            status=visit.status,
            booked_by_name=PRIYA if visit.service == 0 else ANA,
            booked_at=visit.booked_at,
            confirmed_at=max(visit.booked_at, self.story.now - timedelta(hours=self.random.uniform(1, 30)))
            if visit.status == "confirmed"
            else None,
            arrived_at=visit.arrived_at,
            session_started_at=visit.session_started_at,
            done_at=visit.done_at,
            ended_reason="patient cancelled" if visit.status in ("cancelled", "late_cancel") else "",
        )
        self._tell(visit, member.name)
        if visit.status not in ("cancelled", "late_cancel"):
            resources = {"practitioner": member.id, "patient": visit.person.id} | ({"room": room.id} if in_room else {})
            self._claim(visit, resources)
        if visit.session_started_at is not None and visit.status in ("done", "in_session"):
            self._encounter(visit, member.id, location.id)

    def _tell(self, visit: Visit, practitioner: str) -> None:
        def say(verb: str, at: datetime, who: str) -> None:
            self.lines.add(
                f"appointment.{verb}", at, who, "scheduling.appointment", visit.id, visit.person.id,
                service_id=str(self.made.services[visit.service].id),
                practitioner_id=str(self.made.practitioners[visit.practitioner].id),
                location_id=str(self.made.locations[visit.person.place].id),
                starts_at=visit.starts_at.isoformat(),
            )  # fmt: skip

        say("booked", visit.booked_at, PRIYA if visit.service == 0 else ANA)
        if visit.arrived_at:
            say("checked_in", visit.arrived_at, ANA)
        if visit.session_started_at:
            say("session_started", max(visit.session_started_at, visit.arrived_at or visit.starts_at), practitioner)
        if visit.done_at:
            say("finished", visit.done_at, practitioner)
        if visit.ended_at:
            say("no_show" if visit.status == "no_show" else "cancelled", visit.ended_at, ANA)

    def _claim(self, visit: Visit, resources: dict[str, UUID]) -> None:
        during = TimestamptzRange(visit.starts_at, visit.ends_at)
        for kind, resource in resources.items():
            self.rows.add(
                ResourceClaim, id=self.ids.at(visit.booked_at), appointment_id=visit.id, resource_kind=kind,
                resource_id=resource, during=during,
            )  # fmt: skip

    def _encounter(self, visit: Visit, member: UUID, location: UUID) -> None:
        started = visit.session_started_at or visit.starts_at
        encounter = self.ids.at(started)
        writer = self._writer(visit.person)
        code, signed = writer.code, None
        if visit.done_at is not None and visit.id not in self._bell_open:
            signed = self._note(visit, encounter, member, writer)
        self.rows.add(
            Encounter,
            id=encounter,
            appointment_id=visit.id,
            patient_id=visit.person.id,
            practitioner_id=member,
            service_id=self.made.services[visit.service].id,
            location_id=location,
            starts_at=visit.starts_at,
            ends_at=visit.ends_at if visit.done_at else None,
            service_date=visit.day,
            diagnosis_codes=[code],
            due_at=visit.ends_at + timedelta(hours=72),
            signed_at=signed,
        )
        if signed is not None:
            self.documented.append((visit, encounter, signed, code))

    def _writer(self, person: Person) -> Writer:
        if person.id not in self._writers:
            self._writers[person.id] = Writer(person.number, person.id)
        return self._writers[person.id]

    def _note(self, visit: Visit, encounter: UUID, member: UUID, writer: Writer) -> datetime | None:
        """Write the note; return when it was signed, or None for a draft."""
        slow = 2.2 if PRACTITIONERS[visit.practitioner].name == BELL else 0.55
        signed = visit.ends_at + timedelta(minutes=10) + timedelta(days=min(6.0, self.random.expovariate(1 / slow)))
        if visit.ends_at < self.story.now - timedelta(hours=72):
            signed = min(signed, self.story.now - timedelta(minutes=30))  # late ones are planted, not left to chance
        is_signed = signed < self.story.now
        name = PRACTITIONERS[visit.practitioner].name
        template = template_for(is_first_visit=visit.service == FIRST_VISIT)
        note = Note(
            practice_id=self.rows.practice, id=self.ids.at(visit.ends_at), encounter_id=encounter, author_id=member
        )
        number = visit.person.visits.index(visit)
        body = writer.note(template.key, number, by_video=visit.service == VIDEO)
        note.body_encrypted = sealed(note, body)
        self.rows.add(
            Note,
            id=note.id,
            encounter_id=encounter,
            patient_id=visit.person.id,
            author_id=member,
            template=template.key,
            body_encrypted=note.body_encrypted,
            state="signed" if is_signed else "draft",
            created_at=visit.ends_at,
            saved_at=min(signed, self.story.now),
            signed_at=signed if is_signed else None,
            signed_by_name=name if is_signed else "",
            signed_sha256=digest_of(note) if is_signed else "",
        )
        if is_signed:
            hours = round((signed - visit.ends_at).total_seconds() / 3600, 1)
            self.lines.add(
                "note.signed", signed, name, "care.note", note.id, visit.person.id, encounter_id=str(encounter),
                template=template.key, hours_since_visit=hours,
            )  # fmt: skip
        return signed if is_signed else None
