"""`stead bench post835` and `stead bench claims`: what posting and writing a thousand claims costs, from real rows.

`post835` posts one remittance of n claims (four in five paid, one in five denied) through the action: ledger, lines,
states, history, denials, journal. It is compared with a bare COPY of the same ledger rows into tables without keys,
checks or triggers. The same file posted again must change nothing.
`claims` reads n claims and writes them as 837P in batches of 100.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext

from stead.billing import ledger, rules
from stead.billing.actions.remittances import RemittanceAlreadyPosted, post_remittance
from stead.billing.claim_form import claim_forms
from stead.billing.models import Charge, Claim, ClaimLine, LedgerEntry, LedgerTransaction
from stead.care.models import Encounter
from stead.coverage.models import Coverage, Payer
from stead.patients.models import Patient
from stead.platform import actors
from stead.platform.accounts.models import Practice
from stead.platform.identifiers import new_id
from stead.platform.tenancy.context import acting
from stead.platform.tenancy.standalone import own_database
from stead.practice.models import Location, PracticeProfile, StaffMember
from stead.x12 import claim837p as form
from stead.x12 import remit835
from stead.x12.adjustments import Adjustment
from stead.x12.content import Coded

Progress = Callable[[str], None]
_AT = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)
_DAY = date(2026, 11, 20)


def bench_post835(progress: Progress, n: int = 1000) -> dict[str, Any]:
    """Return seconds per 1,000 claims posted, the ratio to a bare COPY, and what a second posting changed."""
    practice = new_id()
    with own_database(progress):
        Practice.objects.create(id=practice, name="Bench", slug="bench")
        with acting(practice, actors.system()):
            progress(f"Making {n} claims")
            claims = _claims(n)
            told = _remittance(claims)
        progress("Posting the remittance")
        started = time.perf_counter()
        with acting(practice, actors.system()):
            post_remittance(practice=practice, by=actors.system(), at=_AT, remittance=told)
        taken = time.perf_counter() - started
        with acting(practice, actors.system()):
            changes = _post_again(practice, told)
            bare = _bare_copy()
    per_thousand = taken * 1000 / n
    return {
        "value": round(per_thousand, 3),
        "unit": "s per 1,000 claims",
        "ratio": round(taken / bare, 1),
        "against": "bare COPY of the same ledger rows",
        "n": n,
        "reimport_changes": changes,
    }


def bench_claims(progress: Progress, n: int = 1000) -> dict[str, Any]:
    """Return seconds per 1,000 claims read from the database and written as 837P, and the queries it took."""
    practice = new_id()
    with own_database(progress):
        Practice.objects.create(id=practice, name="Bench", slug="bench")
        with acting(practice, actors.system()):
            progress(f"Making {n} claims")
            _claims(n)
            progress("Writing them")
            with CaptureQueriesContext(connection) as asked:
                started = time.perf_counter()
                size = _write_all(list(Claim.objects.order_by("number")))
                taken = time.perf_counter() - started
    return {
        "value": round(taken * 1000 / n, 3),
        "unit": "s per 1,000 claims",
        "n": n,
        "queries": len(asked),
        "written": size,
    }


def _write_all(claims: list[Claim]) -> int:
    written = 0
    records = claim_forms(claims)
    partner, contact = form.TradingPartner("Bench", "SENDER"), form.Contact("Office", "5025550100")
    for first in range(0, len(records), 100):
        batch = form.ClaimBatch(f"B{first}", _AT, partner, contact, partner, tuple(records[first : first + 100]))
        form.compose_claims(batch, control=f"{first + 1:04}")
        written += len(batch.claims)
    return written


def _claims(n: int) -> list[Claim]:
    """Make n claims of n visits of twenty patients, charged and accepted."""
    PracticeProfile.objects.create(
        legal_name="Bench", npi="1487654323", tax_id="612345678", taxonomy="261QM0801X", phone="5025550100",
        email="office@example.test", line1="1 Main Street", city="Louisville", state="KY", zip_code="402020001",
    )  # fmt: skip
    place = Location.objects.create(name="Main", time_zone="America/New_York", line1="1 Main Street")
    staff = StaffMember.objects.create(
        name="Dr Ann Field", is_practitioner=True, npi="1234567893", taxonomy="103TC0700X"
    )
    payer = Payer.objects.create(name="Bench Mutual", edi_id="BENCH")
    people = [_patient(number, payer.id) for number in range(20)]
    rows = [_visit(people[i % 20], staff.id, place.id) for i in range(n)]
    Encounter.objects.bulk_create([visit for visit, _ in rows])
    Charge.objects.bulk_create([charge for _, charge in rows])
    claims = [_claim(i, charge, people[i % 20][1], payer.id, place.id) for i, (_, charge) in enumerate(rows)]
    Claim.objects.bulk_create(claims)
    ClaimLine.objects.bulk_create(
        ClaimLine(
            claim_id=c.id, charge_id=charge.id, position=1, line_control=f"{c.number}-1", amount_cents=c.total_cents
        )
        for c, (_, charge) in zip(claims, rows, strict=True)
    )
    ledger.post_all(
        [
            rules.charge_posting(c.id, c.patient_id, c.amount_cents, _DAY, payer_id=payer.id, words="Visit")
            for _, c in rows
        ],
        by=actors.system(),
        at=_AT,
    )
    return claims


def _patient(number: int, payer_id: UUID) -> tuple[UUID, UUID]:
    patient = Patient.objects.create(
        number=number + 1, first_name="Pat", last_name=f"Bench{number}", birth_date=date(1990, 1, 1), sex="female",
        line1="2 Oak Street", city="Louisville", state="KY", zip_code="402020001", created_at=_AT,
    )  # fmt: skip
    policy = Coverage.objects.create(patient_id=patient.id, payer_id=payer_id, member_id=f"W{number:08}")
    return patient.id, policy.id


def _visit(person: tuple[UUID, UUID], staff_id: UUID, location_id: UUID) -> tuple[Encounter, Charge]:
    visit = Encounter(
        patient_id=person[0], practitioner_id=staff_id, location_id=location_id, starts_at=_AT, service_date=_DAY,
        diagnosis_codes=["F41.1"],
    )  # fmt: skip
    charge = Charge(
        encounter_id=visit.id, patient_id=person[0], practitioner_id=staff_id, procedure_code="H0004",
        amount_cents=15000, diagnosis_codes=["F41.1"], place_of_service="11", service_date=_DAY, made_at=_AT,
    )  # fmt: skip
    return visit, charge


def _claim(index: int, charge: Charge, coverage_id: UUID, payer_id: UUID, location_id: UUID) -> Claim:
    return Claim(
        number=f"CL-{index:05}", patient_id=charge.patient_id, coverage_id=coverage_id, payer_id=payer_id,
        practitioner_id=charge.practitioner_id, location_id=location_id, total_cents=15000, state="accepted",
        service_date=_DAY, made_at=_AT, sent_at=_AT, state_at=_AT, file_before_date=date(2027, 2, 20),
    )  # fmt: skip


def _remittance(claims: list[Claim]) -> remit835.Remittance:
    answers = tuple(_answer(claim, denied=index % 5 == 0) for index, claim in enumerate(claims))
    total = sum((a.paid for a in answers), Decimal(0))
    payer, payee = (
        remit835.Organisation("Bench Mutual", "XV", "BENCH"),
        remit835.Organisation("Bench", "XX", "1487654323"),
    )
    payment = remit835.Payment(total, trace="T1", payer_trace_id="1512345678", paid_date=_DAY)
    return remit835.Remittance(payment, payer, payee, (remit835.ClaimGroup("1", answers),))


def _answer(claim: Claim, *, denied: bool) -> remit835.RemitClaim:
    charge, paid = Decimal("150.00"), Decimal("0.00") if denied else Decimal("80.00")
    rest = Adjustment("CO", "197", Decimal("110.00")) if denied else Adjustment("PR", "3", Decimal("30.00"))
    line = remit835.RemitLine(
        remit835.Procedure("H0004"),
        charge,
        paid,
        adjustments=(Adjustment("CO", "45", Decimal("40.00")), rest),
        refs=(Coded("6R", f"{claim.number}-1"),),
    )
    owes = Decimal("0.00") if denied else Decimal("30.00")
    return remit835.RemitClaim(claim.number, "4" if denied else "1", charge, paid, owes, lines=(line,))


def _post_again(practice: UUID, told: remit835.Remittance) -> int:
    """Post the same remittance again and return how many ledger rows that made."""
    before = LedgerEntry.objects.count()
    with suppress(RemittanceAlreadyPosted):
        post_remittance(practice=practice, by=actors.system(), at=_AT, remittance=told)
    return LedgerEntry.objects.count() - before


def _bare_copy() -> float:
    """Return seconds to COPY the posted ledger rows into bare tables."""
    posted = LedgerTransaction.objects.filter(kind="insurer")
    heads = list(posted.values_list("id", "key", "kind", "at", "effective_date", "by_name"))
    entries = list(
        LedgerEntry.objects.filter(transaction_id__in=posted.values("id")).values_list(
            "id", "transaction_id", "account_id", "amount_cents"
        )
    )
    with connection.cursor() as cursor:
        cursor.execute("create temp table bare_t (id uuid, k text, kind text, at timestamptz, d date, who text)")
        cursor.execute("create temp table bare_e (id uuid, t uuid, a uuid, cents bigint)")
        started = time.perf_counter()
        for table, rows in (("bare_t", heads), ("bare_e", entries)):
            with cursor.cursor.copy(f"copy {table} from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
        return time.perf_counter() - started
