"""When a note is due, whether it may be signed, and what refuses it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from stead.care.terms import INTAKE, PROGRESS, Template
from stead.platform.refusals import Conflict, InvalidInput, NotPermitted

DUE_AFTER = timedelta(hours=72)
"""A note is due 72 hours after the session; the claim waits for it (playbook 22)."""
MOST_CHARACTERS = 20_000
_ICD_SHAPE = re.compile(r"[A-Z]\d[0-9AB](\.?[0-9A-Z]{1,4})?")


class NoteNotComplete(InvalidInput):
    words = "The note is not complete."


class NotTheAuthor(NotPermitted):
    words = "Only the clinician who held the session writes and signs its note. Nothing was changed."


class NoteChanged(Conflict):
    words = (
        "This note was saved from another window since you opened it. Your text is still here; nothing was replaced."
    )


class NoteSigned(Conflict):
    words = "This note is signed and stays as it is. You can add an amendment below it."


class NoteNotSigned(Conflict):
    words = "This note is still a draft. Change it there; an amendment is for a signed note."


class AmendmentEmpty(InvalidInput):
    words = "Write what the amendment says."


class NoteTooLong(InvalidInput):
    words = "One part of the note is longer than 20,000 characters. Shorten it; your text is still here."


class VisitNotStarted(Conflict):
    words = (
        "This visit has not started, so there is no record to open. Check the patient in and start the session first."
    )


class VisitTakenBack(Conflict):
    words = "The start of this visit was taken back, so it has no note. Start the session again to write one."


class SessionNotEnded(Conflict):
    words = "The session still runs. Finish it first; your draft is kept."


class NoteSignedForGood(Conflict):
    words = "The note of this visit is signed, so the visit took place and its start stays. Nothing was changed."


class DiagnosisNotReadable(InvalidInput):
    words = "Write diagnosis codes like F41.1, with commas between them."


def template_for(is_first_visit: bool) -> Template:
    return INTAKE if is_first_visit else PROGRESS


def due_at(ended_at: datetime) -> datetime:
    return ended_at + DUE_AFTER


def check_ended(ends_at: datetime | None) -> None:
    """Refuse to sign, and so to bill, a session that nobody has ended."""
    if ends_at is None:
        raise SessionNotEnded()


def cleaned(template: Template, body: Mapping[str, str]) -> dict[str, str]:
    """Keep the template's parts, with line ends as the database likes them. Refuses a part that is too long."""
    kept = {part.key: body.get(part.key, "").replace("\r\n", "\n").replace("\x00", "") for part in template.parts}
    if any(len(text) > MOST_CHARACTERS for text in kept.values()):
        raise NoteTooLong()
    return kept


def missing_parts(template: Template, body: Mapping[str, str], diagnoses: Iterable[str]) -> list[str]:
    """Name what a signature needs and the note does not say, in the order of the page."""
    empty = [part.label for part in template.parts if part.required and not body.get(part.key, "").strip()]
    return [*empty, *([] if list(diagnoses) else ["Diagnosis"])]


def check_complete(template: Template, body: Mapping[str, str], diagnoses: Iterable[str]) -> None:
    """Refuse a signature while something is missing; the refusal names it."""
    missing = missing_parts(template, body, diagnoses)
    if missing:
        raise NoteNotComplete(
            f"Not signed. Still empty: {', '.join(missing)}. Your draft is kept.", field=_key_of(template, missing[0])
        )


def _key_of(template: Template, label: str) -> str:
    return next((part.key for part in template.parts if part.label == label), "diagnosis")


def diagnosis_codes(text: str) -> list[str]:
    """Read "F41.1, F32.0"; refuses what does not look like an ICD-10-CM code, and more than twelve."""
    return checked_diagnoses([code for code in re.split(r"[\s,;]+", text) if code])


def checked_diagnoses(said: Iterable[str]) -> list[str]:
    """Return each code once, in capitals; refuses what does not look like an ICD-10-CM code, and more than twelve."""
    codes = [code.strip().upper() for code in said]
    if len(codes) > 12 or any(not _ICD_SHAPE.fullmatch(code) for code in codes):
        raise DiagnosisNotReadable(field="diagnosis")
    return list(dict.fromkeys(codes))
