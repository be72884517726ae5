"""Put a load together: structure by actions, history by SQL a year at a time, notes sealed one by one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connections, transaction

from stead.billing.closing import close_months
from stead.care.models import Note
from stead.care.rules import template_for
from stead.care.text import digest_of, sealed
from stead.forms.models import AgreementVersion
from stead.forms.rules import fingerprint
from stead.platform import actors, clock
from stead.platform.accounts.models import Account, Membership, Practice
from stead.platform.identifiers import new_id
from stead.platform.journal import seals
from stead.platform.journal.partitions import ensure_partitions
from stead.platform.tenancy import catalogue, context
from stead.scheduling.free import rebuild_free_days
from stead.scheduling.slots import HORIZON_DAYS
from stead.simulation.bare import bare
from stead.simulation.demo.people import ANA, FIRST_NAMES, LAST_NAMES, OFFICE, PLACES, PRACTITIONERS, Worker
from stead.simulation.demo.structure import Structure, found
from stead.simulation.load import history, staging
from stead.simulation.load.fill import Filler

Progress = Callable[[str], None]
AHEAD = timedelta(days=35)
LARGE = 40
"""From this many practitioners' years on a load fills the tables bare: about 70 000 visits."""
NOTE_TEXT = "Visit held as planned. What was worked on and what comes next were agreed with the patient."
_EVERYTHING = (
    "patient, coverage, eligibility_check, signature, appointment, resource_claim, encounter, note, charge, claim,"
    " claim_line, claim_event, remittance, remittance_claim, denial, ledger_account, ledger_transaction, ledger_entry,"
    " journal_entry, journal_head, journal_pending, journal_sealed, free_day, ledger_close, carried_balance"
)


@dataclass(frozen=True)
class Load:
    """The practice that was made, one member of staff per role, and its rows by table."""

    practice: UUID
    slug: str
    staff: dict[str, UUID]
    rows: dict[str, int]


def create_load(
    clinicians: int, years: float, progress: Progress, *, now: datetime | None = None, bulk: bool | None = None
) -> Load:
    """Make a practice with so many practitioners and so many years of history; `years` 0 makes one without any.

    `bulk` fills the tables bare (`simulation.bare`), which a large load chooses by itself; a small one checks each row.
    """
    bulk = clinicians * years >= LARGE if bulk is None else bulk
    now = (now or clock.now()).replace(microsecond=0)
    begun = now - timedelta(days=round(years * 364) + 28)
    practice = new_id()
    slug = f"load-{clinicians}x{years:g}-{practice.hex[-8:]}".replace(".", "-")
    progress(f"Load: founding a practice of {clinicians} practitioners")
    ensure_partitions(connections["owner"], begun - timedelta(days=40), now)
    catalogue.protect_partitions(connections["owner"])
    made = _found(practice, slug, begun, now, clinicians)
    rows = _live(practice, made, now, years, progress, bulk) if years else {}
    _analyze()
    progress("Load: free days")
    _open_days(practice, [member.id for member in made.practitioners], now.date())
    progress("Load: sealing the journal, closing the months")
    _seal(practice, now)
    with context.acting(practice, actors.system(), kind="worker"):
        close_months(now)
    _analyze()
    return Load(practice, slug, _open_accounts(practice, slug, made), rows)


def _open_days(practice: UUID, staff: list[UUID], today: date) -> None:
    """Keep free time from fourteen weeks back to the end of what can be booked."""
    with context.acting(practice, actors.system(), kind="worker"):
        rebuild_free_days(staff, today - timedelta(weeks=14), today + timedelta(days=HORIZON_DAYS))


def _analyze() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"analyze {_EVERYTHING}")


def team(clinicians: int) -> tuple[Worker, ...]:
    """The demo's practitioners first, then invented ones, spread over the places."""
    more = (
        Worker(
            f"{FIRST_NAMES[n % len(FIRST_NAMES)]} {LAST_NAMES[n * 7 % len(LAST_NAMES)]} {n}",
            ("clinician",), n % len(PLACES), (), "LCSW", "", True,
        )
        for n in range(len(PRACTITIONERS), clinicians)
    )  # fmt: skip
    return (*PRACTITIONERS[:clinicians], *more)


def _found(practice: UUID, slug: str, begun: datetime, now: datetime, clinicians: int) -> Structure:
    with transaction.atomic():
        Practice.objects.create(
            id=practice, name=f"Load {slug}", slug=slug, time_zone=PLACES[0].time_zone, created_at=begun
        )
        with context.acting(practice, actors.system()), clock.driven(begun):
            return found(practice, begun, now.date(), team(clinicians))


def _live(
    practice: UUID, made: Structure, now: datetime, years: float, progress: Progress, bulk: bool
) -> dict[str, int]:
    today = now.date()
    first = today - timedelta(days=today.weekday() + round(years * 364))
    last = today + AHEAD
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        filler = Filler(cursor, practice, _values(practice, made, now, first, last))
        with bare(cursor, _EVERYTHING.split(", "), progress) if bulk else nullcontext():
            progress("Load: people")
            for statement in (staging.TEAM, staging.SERVICES, staging.PEOPLE, history.LINES):
                filler.run(statement)
            filler.run("analyze load_person")
            history.people(filler)
            history.accounts(filler)
            cursor.execute("analyze patient, coverage, ledger_account")
            for begins, ends in _stretches(first, last):
                progress(f"Load: {begins} to {ends}")
                _stretch(filler, begins, ends, bulk)
            progress("Load: journal")
            history.journal(filler)
            for table in ("team", "service", "person", "visit", "line", "answer", "posting"):
                cursor.execute(f"drop table if exists load_{table}")
        return dict(filler.counted)


def _stretches(first: date, last: date) -> list[tuple[date, date]]:
    """Cut the time into years, so that no staging table and no trigger has to hold it all."""
    found_ = []
    while first < last:
        found_.append((first, min(first + timedelta(days=364), last)))
        first += timedelta(days=364)
    return found_


def _stretch(filler: Filler, begins: date, ends: date, bulk: bool) -> None:
    filler.values |= {"from": begins, "until": ends, "claims": filler.counted.get("appointment", 0)}
    filler.run("drop table if exists load_visit")
    filler.run(staging.VISITS)
    filler.run("analyze load_visit")
    history.book(filler)
    _notes(filler)
    history.claims(filler)
    history.ledger(filler)
    history.lines(filler)
    if not bulk:  # each stretch is planned by what the ones before it left
        filler.cursor.execute(
            "analyze appointment, resource_claim, encounter, note, charge, claim, ledger_transaction, ledger_entry"
        )


def _values(practice: UUID, made: Structure, now: datetime, first: date, last: date) -> dict[str, Any]:
    with context.acting(practice, actors.system()):
        agreements = list(AgreementVersion.objects.filter(language="en"))
    zones = [PLACES[worker.place].time_zone for worker in made.team]
    system = actors.system()
    return {
        "now": now, "monday": first, "courses": (last - first).days // 168 + 1,
        "staff": [m.id for m in made.practitioners], "names": [m.name for m in made.practitioners],
        "places": [made.locations[worker.place].id for worker in made.team], "rooms": [r.id for r in made.rooms],
        "zones": zones, "states": [PLACES[worker.place].state for worker in made.team],
        "payers": [*made.payers, None], "first": FIRST_NAMES, "last": LAST_NAMES,
        "services": [s.id for s in made.services], "codes": [s.procedure_code for s in made.services],
        "cents": [s.price_cents for s in made.services], "minutes": [s.minutes for s in made.services],
        "modalities": [s.modality for s in made.services],
        "agreements": [a.id for a in agreements], "kinds": [a.kind for a in agreements],
        "hashes": [fingerprint(a.title, a.text) for a in agreements],
        "desk": made.staff[ANA].id, "desk_name": ANA, "system": system.id, "system_name": system.name,
    }  # fmt: skip


def _notes(filler: Filler) -> None:
    """Seal the notes one by one, as each is bound to its own row, and write them by COPY."""
    cursor, practice = filler.cursor, filler.values["p"]
    cursor.execute(
        "select note_id, encounter_id, patient_id, staff_id, name, ends_at, signed_at, charge_id is not null, week = 0"
        " from load_visit where note_id is not null"
    )
    rows = cursor.fetchall()
    text = {first: _text_of(first) for first in (False, True)}
    columns = (
        "practice_id, id, encounter_id, patient_id, author_id, template, body_encrypted, state, created_at, saved_at,"
        " signed_at, signed_by_name, signed_sha256, version_no"
    )
    with cursor.copy(f"copy note ({columns}) from stdin") as copy:
        for note_id, encounter, patient, author, name, ended, signed, is_signed, is_first in rows:
            template, body = text[is_first]
            note = Note(practice_id=practice, id=note_id, encounter_id=encounter, author_id=author)
            note.body_encrypted = sealed(note, body)
            digest = digest_of(note) if is_signed else ""
            copy.write_row((
                practice, note_id, encounter, patient, author, template, note.body_encrypted,
                "signed" if is_signed else "draft", ended, signed if is_signed else ended,
                signed if is_signed else None, name if is_signed else "", digest, 1,
            ))  # fmt: skip
    filler.counted["note"] = filler.counted.get("note", 0) + len(rows)


def _text_of(is_first: bool) -> tuple[str, dict[str, str]]:
    template = template_for(is_first_visit=is_first)
    return template.key, {part.key: NOTE_TEXT for part in template.parts if part.required}


def _seal(practice: UUID, now: datetime) -> None:
    while True:
        with context.acting(practice, actors.system(), kind="worker"):
            if seals.seal_batch(now, limit=50_000) is None:
                return


def _open_accounts(practice: UUID, slug: str, made: Structure) -> dict[str, UUID]:
    """Give one member of staff of each role an account of this load; return them by role."""
    chosen: dict[str, UUID] = {}
    password = make_password(None)
    for worker in (*OFFICE, *made.team):
        role = worker.roles[0]
        if role in chosen or worker.name == "Devon Hale":
            continue
        chosen[role] = made.staff[worker.name].id
        account = Account.objects.create(email=f"{role}@{slug}.example", password=password)
        Membership.objects.create(
            account=account, practice_id=practice, kind="staff", person_id=chosen[role], name=worker.name,
            roles=list(worker.roles),
        )  # fmt: skip
    return chosen
