"""The text of notes: sealed with the field key, bound to the note's row, hashed when signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from stead.care.models import Note, NoteAmendment
from stead.platform import encryption

BODY = "note.body"
AMENDMENT = "note_amendment.body"


def sealed(note: Note, body: Mapping[str, str]) -> str:
    text = json.dumps(dict(body), ensure_ascii=False, sort_keys=True)
    return encryption.seal(text, practice=note.practice_id, record=note.id, field=BODY)


def body_of(note: Note) -> dict[str, str]:
    """Open a note's text, by part."""
    text = encryption.unseal(note.body_encrypted, practice=note.practice_id, record=note.id, field=BODY)
    body: dict[str, str] = json.loads(text)
    return body


def digest_of(note: Note) -> str:
    """Hash the text that is signed, with who and what it is about, so that a swapped text would show."""
    text = json.dumps(body_of(note), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"{note.id}|{note.encounter_id}|{note.author_id}|{text}".encode()).hexdigest()


def sealed_amendment(row: NoteAmendment, text: str) -> str:
    return encryption.seal(text, practice=row.practice_id, record=row.id, field=AMENDMENT)


def amendment_text(row: NoteAmendment) -> str:
    return encryption.unseal(row.body_encrypted, practice=row.practice_id, record=row.id, field=AMENDMENT)
