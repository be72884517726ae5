"""How a patient's details are written down: telephone numbers in E.164, states and ZIP codes in one form.

Worked case: "(502) 555-0143" becomes "+15025550143", "ky" becomes "KY", "40204-1234" becomes "402041234".
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, replace
from datetime import date

import phonenumbers

from stead.patients.terms import CHANNELS, KINSHIPS, PROOFS, PURPOSES, Address, PatientDetails, RelatedDetails
from stead.platform.refusals import Conflict, InvalidInput

_STATES = """
AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI
SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI AA AE AP
"""
STATES = frozenset(_STATES.split())
OLDEST_YEARS = 130
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class RecordChanged(Conflict):
    words = (
        "Somebody else changed this record since you opened it. Nothing was saved. "
        "What you wrote is still here; compare it with what stands on record now and save again."
    )


class NameMissing(InvalidInput):
    words = "A record needs a first and a last name."


class PhoneNotReadable(InvalidInput):
    words = "This telephone number cannot be read. Write it with its area code, such as 502 555 0143."


class EmailNotReadable(InvalidInput):
    words = "This is not an e-mail address. One looks like name@example.org."


class StateNotKnown(InvalidInput):
    words = "The state is written with its two letters, such as KY."


class AddressIncomplete(InvalidInput):
    words = "We need an answer here."


class ZipNotReadable(InvalidInput):
    words = "A ZIP code has five digits, or nine."


class SsnNotReadable(InvalidInput):
    words = "A social security number has nine digits."


class BirthDateImpossible(InvalidInput):
    words = "Nobody in care was born on this day. Look at the year."


class RelatedNameMissing(InvalidInput):
    words = "Write the person's first and last name, as they sign."


class KinshipNotKnown(InvalidInput):
    words = "Say how the person belongs to the patient; the list has the ways."


class ProofNotSeen(InvalidInput):
    words = "Somebody may consent for the patient only once you have seen the paper that says so. Say which."


class RelatedEnded(InvalidInput):
    words = "This person was taken off the record before. Nothing was changed."


class ConsentNotKnown(InvalidInput):
    words = "Consent is recorded for e-mail, text message or telephone, and for one of the listed purposes."


def phone_number(text: str, region: str = "US") -> str:
    """Return the number in E.164, "" for none."""
    if not text.strip():
        return ""
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise PhoneNotReadable(field="phone") from None
    # "Possible", not "valid": new area codes come faster than the tables, and 555 numbers are never valid.
    if not phonenumbers.is_possible_number(parsed):
        raise PhoneNotReadable(field="phone")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def phone_words(e164: str) -> str:
    """Write a stored number for reading: "(502) 555-0143"; numbers from abroad with their country code."""
    if not e164:
        return ""
    try:
        parsed = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    kinds = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, kinds.NATIONAL if parsed.country_code == 1 else kinds.INTERNATIONAL)


def email_address(text: str) -> str:
    said = text.strip()
    if said and not _EMAIL.fullmatch(said):
        raise EmailNotReadable(field="email")
    return said.lower()


def state_code(text: str) -> str:
    said = text.strip().upper()
    if said and said not in STATES:
        raise StateNotKnown(field="state")
    return said


def zip_digits(text: str) -> str:
    """Return the digits of a ZIP code: five, or nine."""
    said = text.strip()
    digits = said.replace("-", "").replace(" ", "")
    if said and not re.fullmatch(r"[0-9]{5}([0-9]{4})?", digits):
        raise ZipNotReadable(field="zip_code")
    return digits


def zip_words(digits: str) -> str:
    return f"{digits[:5]}-{digits[5:]}" if len(digits) > 5 else digits


def whole_address(address: Address) -> Address:
    """Return the address as it is stored; refuse one that a letter could not find."""
    clean = Address(
        one_line(address.line1), one_line(address.city), state_code(address.state), zip_digits(address.zip_code)
    )
    for name in ("line1", "city", "state", "zip_code"):
        if not getattr(clean, name):
            raise AddressIncomplete(field=name)
    return clean


def ssn_digits(text: str) -> str:
    digits = text.strip().replace("-", "").replace(" ", "")
    if digits and not re.fullmatch(r"[0-9]{9}", digits):
        raise SsnNotReadable(field="ssn")
    return digits


def one_line(text: str) -> str:
    """Squeeze whitespace and drop control characters, which no name holds."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def check_birth_date(born: date | None, today: date) -> None:
    if born is not None and not (today.year - OLDEST_YEARS <= born.year and born <= today):
        raise BirthDateImpossible(field="birth_date")


def related_details(details: RelatedDetails) -> RelatedDetails:
    """Return the person as stored; refuse one without a whole name, and consent without the paper that was seen."""
    name = one_line(details.name)
    if len(name.split()) < 2:
        raise RelatedNameMissing(field="name")
    if details.relation not in dict(KINSHIPS):
        raise KinshipNotKnown(field="relation")
    if (details.proof and details.proof not in dict(PROOFS)) or (details.may_consent and not details.proof):
        raise ProofNotSeen(field="proof")
    return replace(details, name=name, phone=phone_number(details.phone), email=email_address(details.email))


def check_consent(channel: str, purpose: str) -> None:
    if channel not in dict(CHANNELS) or purpose not in dict(PURPOSES):
        raise ConsentNotKnown()


def normal_details(details: PatientDetails, today: date) -> PatientDetails:
    """Return the details as they are stored, or refuse the first that cannot be read."""
    texts = ("first_name", "middle_name", "last_name", "preferred_name", "pronouns", "line1", "city", "source")
    clean = replace(details, **{name: one_line(getattr(details, name)) for name in texts})  # type: ignore[arg-type]  # texts only
    if not clean.first_name or not clean.last_name:
        raise NameMissing(field="last_name" if clean.first_name else "first_name")
    check_birth_date(clean.birth_date, today)
    return replace(
        clean,
        phone=phone_number(clean.phone),
        email=email_address(clean.email),
        state=state_code(clean.state),
        zip_code=zip_digits(clean.zip_code),
        ssn=None if clean.ssn is None else ssn_digits(clean.ssn),
    )


def version_of(details: PatientDetails, ssn_encrypted: str) -> str:
    """Return a short name of what is on record, which any change by anybody gives another: what a form was opened with
    is compared with what stands when it is saved.

    Worked case: the desk opens the record, the patient gives an address in the portal, the desk saves: refused.
    """
    said = "\x1f".join(f"{name}={value}" for name, value in sorted(asdict(details).items()) if name != "ssn")
    return hashlib.sha256(f"{said}\x1f{ssn_encrypted}".encode()).hexdigest()[:20]


def age_years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
