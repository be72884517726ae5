"""Read FHIR R4 JSON without trusting it: every value is checked for its kind before it is used. Pure.

Source: HL7 FHIR R4 (4.0.1), resources Bundle, Patient, Practitioner, Encounter, Coverage, ExplanationOfBenefit, Claim.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from stead.fhir.terms import STATE_CODES

type Json = dict[str, Any]
KEPT = ("Practitioner", "Patient", "Coverage", "Encounter")
SSN_SYSTEM = "http://hl7.org/fhir/sid/us-ssn"
NPI_SYSTEM = "http://hl7.org/fhir/sid/us-npi"
NUMBER_TYPES = ("MR", "")
"""Kinds of identifier that are kept: medical record numbers and those without a kind; no licences or passports."""
EARLIEST_YEAR = 1900
_KIND = re.compile(r"[A-Za-z]{1,40}")
_NAME = re.compile(r"[!-~]{1,150}")
"""FHIR's own ids are 1 to 64 letters, digits, dots and dashes; systems that use addresses as ids are read too."""


class NotReadable(ValueError):
    """The file or resource is not what it says it is; the text says why, without quoting it."""


@dataclass(frozen=True)
class Entry:
    """One resource of a bundle. `reference` is "Encounter/451d…"; `names` are what other entries call it, and empty
    where it has no identifier by which a second run would know it."""

    kind: str
    reference: str
    names: tuple[str, ...]
    resource: Json


def read_bundle(data: bytes) -> list[Entry]:
    """Return the entries of a bundle in their order. Raises NotReadable for the file as a whole."""
    try:
        said = json.loads(data)
    except UnicodeDecodeError:
        raise NotReadable("The file is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        raise NotReadable(f"The file is not whole JSON: it breaks off or errs at character {error.pos}.") from None
    except RecursionError:
        raise NotReadable("The file is nested too deeply.") from None
    except ValueError:
        raise NotReadable("The file holds a number that is too long to read.") from None
    if not isinstance(said, dict) or said.get("resourceType") != "Bundle":
        raise NotReadable("The file holds no FHIR Bundle.")
    entries = said.get("entry", [])
    if not isinstance(entries, list):
        raise NotReadable("The bundle's entries are not a list.")
    return [_entry(number, entry) for number, entry in enumerate(entries, start=1)]


def _entry(number: int, entry: Any) -> Entry:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if not isinstance(resource, dict) or not isinstance(kind, str) or not _KIND.fullmatch(kind):
        return Entry("", f"entry {number}", (), {})
    full_url, own = entry.get("fullUrl"), resource.get("id")
    name = own if isinstance(own, str) and own else str(full_url or "").rpartition(":")[2]
    if not _NAME.fullmatch(name):
        return Entry(kind, f"entry {number}", (), resource)
    names = tuple(n for n in (full_url, f"{kind}/{name}", f"urn:uuid:{name}") if isinstance(n, str))
    return Entry(kind, f"{kind}/{name}", names, resource)


def items(value: Any) -> Iterator[Json]:
    """Yield the objects of what should be a list of objects, passing over what is not."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def text(value: Any) -> str:
    """Return a string; numbers are written out, as some systems send them for codes; all else is ""."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def human_name(resource: Json) -> tuple[str, str, str]:
    """Return first, middle and last name as written, digits and accents included; the official name comes first."""
    names = list(items(resource.get("name")))
    names.sort(key=lambda n: {"official": 0, "usual": 1}.get(text(n.get("use")), 2 if "use" not in n else 3))
    if not names:
        raise NotReadable("It has no name.")
    given = [text(g) for g in names[0].get("given", []) if text(g)] if isinstance(names[0].get("given"), list) else []
    family = text(names[0].get("family"))
    if not given or not family:
        raise NotReadable("Its name has no given or no family part.")
    return given[0], " ".join(given[1:]), family


def day(value: Any, what: str) -> date:
    """Read a FHIR date. A year or month alone is no day."""
    try:
        return date.fromisoformat(text(value))
    except ValueError:
        raise NotReadable(f"Its {what} is not a date.") from None


def instant(value: Any, what: str) -> datetime:
    """Read a FHIR dateTime with its zone."""
    try:
        read = datetime.fromisoformat(text(value))
    except ValueError:
        raise NotReadable(f"Its {what} is not a moment.") from None
    if read.tzinfo is None:
        raise NotReadable(f"Its {what} has no time zone.")
    if not EARLIEST_YEAR <= read.year < 9999:
        raise NotReadable(f"Its {what} is not of our time.")
    return read


def state_code(value: Any) -> str:
    said = text(value)
    return STATE_CODES.get(said.lower(), said)


def telecom(resource: Json, system: str) -> str:
    return next((text(t.get("value")) for t in items(resource.get("telecom")) if t.get("system") == system), "")


def language(resource: Json) -> str:
    for said in items(resource.get("communication")):
        for coding in items(
            (said.get("language") or {}).get("coding") if isinstance(said.get("language"), dict) else []
        ):
            if text(coding.get("code")):
                return text(coding["code"])[:10]
    return "en"


def numbers(resource: Json) -> list[tuple[str, str]]:
    """Return (system, value) of the identifiers that are kept, without repeats."""
    kept: dict[tuple[str, str], None] = {}
    for said in items(resource.get("identifier")):
        kind = said.get("type")
        codes = [text(c.get("code")) for c in items(kind.get("coding"))] if isinstance(kind, dict) else [""]
        pair = text(said.get("system")), text(said.get("value"))
        if all(pair) and pair[0] not in (SSN_SYSTEM, NPI_SYSTEM) and any(code in NUMBER_TYPES for code in codes):
            kept[pair] = None
    return list(kept)


def number_of(resource: Json, system: str) -> str:
    return next((text(i.get("value")) for i in items(resource.get("identifier")) if i.get("system") == system), "")


def reference(value: Any) -> str:
    return text(value.get("reference")) if isinstance(value, dict) else ""


def contained_coverages(resource: Json) -> Iterator[Json]:
    """Yield the coverages inside a claim or an explanation of benefit."""
    yield from (c for c in items(resource.get("contained")) if c.get("resourceType") == "Coverage")


def payer_name(coverage: Json) -> str:
    """Return how the coverage names its payer, or its type where it names none."""
    for payor in items(coverage.get("payor")):
        if said := text(payor.get("display")):
            return said
    kind = coverage.get("type")
    return text(kind.get("text")) if isinstance(kind, dict) else ""
