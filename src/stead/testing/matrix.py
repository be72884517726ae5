"""What the authorization matrix and the canary crawl put into the holes of an address.

    example("patient_id", row("patients.Patient"))          # by the name of the parameter, for every route that has it
    example("numbers_figure:key", lambda world: "kept")      # for one route only

A route with a parameter that nobody has registered fails the matrix: a new page cannot stay outside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from stead.platform import clock
from stead.platform.checks import accesses_of, routes
from stead.platform.identifiers import new_id
from stead.platform.web.door import Access
from stead.testing.rows import Rows, fixed

Maker = Callable[[Rows], Any]
_examples: dict[str, Maker] = {}
_HOLE = re.compile(r"<(?:\w+:)?(\w+)>")


def example(name: str, maker: Maker) -> None:
    """Register a value for a parameter ("case_id"), or for a parameter of one route ("processes_item:key")."""
    _examples[name] = maker


def row(label: str) -> Maker:
    """Return a maker that gives the identifier of the world's row of the model."""
    return lambda rows: rows.of(label).id


@dataclass(frozen=True)
class Route:
    """One address with its declared access; `method` is "page" or, for the API, the one method."""

    address: str
    name: str
    method: str
    access: Access
    holes: tuple[str, ...] = field(default=())

    def maker(self, hole: str) -> Maker | None:
        return _examples.get(f"{self.name}:{hole}") or _examples.get(hole)

    def missing(self) -> list[str]:
        return [hole for hole in self.holes if self.maker(hole) is None]

    def filled(self, rows: Rows) -> str:
        """Return the address with the world's values in its holes."""

        def value(match: re.Match[str]) -> str:
            maker = self.maker(match[1])
            assert maker is not None, f"{self.name}: nobody registered {match[1]}"
            return str(maker(rows))

        return "/" + _HOLE.sub(value, self.address)

    @property
    def has_row(self) -> bool:
        """Whether the address names a row: a hole that ends in _id."""
        return any(hole.endswith("_id") for hole in self.holes)


def all_routes() -> Iterator[Route]:
    """Yield every route of the product, each API method as one."""
    seen = set()
    for address, pattern in routes():
        for method, access in accesses_of(pattern).items():
            if (address, method) not in seen:
                seen.add((address, method))
                yield Route(address, pattern.name or address, method, access, tuple(_HOLE.findall(address)))


fixed("practice.Location", time_zone="America/Kentucky/Louisville")
fixed("patients.Patient", time_zone="America/Kentucky/Louisville", language="en", state="KY")
_STAGE = {"key": "first", "name": "First", "owner": "office", "due": 8, "guide": "", "patient": {"en": "", "es": ""}}
_DOCUMENT = {
    "playbook": "x",
    "name": "X",
    "purpose": "",
    "subjects": ["patients.patient"],
    "owner": "office",
    "stages": [_STAGE],
    "ends": {"done": "Done"},
    "done": "done",
}
fixed("processes.PlaybookVersion", state="published", document=_DOCUMENT)
fixed("processes.Case", playbook_key="x", stage_key="first", subject_type="patients.patient")
fixed("scheduling.WorkPattern", weekday=0, starts=time(9), ends=time(17), until_date=None)
fixed("scheduling.FreeDay", open=[])
for hole, label in {
    "patient_id": "patients.Patient",
    "case_id": "processes.Case",
    "task_id": "processes.Task",
    "playbook_id": "processes.Playbook",
    "meeting_id": "operating.Meeting",
    "issue_id": "operating.Issue",
    "todo_id": "operating.Todo",
    "absence_id": "practice.Absence",
    "seat_id": "practice.Seat",
    "staff_id": "practice.StaffMember",
    "location_id": "practice.Location",
    "encounter_id": "care.Encounter",
    "note_id": "care.Note",
    "agreement_id": "forms.AgreementVersion",
    "signature_id": "forms.Signature",
    "coverage_id": "coverage.Coverage",
    "check_id": "coverage.EligibilityCheck",
    "fault_id": "exchange.MailboxFault",
    "message_id": "messaging.OutboxMessage",
    "appointment_id": "scheduling.Appointment",
    "service_id": "scheduling.Service",
    "pattern_id": "scheduling.WorkPattern",
    "claim_id": "billing.Claim",
    "charge_id": "billing.Charge",
    "statement_id": "billing.Statement",
    "payment_id": "billing.Payment",
    "remittance_id": "billing.Remittance",
    "request_id": "intake.IntakeRequest",
    "alarm_id": "intake.SafetyAlarm",
    "file_id": "platform.StoredFile",
    "glass_id": "platform.BreakGlass",
    "denial_id": "billing.Denial",
    "answer_id": "billing.RemittanceClaim",
    "adjustment_id": "billing.ProviderAdjustment",
    "item_id": "processes.CaseItem",
    "visit_id": "scheduling.Appointment",
    "invitation_id": "intake.PortalInvitation",
    "room_id": "practice.Room",
    "closure_id": "practice.Closure",
}.items():
    example(hole, row(label))


def _note(rows: Rows) -> Any:
    """A draft whose text can be opened."""
    from stead.care.text import sealed

    note = rows.of("care.Note")
    text = rows.secret("care.Note.body_encrypted")
    body = sealed(note, {"data": text, "assessment": text, "plan": text})
    type(note).objects.filter(id=note.id).update(body_encrypted=body)
    return note.id


def _sealed(label: str, column: str, field: str) -> Maker:
    """Return a maker of a row whose sealed column can be opened; where it is append-only it cannot be sealed later."""

    def make(rows: Rows) -> Any:
        from stead.platform import encryption
        from stead.platform.identifiers import new_id
        from stead.platform.tenancy.context import practice_id

        if label.lower() not in rows.known:
            chosen = new_id()
            sealed = encryption.seal(
                rows.secret(f"{label}.{column}"), practice=practice_id(), record=chosen, field=field
            )
            rows.of(label, id=chosen, **{column: sealed})
        return rows.of(label).id

    return make


def _api_token(rows: Rows) -> Any:
    """A token of somebody of the practice in force."""
    from stead.platform.accounts.models import ApiToken, Membership
    from stead.platform.tenancy import context

    if "token" not in rows.known:
        with context.in_directory() as now:
            member = Membership.objects.filter(practice_id=now.practice_id, kind="staff").first()
            assert member is not None
            made = ApiToken.objects.create(membership=member, name="matrix", token_sha256=f"{new_id().hex * 2}")
        rows.known["token"] = made
    return rows.known["token"].id


def _denial(rows: Rows) -> Any:
    """A denial of a claim that has a line."""
    rows.of("billing.ClaimLine")
    return rows.of("billing.Denial").id


def _posting(rows: Rows) -> Any:
    """A write-off of the world's patient, whole: the ledger takes no transaction without its entries."""
    from stead.billing import ledger, rules
    from stead.platform.tenancy import context

    if "posting" not in rows.known:
        patient, now = rows.of("patients.Patient").id, clock.now()
        posting = rules.write_off_posting(
            "written off", rules.patient_account(patient), patient, 100, now.date(), claim_id=None, words="Small"
        )
        rows.known["posting"] = ledger.post(posting, by=context.current().actor, at=now)
    return rows.known["posting"].id


fixed("intake.PatientMessage", about="message")
fixed("billing.ProviderAdjustment", queue="recoupment")
fixed("billing.Denial", queue="registration")
fixed("intake.SafetyAlarm", next_ring_at=datetime(2026, 11, 24, 16, tzinfo=UTC))
fixed("care.Note", template="dap")
fixed("messaging.OutboxMessage", staff_id=None)  # a message of care goes to the patient alone
fixed("forms.AgreementVersion", kind="privacy_notice", language="en")
fixed("forms.Signature", kind="privacy_notice")
example("note_id", _note)
example("request_id", _sealed("intake.IntakeRequest", "need_encrypted", "need"))
example("denial_id", _denial)
example("transaction_id", _posting)
example("api_token_id", _api_token)
example("role", lambda rows: "manager")
example("side", lambda rows: "front")
example("key", lambda rows: "new_referrals")
example("week", lambda rows: "2026-11-16")
example("what", lambda rows: "accept")
example("slug", lambda rows: "linden-street")
example("job_id", lambda rows: 999_999_999)
example("session_id", lambda rows: rows.of("practice.Location").id)
example("passkey_id", lambda rows: rows.of("practice.Location").id)
example("day", lambda rows: "2026-11-24")
example("related_id", lambda rows: rows.of("patients.RelatedPerson").id)
example("step", lambda rows: "confirm")
example("token", lambda rows: "no-such-token")
example("kind", lambda rows: "privacy_notice")
example("about", lambda rows: "billing")
example("intake_message:message_id", _sealed("intake.PatientMessage", "text_encrypted", "text"))
example("portal_ask:about", lambda rows: "message")
