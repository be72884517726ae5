"""Put the demo together: structure by actions, history by COPY, seals, accounts; all or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connections, transaction

from stead.billing import models as billing
from stead.care.models import Encounter, Note
from stead.coverage.models import Coverage, EligibilityCheck
from stead.forms.models import Signature
from stead.patients.models import ContactConsent, Patient, PatientNumber
from stead.platform import actors, clock
from stead.platform.accounts.models import Account, Membership, Practice
from stead.platform.identifiers import new_id
from stead.platform.journal import seals
from stead.platform.journal.models import JournalEntry, JournalHead
from stead.platform.journal.partitions import ensure_partitions
from stead.platform.tenancy import catalogue, context
from stead.processes.models import Case, CaseNumber, Task
from stead.scheduling.free import rebuild_free_days
from stead.scheduling.models import Appointment, ResourceClaim
from stead.scheduling.slots import HORIZON_DAYS
from stead.simulation.demo import cases, faults
from stead.simulation.demo.book import Book
from stead.simulation.demo.history import WEEKS, Person, Story
from stead.simulation.demo.journal import Lines
from stead.simulation.demo.logins import LOGINS, PASSWORD, Login
from stead.simulation.demo.money import Money
from stead.simulation.demo.people import NAME, OFFICE, PRACTITIONERS, SLUG
from stead.simulation.demo.rows import Ids, Rows
from stead.simulation.demo.structure import Structure, close_holidays, found, vacate_desk

SEED = 20261124
Progress = Callable[[str], None]
ORDER = (
    Patient, PatientNumber, Signature, ContactConsent, Coverage, EligibilityCheck, Appointment, ResourceClaim,
    Encounter, Note, billing.Fee, billing.Charge, billing.Claim, billing.ClaimLine, billing.ClaimEvent,
    billing.Remittance, billing.RemittanceClaim, billing.Denial, billing.LedgerAccount, billing.LedgerTransaction,
    billing.LedgerEntry, billing.PaymentCard, billing.Payment, CaseNumber, Case, Task, JournalEntry, JournalHead,
)  # fmt: skip


@dataclass(frozen=True)
class DemoPractice:
    """The demo that was made: who may sign in, and how many rows it has by table."""

    id: UUID
    logins: tuple[Login, ...]
    rows: dict[str, int]


def create_demo_practice(progress: Progress, weeks: int = WEEKS) -> DemoPractice:
    """Make it, as administrator. A making that was broken off is forgotten and begun anew under a new identifier."""
    now = clock.now().replace(microsecond=0)
    Practice.objects.filter(slug=SLUG, is_demo=False).delete()
    practice = new_id()
    progress("Demo: places, people, seats, payers, agreements")
    begun = now - timedelta(weeks=weeks, days=21)
    ensure_partitions(connections["owner"], begun - timedelta(days=40), now)
    catalogue.protect_partitions(connections["owner"])
    made, closed = _found(practice, begun, now)
    progress(f"Demo: {weeks} weeks of visits")
    random = Random(SEED)  # noqa: S311 - a story, the same for each day it is told
    rows = Rows(practice)
    ids = Ids(random)
    story = Story(now, closed, SEED, ids, weeks)
    story.live()
    lines = Lines(rows, ids, {name: row.id for name, row in made.staff.items()})
    with context.acting(practice, actors.system(), kind="worker"):
        book = Book(rows, lines, ids, made, story)
    book.write()
    progress("Demo: charges, claims, remittances, ledger")
    Money(rows, lines, ids, made, story).write(book.documented)
    with context.acting(practice, actors.system(), kind="worker"):
        cases.write_closed(rows, lines, ids, made, story)
    faults.plant(rows, lines, ids, made, story, random)
    lines.write()
    progress("Demo: writing rows")
    counted = rows.write(ORDER, lambda words: progress(f"Demo: {words.lower()}"))
    progress("Demo: free days")
    _open_days(practice, made, now)
    progress("Demo: open cases")
    cases.open_intakes(practice, story)
    cases.open_denials(practice, progress)
    progress("Demo: sealing the journal")
    _seal(practice, now)
    _open_accounts(practice, made, story.people)
    Practice.objects.filter(id=practice).update(is_demo=True)
    return DemoPractice(practice, LOGINS, counted)


def _found(practice: UUID, begun: datetime, now: datetime) -> tuple[Structure, frozenset[date]]:
    """The directory's row and the practice's own in one transaction."""
    with transaction.atomic():
        Practice.objects.create(
            id=practice, name=NAME, slug=SLUG, time_zone="America/Kentucky/Louisville", created_at=begun
        )
        with context.acting(practice, actors.system()):
            with clock.driven(begun):
                made = found(practice, begun)
                last = now.date() + timedelta(days=HORIZON_DAYS)
                closed = close_holidays(practice, begun, begun.date(), last)
            left = now - timedelta(days=11)
            with clock.driven(left):
                vacate_desk(practice, left)
    return made, closed


def _open_days(practice: UUID, made: Structure, now: datetime) -> None:
    """Keep free time from fourteen weeks back, as the scorecard asks, to the end of what can be booked."""
    staff = [member.id for member in made.practitioners]
    with context.acting(practice, actors.system(), kind="worker"):
        rebuild_free_days(staff, now.date() - timedelta(weeks=14), now.date() + timedelta(days=HORIZON_DAYS))


def _seal(practice: UUID, now: datetime) -> None:
    while True:
        with context.acting(practice, actors.system(), kind="worker"):
            if seals.seal_batch(now, limit=50_000) is None:
                return


def _open_accounts(practice: UUID, made: Structure, people: list[Person]) -> None:
    """Give every member of staff and the demo patient an account; one password for all, hashed once."""
    password = make_password(PASSWORD)
    for worker in (*OFFICE, *PRACTITIONERS):
        if worker.email and worker.name != "Devon Hale":
            _join(practice, worker.email, password, "staff", made.staff[worker.name].id, worker.name, worker.roles)
    dee = next(login for login in LOGINS if login.role == "patient")
    patient = faults.dee(people)
    _join(practice, dee.email, password, "patient", patient.id, dee.name, ())


def _join(
    practice: UUID, email: str, password: str, kind: str, person: UUID, name: str, roles: tuple[str, ...]
) -> None:
    account, _ = Account.objects.get_or_create(email=email, defaults={"password": password})
    Account.objects.filter(id=account.id).update(password=password, is_active=True)
    Membership.objects.get_or_create(
        account=account,
        practice_id=practice,
        kind=kind,
        person_id=person,
        defaults={"name": name, "roles": list(roles)},
    )
