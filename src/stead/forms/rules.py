"""Who may sign, what a wording's fingerprint is, and how its plain text is set.

A wording is plain text: `## ` opens a head, `- ` a line of a list, an empty line ends a paragraph. The fingerprint is
taken of title and text together, so that a signature proves both.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stead.forms.terms import ADULT_AGE, KINDS, LANGUAGES, RELATIONS, Given, Signed, Signer, Wording
from stead.platform.refusals import Conflict, InvalidInput


class AgreementUnknown(InvalidInput):
    words = "This is not an agreement that the practice keeps."


class AgreementNotPublished(InvalidInput):
    words = "The practice has not published this agreement yet. Nothing was signed."


class WordingIncomplete(InvalidInput):
    words = "A new version needs an English wording, and a title and a text in each language."


class WordingChanged(Conflict):
    words = "The wording has changed since you opened it. Nothing was signed. Please read the new one first."


class PublishedAtOnce(Conflict):
    words = (
        "Somebody else published a version of this at the same moment. Nothing of yours was kept; look at theirs first."
    )


class SignedAtOnce(Conflict):
    words = (
        "Somebody else signed or took back this agreement at the same moment. Nothing was changed; look at it again."
    )


class RelationUnknown(InvalidInput):
    words = "Say whether the patient signs, or a parent or guardian."


class NameDoesNotMatch(InvalidInput):
    words = "Type your first and last name as we have it on file. If our record is wrong, call us and we will fix it."


class MinorCannotSign(InvalidInput):
    words = "A parent or guardian signs for somebody under 18."


class BirthDateMissing(InvalidInput):
    words = "We need the birth date before somebody can sign. Add it to the record first."


class SignerMayNotConsent(InvalidInput):
    words = (
        "By our record this person may not consent for the patient. "
        "The front desk can add them after seeing the custody or guardianship paper."
    )


class NothingToSign(InvalidInput):
    words = "No paper was chosen. Nothing was signed."


class PatientSignsAlone(InvalidInput):
    words = "The patient is 18 or older and signs alone. Nothing was signed."


class WayUnknown(InvalidInput):
    words = "Say whether it was signed on the practice's screen or on paper."


class SignedDayImpossible(InvalidInput):
    words = "A paper is signed today or before; what is signed on the screen is signed today."


class SignedLaterAlready(Conflict):
    words = "A signature of a later day is on record, so this older paper changes nothing. It was not written down."


class NothingToRevoke(InvalidInput):
    words = "There is no signature of this agreement to take back."


def check_kind(kind: str) -> None:
    """Refuse a kind that the practice does not keep."""
    if kind not in KINDS:
        raise AgreementUnknown()


def check_wordings(wordings: Iterable[Wording]) -> None:
    """Refuse a version without English, with an empty part, a foreign language or a language twice."""
    said = list(wordings)
    languages = [w.language for w in said]
    complete = all(w.title.strip() and w.text.strip() for w in said)
    if "en" not in languages or not complete or len(set(languages)) != len(said) or set(languages) - set(LANGUAGES):
        raise WordingIncomplete()


def fingerprint(title: str, text: str) -> str:
    """Return the SHA-256 of what was read, as hexadecimal digits."""
    return hashlib.sha256(f"{title}\n\n{text}".encode()).hexdigest()


def age_on(birth_date: date, day: date) -> int:
    """Count whole years of life on a day."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def plain_name(name: str) -> str:
    """Fold a name for comparison: no accents, no case, single spaces."""
    letters = unicodedata.normalize("NFKD", name)
    kept = (c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join("".join(kept).casefold().split())


def is_name_of(typed: str, first_names: Iterable[str], last_name: str) -> bool:
    """Answer whether the typed name holds the last name and one of the first names (legal or used)."""
    said = plain_name(typed).split()
    firsts = [plain_name(first).split() for first in first_names if plain_name(first)]
    return set(plain_name(last_name).split()) <= set(said) and any(set(first) <= set(said) for first in firsts)


def check_patient_signs(
    typed: str, *, first_names: Iterable[str], last_name: str, birth_date: date | None, day: date
) -> None:
    """Refuse a minor, a person without birth date, and a name that is not the patient's."""
    if birth_date is None:
        raise BirthDateMissing()
    if age_on(birth_date, day) < ADULT_AGE:
        raise MinorCannotSign()
    if not is_name_of(typed, first_names, last_name):
        raise NameDoesNotMatch(field="signed_name")


def check_guardian_signs(typed: str, related: Iterable[Signer], *, birth_date: date | None, day: date) -> Signer:
    """Return whom the record names as able to consent; refuse anybody else, and all once the patient is of age."""
    if birth_date is not None and age_on(birth_date, day) >= ADULT_AGE:
        raise PatientSignsAlone(field="relation")
    for person in related:
        if person.may_consent and plain_name(person.name) == plain_name(typed):
            return person
    raise SignerMayNotConsent(field="signed_name")


def check_given(given: Given, day: date) -> None:
    """Refuse a way that is none of the desk's, a day to come, and a screen's signature of another day than today."""
    if given.way not in ("screen", "paper"):
        raise WayUnknown(field="way")
    if given.on > day or (given.way == "screen" and given.on != day):
        raise SignedDayImpossible(field="on")


def counts(signed: Signed, *, anew_from: int, birth_date: date | None, day: date) -> bool:
    """Tell whether a signature still satisfies: of a version that need not be signed anew, and not a guardian's for
    somebody who is of age by now."""
    grown = birth_date is not None and age_on(birth_date, day) >= ADULT_AGE
    return signed.number >= anew_from and not (signed.relation == "guardian" and grown)


def check_relation(relation: str) -> None:
    if relation not in RELATIONS:
        raise RelationUnknown(field="relation")


@dataclass(frozen=True)
class Block:
    """One set piece of a wording: a head, a paragraph, or a list of lines."""

    kind: Literal["head", "text", "list"]
    lines: tuple[str, ...]

    @property
    def words(self) -> str:
        return self.lines[0]


def set_text(text: str) -> list[Block]:
    """Set plain text into blocks, in order."""
    blocks: list[Block] = []
    for part in text.replace("\r\n", "\n").split("\n\n"):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        if not lines:
            continue
        if lines[0].startswith("## "):
            blocks.append(Block("head", (lines[0][3:],)))
        elif all(line.startswith("- ") for line in lines):
            blocks.append(Block("list", tuple(line[2:] for line in lines)))
        else:
            blocks.append(Block("text", (" ".join(lines),)))
    return blocks
