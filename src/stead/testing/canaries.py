"""One table of what is sensitive and where it may show; the canary crawl plants, reads and compares.

    Kind("member id", ("coverage.Coverage.member_id",), ("coverage_*", "portal_insurance"), api=("coverages",))

Every free text of every row that is made for a patient carries a canary of its own column and patient. A column that
stands in no kind and not among OF_THE_PRACTICE may show nowhere: a new column is silent until somebody declares it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any
from uuid import UUID
from zlib import crc32

from django.apps import apps
from django.db import models

from stead.billing.statement_pdf import StatementText, typeset
from stead.platform import clock, encryption
from stead.platform.actors import Actor
from stead.platform.files import store
from stead.platform.identifiers import new_id
from stead.platform.tenancy.context import practice_id
from stead.testing.matrix import Route
from stead.testing.rows import Rows

_WORD = re.compile(r"zq[0-9a-f]{8}")
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
MESES = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]


NOTE_BODY = "note.body"
SEALED = {
    ("patients.Patient", "ssn_encrypted"): "ssn",
    ("care.Note", "body_encrypted"): NOTE_BODY,
    ("care.NoteAmendment", "body_encrypted"): "note_amendment.body",
    ("intake.IntakeRequest", "need_encrypted"): "need",
    ("intake.PatientMessage", "text_encrypted"): "text",
    ("messaging.OutboxMessage", "secret_encrypted"): "secret",
}
"""Model and sealed column to the name its value is bound to."""


FILE_BYTES = "platform.StoredFile.bytes"
SHAPES: dict[tuple[str, str], Callable[[str], Any]] = {
    ("billing.Claim", "held_because"): lambda text: [{"code": "x", "words": text}],
    ("billing.RemittanceClaim", "adjustments"): lambda text: [
        {"control": text, "code": text, "charged": 1, "paid": 0, "adjustments": [["CO", "16", 1]], "remarks": [text]}
    ],
    ("billing.Statement", "lines"): lambda text: [{"on": "2026-11-24", "words": text, "cents": 1}],
    ("coverage.EligibilityCheck", "answer"): lambda text: {"words": text, "rows": [[text, text]]},
    ("operating.Issue", "evidence"): lambda text: {"words": text, "weeks": [], "off": []},
    ("operating.Meeting", "minutes"): lambda text: {"notes": text, "present": [text], "settled": [], "todos": []},
    ("processes.CaseItem", "value"): lambda text: text,
}
"""Columns of JSON that hold something of a person, and how each is built round a text, as its readers expect it."""


@dataclass(frozen=True)
class Kind:
    """One kind of sensitive value: the columns that hold it, the pages of staff (names of routes), the pages of the
    patient's own portal, and the API operations that may show it. `planted` says how a column that is no free text
    is filled: "birth", "phone", "email", "zip", "last4"; `account` names pages of one's own account."""

    name: str
    columns: tuple[str, ...]
    staff: tuple[str, ...] = ()
    portal: tuple[str, ...] = ()
    api: tuple[str, ...] = ()
    planted: str = "word"
    account: tuple[str, ...] = ()

    def may_show(self, route: Route) -> bool:
        patterns = {"staff": self.staff, "portal": self.portal, "token": self.api, "signed_in": self.account}.get(
            route.access.kind, ()
        )
        return any(fnmatchcase(route.name, pattern) for pattern in patterns)


@dataclass(frozen=True)
class Canary:
    """One planted value: the column, whose it is, and every spelling of it that a page might show."""

    column: str
    whose: str
    spellings: tuple[str, ...]


def word(column: str, whose: str) -> str:
    return f"zq{crc32(f'{column}|{whose}'.encode()):08x}"


def _number(column: str, whose: str) -> int:
    return crc32(f"{column}|{whose}".encode())


def phone(column: str, whose: str) -> str:
    """A number of the fictional block 555-0100 to -0199 would not be unique; the exchange varies instead."""
    made = _number(column, whose)
    return f"+1502{300 + made % 600:03d}{made // 600 % 10_000:04d}"


def birth(column: str, whose: str) -> date:
    made = _number(column, whose)
    return date(1931 + made % 29, 1 + made // 29 % 12, 13 + made // 348 % 15)


def last4(column: str, whose: str) -> str:
    return f"{1000 + _number(column, whose) % 9000}"


def plant(kind: Kind, column: str, whose: str) -> tuple[Any, Canary]:
    """Return the value to store and the canary that finds it again."""
    if kind.planted == "phone":
        said = phone(column, whose)
        digits = said[2:]
        a, b, c = digits[:3], digits[3:6], digits[6:]
        return said, Canary(column, whose, (digits, f"({a}) {b}-{c}", f"{a}-{b}-{c}", f"{a} {b} {c}", f"{a}.{b}.{c}"))
    if kind.planted == "birth":
        day = birth(column, whose)
        return day, Canary(column, whose, _spelled(day))
    if kind.planted == "zip":
        said = f"{10_000 + _number(column, whose) % 89_999:05d}{_number(whose, column) % 9_999 + 1:04d}"
        return said, Canary(column, whose, (said, f"{said[:5]}-{said[5:]}"))
    if kind.planted == "last4":
        said = last4(column, whose)
        return said, Canary(column, whose, (said,))
    said = word(column, whose)
    return (f"{said}@example.test" if kind.planted == "email" else said), Canary(column, whose, (said,))


def _page(text: str) -> bytes:
    """Return a PDF of one line."""
    return typeset(StatementText("", ("",), text, ("",), 1, date(2026, 11, 24), date(2026, 12, 24), (), 0))


def _spelled(day: date) -> tuple[str, ...]:
    month, mes = MONTHS[day.month - 1], MESES[day.month - 1]
    months = (month, month[:3], f"{month[:3]}.")
    american = [f"{m} {day.day}, {day.year}" for m in months]
    british = [f"{day.day} {m} {day.year}" for m in months]
    numbers = (
        day.isoformat(), f"{day:%m/%d/%Y}", f"{day.month}/{day.day}/{day.year}", f"{day:%d/%m/%Y}", f"{day:%Y%m%d}",
        f"{day.day} de {mes} de {day.year}", f"{day.day} de {mes[:3]} de {day.year}",
    )  # fmt: skip
    return tuple(s.lower() for s in (*american, *british, *numbers))


class Flock:
    """Every canary there is, and the finding of them in a text."""

    def __init__(self) -> None:
        self.words: dict[str, Canary] = {}
        self.others: list[tuple[re.Pattern[str], Canary]] = []

    def add(self, canary: Canary) -> None:
        for spelling in canary.spellings:
            if _WORD.fullmatch(spelling):
                self.words[spelling] = canary
        rest = [re.escape(s) for s in canary.spellings if not _WORD.fullmatch(s)]
        if rest:
            self.others.append((re.compile(rf"(?<![\w/.-])(?:\+1 ?)?(?:{'|'.join(rest)})(?![\w-])"), canary))

    def heard(self, text: str) -> set[Canary]:
        """Return every canary that sings in the text, capitals or not."""
        low = text.lower()
        found = {self.words[w] for w in set(_WORD.findall(low)) if w in self.words}
        return found | {canary for pattern, canary in self.others if pattern.search(low)}


class Planted(Rows):
    """One row of whatever is asked for, belonging to one person, with a canary in every free text."""

    def __init__(self, whose: str, flock: Flock, **known: Any) -> None:
        super().__init__(**known)
        self.whose, self.flock = whose, flock

    def secret(self, column: str) -> str:
        canary = Canary(column, self.whose, (word(column, self.whose),))
        self.flock.add(canary)
        return canary.spellings[0]

    def _text(self, field: models.Field[Any, Any]) -> str:
        if field.name in ("key", "sha256", "text_sha256") or field.name.endswith(("_key", "_type")):
            return super()._text(field)
        return self.secret(f"{field.model._meta.label}.{field.name}")

    def make(self, label: str, **given: Any) -> Any:
        """Make the row; what is stored sealed is sealed with its canary inside, so that a page that opens it sings."""
        name = apps.get_model(label)._meta.label
        if name == "platform.StoredFile" and not given:
            return self._file()
        for (model, column), shape in SHAPES.items():
            if model == name:
                given.setdefault(column, shape(self.secret(f"{name}.{column}")))
        sealed = {column: field for (model, column), field in SEALED.items() if model == name and column not in given}
        if sealed:
            given.setdefault("id", new_id())
            given |= {column: self._sealed(name, column, field, given["id"]) for column, field in sealed.items()}
        return super().make(label, **given)

    def _sealed(self, model: str, column: str, field: str, record: UUID) -> str:
        text = self.secret(f"{model}.{column}")
        if field == NOTE_BODY:
            text = json.dumps({"data": text, "assessment": text, "plan": text})
        return encryption.seal(text, practice=practice_id(), record=record, field=field)

    def _file(self) -> Any:
        """A file of the person's own, named after them and telling of them; a page that serves it sings."""
        return store.store(
            _page(self.secret(FILE_BYTES)), name=f"{self.secret('platform.StoredFile.name')}.pdf", purpose="document",
            by=Actor(new_id(), "staff", self.secret("platform.StoredFile.stored_by_name")), at=clock.now(),
            patient_id=self.of("patients.Patient").id,
        )  # fmt: skip

    def fill_the_rest(self) -> None:
        """Plant what no free text holds: birth dates, numbers, addresses."""
        for kind in KINDS:
            for column in kind.columns if kind.planted != "word" else ():
                label, _, name = column.rpartition(".")
                value, canary = plant(kind, column, self.whose)
                self.flock.add(canary)
                row = self.of(label)
                type(row).objects.filter(id=row.id).update(**{name: value})


OF_THE_PRACTICE = (
    "practice.*", "processes.Playbook*", "processes.Gate.*", "forms.AgreementVersion.*", "coverage.Payer.*",
    "scheduling.Service.*", "exchange.Interchange.*", "exchange.MailboxFault.*", "billing.Remittance.*",
    "billing.ProviderAdjustment.*", "messaging.OutboxMessage.template", "processes.Case.playbook_key",
    "setup.StaffInvitation.*",
)  # fmt: skip
"""Columns that tell of the practice and of nobody it treats: any page of the practice may show them."""

_RECORD = ("patients_*", "coverage_*", "calendar_*", "intake_*", "billing_*", "care_*", "forms_*", "today", "search")
_WORKED = ("processes_case*", "processes_item", "processes_hand_over", "processes_close", "processes_work", "today")
_TEAM = ("rhythm_*", "numbers_*")

KINDS = (
    Kind(
        "name",
        tuple(f"patients.Patient.{part}_name" for part in ("first", "middle", "last", "preferred")),
        (*_RECORD, *_WORKED, "numbers_figure", "exchange_*", "messaging_*", "setup_person", "setup_closed_days"),
        ("portal_*",),
        ("find_patients", "patient", "appointment", "day", "claim*", "denials", "case*", "tasks", "rows"),
        account=("*",),
    ),
    Kind(
        "birth date",
        ("patients.Patient.birth_date", "coverage.Coverage.subscriber_birth_date"),
        ("patients_*", "coverage_*", "calendar_*", "intake_*", "care_*", "billing_*", "forms_patient"),
        ("portal_insurance", "portal_more"),
        ("find_patients", "patient", "coverages"),
        planted="birth",
    ),
    Kind(
        "telephone",
        ("patients.Patient.phone",),
        ("patients_*", "calendar_*", "intake_*", "search"),
        ("portal_more",),
        ("find_patients", "patient"),
        planted="phone",
    ),
    Kind(
        "e-mail",
        ("patients.Patient.email",),
        ("patients_*", "calendar_visit", "intake_*", "messaging_message"),
        ("portal_more", "portal_bills", "portal_pay"),
        ("find_patients", "patient"),
        planted="email",
    ),
    Kind(
        "address",
        ("patients.Patient.line1",),
        ("patients_record", "patients_edit", "patients_consent", "billing_statement"),
        ("portal_more", "portal_address"),
        ("find_patients", "patient"),
    ),
    Kind(
        "town",
        ("patients.Patient.city",),
        ("patients_*", "coverage_*", "calendar_*", "intake_*", "care_*"),
        ("portal_more", "portal_address"),
        ("find_patients", "patient"),
    ),
    Kind(
        "postal code",
        ("patients.Patient.zip_code",),
        ("patients_record", "patients_edit", "patients_consent", "billing_statement"),
        ("portal_more", "portal_address"),
        ("find_patients", "patient"),
        planted="zip",
    ),
    Kind("file", ("platform.StoredFile.*",), ("processes_case*", "intake_file"), ("portal_*",)),
    Kind("minutes of a meeting", ("operating.Meeting.minutes",), _TEAM),
    Kind("pronouns", ("patients.Patient.pronouns",), _RECORD, ("portal_more",), ("find_patients", "patient")),
    Kind("how they found us", ("patients.Patient.source",), ("patients_*",), (), ("find_patients", "patient")),
    Kind(
        "people around them",
        ("patients.RelatedPerson.name",),
        ("patients_*", "coverage_*", "forms_*", "calendar_visit"),
        ("portal_*",),
    ),
    Kind("their telephone", ("patients.RelatedPerson.phone",), ("patients_record", "patients_edit"), planted="phone"),
    Kind("their e-mail", ("patients.RelatedPerson.email",), ("patients_record", "patients_edit"), planted="email"),
    Kind("social security number", ("patients.Patient.ssn_encrypted",)),
    Kind("number elsewhere", ("patients.PatientIdentifier.system", "patients.PatientIdentifier.value")),
    Kind(
        "member id",
        ("coverage.Coverage.member_id", "coverage.Coverage.group_number"),
        (
            "patients_record",
            "patients_consent",
            "coverage_*",
            "billing_claim",
            "billing_resend_claim",
            "billing_denial",
        ),
        ("portal_insurance",),
        ("coverages",),
    ),
    Kind(
        "subscriber",
        ("coverage.Coverage.subscriber_first_name", "coverage.Coverage.subscriber_last_name"),
        ("coverage_*", "patients_record"),
        ("portal_insurance",),
        ("coverages",),
    ),
    Kind(
        "what the payer said",
        (
            "coverage.EligibilityCheck.*",
            "coverage.Authorization.*",
            "billing.ClaimEvent.*",
            "billing.Claim.*",
            "billing.RemittanceClaim.*",
        ),
        ("coverage_*", "billing_*", "patients_record"),
        (),
        ("eligibility_check", "claim*", "denials", "coverages"),
    ),
    Kind(
        "text of a note",
        ("care.Note.body_encrypted", "care.NoteAmendment.body_encrypted"),
        ("care_note", "care_keep_note", "care_amend_note"),
    ),
    Kind("who wrote it", ("care.Note.signed_by_name", "care.NoteAmendment.author_name"), ("care_*",)),
    Kind(
        "who asked for somebody else",
        ("intake.IntakeRequest.asker_name", "intake.IntakeRequest.asker_relation"),
        ("intake_request", "intake_urgent", "intake_safety_*"),
    ),
    Kind(
        "what was asked for",
        ("intake.IntakeRequest.*",),
        ("intake_request", "intake_urgent"),
        (),
    ),
    Kind(
        "safety request",
        ("intake.SafetyAlarm.*", "intake.SafetyRing.*"),
        ("intake_safety*", "intake_request", "intake_urgent", "today"),
    ),
    Kind(
        "message of a patient", ("intake.PatientMessage.*",), ("intake_message",), ("portal_messages", "portal_asked")
    ),
    Kind(
        "invitation",
        ("intake.PortalInvitation.email", "intake.PortalInvitation.sent_by_name"),
        ("intake_request", "intake_invite", "patients_record"),
        planted="word",
    ),
    Kind(
        "message to a patient",
        ("messaging.OutboxMessage.to", "messaging.OutboxMessage.subject", "messaging.OutboxMessage.body"),
        ("messaging_message", "messaging_send_again", "messaging_stop"),
        ("portal_messages",),
    ),
    Kind("link for its receiver alone", ("messaging.OutboxMessage.secret_encrypted",)),
    Kind("answer of the mail server", ("messaging.OutboxMessage.reply_code",), ("messaging_*",)),
    Kind("signature", ("forms.Signature.signed_name",), ("forms_*", "patients_record"), ("portal_agreement*",)),
    Kind(
        "card",
        ("billing.PaymentCard.last4",),
        (
            "billing_account",
            "billing_card",
            "billing_take_payment",
            "billing_payment",
            "billing_write_off_account",
            "billing_make_statement",
            "patients_record",
        ),
        ("portal_card", "portal_pay", "portal_bills"),
        planted="last4",
    ),
    Kind("token of the card", ("billing.PaymentCard.token", "billing.Payment.processor_reference")),
    Kind(
        "declined",
        ("billing.Payment.declined_because",),
        (
            "billing_account",
            "billing_payment",
            "billing_take_payment",
            "billing_write_off_account",
            "billing_make_statement",
        ),
        ("portal_pay", "portal_bills"),
        ("ledger",),
    ),
    Kind(
        "ledger",
        ("billing.LedgerTransaction.words", "billing.LedgerTransaction.by_name"),
        ("billing_*",),
        ("portal_bills",),
        ("ledger",),
    ),
    Kind(
        "visit",
        ("scheduling.Appointment.ended_reason", "scheduling.Appointment.booked_by_name"),
        ("calendar_*",),
        (),
        ("appointment",),
    ),
    Kind(
        "case",
        ("processes.Case.title", "processes.Case.owner_reason"),
        (*_WORKED, "intake_*", "numbers_figure"),
        (),
        ("case*", "tasks", "rows"),
    ),
    Kind(
        "work of a case",
        ("processes.CaseItem.*", "processes.Task.*", "processes.GateOverride.*"),
        (*_WORKED, "intake_*", "patients_record", "forms_patient"),
        ("portal_home", "portal_item"),
        ("case", "tasks", "done"),
    ),
    Kind("words of the team", ("operating.Issue.*", "operating.Decision.*", "operating.Todo.*"), _TEAM),
    Kind("who read what", ("platform.PatientAccess.*",), ("access_reads", "glass_reviews")),
    Kind("emergency opening", ("platform.BreakGlass.*",), ("glass_reviews",)),
)


def kind_of(column: str) -> Kind | None:
    """Return the kind that declares the column; None for one that may show nowhere."""
    return next((k for k in KINDS if any(fnmatchcase(column, c) for c in k.columns)), None)


def is_of_the_practice(column: str) -> bool:
    return any(fnmatchcase(column, pattern) for pattern in OF_THE_PRACTICE)


def columns_of_rows() -> Iterator[str]:
    """Yield every text column of every table of a practice."""
    for model in apps.get_models():
        if model.__module__.startswith("stead."):
            for column in model._meta.concrete_fields:
                if isinstance(column, (models.CharField, models.TextField)) and not column.choices:
                    yield f"{model._meta.label}.{column.name}"
