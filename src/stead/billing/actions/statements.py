"""Statements: what a patient is asked to pay, as figures, as a PDF, and as a message that it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from stead.billing import ledger, queries
from stead.billing.actions.pay_links import open_link
from stead.billing.days import book_day
from stead.billing.models import Claim, Statement
from stead.billing.numbers import FIRST_STATEMENT, next_number
from stead.billing.statement_pdf import StatementLine, StatementText, typeset
from stead.billing.statement_words import Movement, say
from stead.messaging.actions import queue_message
from stead.messaging.queries import agreed_channel
from stead.messaging.rules import language_of
from stead.messaging.terms import SEALED_MARK
from stead.patients.models import Patient
from stead.patients.rules import phone_words, zip_words
from stead.platform import actors
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.files import store
from stead.platform.identifiers import uuid7
from stead.platform.journal.write import write
from stead.platform.refusals import Conflict, InvalidInput, NotFound
from stead.practice.models import PracticeProfile
from stead.processes import gates

DUE_AFTER = timedelta(days=30)


class NothingOwed(Conflict):
    words = "This patient owes nothing, so there is nothing to ask for."


class StatementThere(Conflict):
    words = "A statement of this balance was made today. It is in the list below; send that one."


class StatementReplaced(Conflict):
    words = "A newer statement was made. Send that one."


class NobodyMayWrite(InvalidInput):
    words = "This patient has not agreed to messages about bills, or has no address for them. Nothing was sent."


@action("make_statement", permission="billing.statement", words="send a statement", gated=True, hands=("patient",))
def make_statement(*, practice: UUID, by: Actor, at: datetime, patient_id: UUID, base_url: str = "") -> Statement:
    """Make a statement of everything that changed since the patient last owed nothing; its lines add up to what is
    owed. Refuses when nothing is owed: a payer's part is never asked of the patient.

    `base_url` is where the patient opens and pays it; with it the patient is told, by e-mail or else by text, if they
    agreed to be written to about bills.
    """
    # Locked: two who press at once must not both find that no statement of this balance was made.
    patient = Patient.objects.select_for_update().filter(id=patient_id).first()
    if patient is None:
        raise NotFound()
    today = book_day(at)
    lines = lines_since_zero(ledger.account_lines(patient_id), language_of(patient.language))
    total = sum(line.cents for line in lines)
    if total <= 0:
        raise NothingOwed()
    gates.ask("make_statement", {"patient": patient}, by=by, at=at)
    if Statement.objects.filter(patient_id=patient_id, as_of_date=today, total_cents=total).exists():
        raise StatementThere()
    row = Statement(
        id=uuid7(at),
        patient_id=patient_id,
        number=next_number("statement", FIRST_STATEMENT),
        as_of_date=today,
        due_date=today + DUE_AFTER,
        total_cents=total,
        lines=[{"on": line.on.isoformat(), "words": line.words, "cents": line.cents} for line in lines],
        made_at=at,
    )
    pdf = typeset(_text(row, patient, lines, base_url))
    kept = store.store(
        pdf,
        name=f"statement-{row.number}.pdf",
        purpose="statement",
        by=by,
        at=at,
        patient_id=patient_id,
        trusted_type="application/pdf",
    )
    row.file_id = kept.id
    row.save(force_insert=True)
    if _tell_patient(row, patient, at, base_url):
        row.sent_at = at
        row.save(update_fields=["sent_at"])
    write("statement.made", by=by, at=at, subject=row, patient_id=patient_id, total_cents=total, number=row.number)
    return row


def _tell_patient(row: Statement, patient: Patient, at: datetime, base_url: str) -> bool:
    """Queue the message that a statement is there; it holds a link and no amount. False when nobody may be told. Where
    the practice lets the link pay, it is for its receiver alone, and only its hash is kept."""
    profile, channel = PracticeProfile.objects.first(), agreed_channel(patient, "billing")
    if not base_url or profile is None or not channel:
        return False
    asks = queries.link_way() == "sign_in"
    link = "" if asks else open_link(row, at, base_url)
    queue_message(
        practice=row.practice_id,
        by=actors.system(),
        at=at,
        key=f"statement:{row.id}:{at.isoformat()}" if row.sent_at else f"statement:{row.id}",
        channel=channel,
        purpose="billing",
        template="statement_ready",
        context={
            "first_name": patient.preferred_name or patient.first_name,
            "practice": profile.legal_name,
            "link": SEALED_MARK if link else _pay_url(base_url),
            "phone": profile.phone,
        },
        patient_id=patient.id,
        secret=link,
    )
    return True


@action("tell_of_statement", permission="billing.statement", words="send a statement's link again")
def tell_of_statement(*, practice: UUID, by: Actor, at: datetime, statement_id: UUID, base_url: str) -> Statement:
    """Write to the patient once more that the statement is there, with a new link; the earlier one ends. Refuses when
    nobody may write to them about bills, and for a statement that a newer one has replaced."""
    row = queries.get_statement(statement_id)
    Statement.objects.select_for_update().get(id=row.id)
    if Statement.objects.filter(patient_id=row.patient_id, number__gt=row.number).exists():
        raise StatementReplaced()
    if not _tell_patient(row, Patient.objects.get(id=row.patient_id), at, base_url):
        raise NobodyMayWrite()
    row.sent_at = at
    row.save(update_fields=["sent_at"])
    write("statement.told", by=by, at=at, subject=row, patient_id=row.patient_id, number=row.number)
    return row


def _pay_url(base_url: str) -> str:
    return f"{base_url.rstrip('/')}/portal/bills/pay/" if base_url else ""


def lines_since_zero(lines: Sequence[ledger.LedgerLine], language: str) -> list[StatementLine]:
    """Return the lines that changed what the patient owes, since the last moment at which that was nothing, in the
    words of that language."""
    moved = [line for line in lines if line.change_cents]
    start = max((i + 1 for i, line in enumerate(moved) if line.balance_cents == 0), default=0)
    kept = moved[start:]
    visits = dict(Claim.objects.filter(id__in=[x.claim_id for x in kept]).values_list("id", "service_date"))
    return [
        StatementLine(
            line.on,
            say(Movement(line.kind, line.words, line.change_cents, line.paid_cents, _visit(line, visits)), language),
            line.change_cents,
        )
        for line in kept
    ]


def _visit(line: ledger.LedgerLine, visits: Mapping[UUID, date]) -> date | None:
    return visits.get(line.claim_id) if line.claim_id else None


def _text(row: Statement, patient: Patient, lines: list[StatementLine], base_url: str) -> StatementText:
    profile = PracticeProfile.objects.first()
    place = [profile.line1, _city_line(profile)] if profile else []
    home = [patient.line1, _city_line(patient)]
    return StatementText(
        practice=profile.legal_name if profile else "",
        practice_lines=tuple(x for x in place if x.strip()),
        patient=f"{patient.first_name} {patient.last_name}",
        patient_lines=tuple(x for x in home if x.strip()),
        number=row.number,
        as_of=row.as_of_date,
        due=row.due_date,
        lines=tuple(lines),
        total_cents=row.total_cents,
        language=language_of(patient.language),
        phone=phone_words(profile.phone) if profile else "",
        pay_url=_pay_url(base_url),
    )


def _city_line(row: PracticeProfile | Patient) -> str:
    """Write the last line of an address: "Louisville, KY 40202"."""
    state = " ".join(part for part in (row.state, zip_words(row.zip_code)) if part)
    return ", ".join(part for part in (row.city, state) if part)
