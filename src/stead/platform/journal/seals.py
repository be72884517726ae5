"""Seal the journal in batches, and verify the chain.

A seal covers the rows that are visible and pending. Its hash is sha256(previous seal's hash || row hashes in order of
identifier). The newest seal is also kept outside the database (`anchor`): cutting off the tail or rebuilding the whole
chain is found only by comparing with that copy (security-reliability.md §4.3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from stead.platform.journal.models import JournalSeal
from stead.platform.tenancy import context

GENESIS = b"\0" * 32

# Three plain scans by identifier and no join: of a practice without statistics a planner guesses that little is
# pending, and then compares every line with every other.
_PENDING = "select id from journal_pending where practice_id = %s order by id limit %s"
_STRIKE = "delete from journal_pending where practice_id = %s and id = any(%s)"
_HASHES = """
select id, hash from journal_entry where practice_id = %s and id >= %s and id <= %s and id = any(%s) order by id
"""


def seal_batch(at: datetime, limit: int = 5000) -> JournalSeal | None:
    """Seal what is pending in the practice in force, in one transaction. Returns None when nothing is pending."""
    practice = context.practice_id()
    with connection.cursor() as cursor:
        # One sealer per practice: two would both extend the same link.
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 42))", [str(practice)])
        rows = _take(cursor, practice, limit)
    if not rows:
        return None
    last = JournalSeal.objects.order_by("-number").first()
    seal = JournalSeal.objects.create(
        number=last.number + 1 if last else 1,
        sealed_at=at,
        rows=len(rows),
        last_line=(last.last_line if last else 0) + len(rows),
        hash=link(bytes(last.hash) if last else GENESIS, (bytes(h) for _, h in rows)),
    )
    _remember(practice, seal, [entry_id for entry_id, _ in rows])
    return seal


def _take(cursor: Any, practice: UUID, limit: int) -> list[tuple[UUID, bytes]]:
    """Strike lines from the list and return them with their hashes, in order of identifier."""
    cursor.execute(_PENDING, [practice, limit])
    ids = [entry_id for (entry_id,) in cursor.fetchall()]
    if not ids:
        return []
    cursor.execute(_STRIKE, [practice, ids])
    cursor.execute(_HASHES, [practice, ids[0], ids[-1], ids])
    return list(cursor.fetchall())


def link(previous: bytes, hashes: Iterator[bytes]) -> bytes:
    """Return the hash of one link."""
    digest = hashlib.sha256(previous)
    for row in hashes:
        digest.update(row)
    return digest.digest()


def _remember(practice: UUID, seal: JournalSeal, ids: list[UUID]) -> None:
    first = seal.last_line - len(ids) + 1
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into journal_sealed (practice_id, id, seal_number, line)"
            " select %s, u.id, %s, %s + u.n - 1 from unnest(%s::uuid[]) with ordinality as u(id, n)",
            [practice, seal.number, first, ids],
        )


@dataclass(frozen=True)
class Tampering:
    """One thing that is wrong with the journal; `words` name lines and seals, never patients."""

    seal: int
    words: str


_SEALED_ROWS = """
select s.seal_number, s.id, e.hash, stead.journal_hash(e) as again
from journal_sealed s left join journal_entry e on e.practice_id = s.practice_id and e.id = s.id
where s.practice_id = %s order by s.seal_number, s.id
"""

_NEITHER = """
select count(*) from journal_entry e where e.practice_id = %(p)s
and not exists (select from journal_sealed s where s.practice_id = %(p)s and s.id = e.id)
and not exists (select from journal_pending n where n.practice_id = %(p)s and n.id = e.id)
"""


def verify(anchor: tuple[int, str] | None = None) -> list[Tampering]:
    """Check every row hash, every link, that each sealed line still has its seal and, if given, the anchor (seal
    number, hex hash) kept elsewhere."""
    practice = context.practice_id()
    seals = {s.number: s for s in JournalSeal.objects.order_by("number")}
    found: list[Tampering] = []
    hashes: dict[int, list[bytes]] = {number: [] for number in seals}
    with connection.cursor() as cursor:
        cursor.execute(_SEALED_ROWS, [practice])
        for number, _, stored, again in cursor.fetchall():
            if stored is None:
                found.append(Tampering(number, f"A line of seal {number} is gone."))
            elif bytes(stored) != bytes(again):
                found.append(Tampering(number, f"A line of seal {number} was changed."))
            hashes.setdefault(number, []).append(bytes(again) if again is not None else b"")
        cursor.execute(_NEITHER, {"p": practice})
        loose = cursor.fetchone()[0]
    if loose:
        found.append(Tampering(0, f"{loose} lines are neither sealed nor waiting for a seal: they were slipped in."))
    gone = sorted(hashes.keys() - seals.keys())
    found.extend(Tampering(n, f"Seal {n} is gone; it held {len(hashes[n])} of the lines.") for n in gone)
    found.extend(_broken_links(seals, hashes))
    found.extend(_against_anchor(seals, anchor))
    return found


def _broken_links(seals: dict[int, JournalSeal], hashes: dict[int, list[bytes]]) -> Iterator[Tampering]:
    previous = GENESIS
    for expected, (number, seal) in enumerate(seals.items(), start=1):
        if number != expected:
            if expected not in hashes:  # else its lines have told it
                yield Tampering(expected, f"Seal {expected} is gone.")
            return
        if link(previous, iter(hashes[number])) != bytes(seal.hash):
            yield Tampering(number, f"Seal {number} does not hold.")
        previous = bytes(seal.hash)


def _against_anchor(seals: dict[int, JournalSeal], anchor: tuple[int, str] | None) -> Iterator[Tampering]:
    if anchor is None:
        return
    number, wanted = anchor
    if number not in seals:
        yield Tampering(
            number, f"Seal {number}, kept outside the database, is gone: the end of the journal was cut off."
        )
    elif bytes(seals[number].hash).hex() != wanted:
        yield Tampering(number, f"Seal {number} differs from the copy kept outside: the chain was rebuilt.")
