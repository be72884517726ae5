"""Import a folder of FHIR R4 bundles through the same actions that people use.

One transaction per file, so a killed run continues where it stopped. What each resource became is remembered
(`ForeignResource`), so a second run changes nothing. What cannot be read is reported by file and reason while the rest
arrives; a field that cannot be read (a telephone number of nine digits) is left out and reported, the patient arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.db import DataError, transaction

from stead.care.imports import import_encounter
from stead.coverage.actions import add_coverage, add_payer
from stead.coverage.models import Coverage, Payer
from stead.coverage.terms import RANKS, PayerDetails
from stead.fhir import reading
from stead.fhir.models import ForeignResource
from stead.fhir.reading import Entry, Json, NotReadable
from stead.fhir.terms import Problem, Report
from stead.patients.actions import add_identifier, register_patient
from stead.patients.models import Patient, PatientIdentifier
from stead.patients.terms import PatientDetails
from stead.platform import actors, clock
from stead.platform.identifiers import uuid7
from stead.platform.refusals import Refusal
from stead.platform.tenancy import context
from stead.practice.actions import create_staff_member
from stead.practice.queries import practice_day
from stead.practice.terms import StaffDetails

SOURCE = "fhir"
NO_MEMBER_ID = "NOT GIVEN"
"""The number a payer knows the patient by is missing from many exports; it is asked for with the card."""
UNKEEPABLE = "It holds text that cannot be kept: too long, or not text at all."
SOFT_FIELDS = ("phone", "email", "state", "zip_code", "ssn", "birth_date")
SEXES = {"male": "male", "female": "female", "other": "other"}
Progress = Callable[[str], None]


def import_folder(folder: Path, practice: UUID, progress: Progress) -> Report:
    """Import every *.json of the folder, those with practitioners and hospitals first."""
    report = Report()
    files = sorted(folder.glob("*.json"), key=lambda f: (not f.name.startswith(("hospital", "practitioner")), f.name))
    if not files:
        report.problems.append(Problem(".", "folder", "There is no *.json file in it."))
    for number, file in enumerate(files, start=1):
        done = import_file(file, practice)
        report += done
        progress(f"{number}/{len(files)} {_words(done)}")
    return report


def _words(done: Report) -> str:
    made = ", ".join(f"{count} {kind}" for kind, count in sorted(done.created.items())) or "nothing new"
    return made + (f"; {len(done.problems)} reported" if done.problems else "")


def import_file(file: Path, practice: UUID) -> Report:
    """Import one bundle in one transaction."""
    report = Report(files=1)
    try:
        entries = reading.read_bundle(file.read_bytes())
    except (NotReadable, OSError) as error:
        words = str(error) if isinstance(error, NotReadable) else "The file cannot be opened."
        report.problems.append(Problem(file.name, "file", words))
        return report
    with context.acting(practice, actors.system(), kind="worker"):
        _Bundle(file.name, entries, practice, clock.now(), report).run()
    return report


class Made(NamedTuple):
    """The row that a resource became; `is_new` unless it was here already, as one person with two records is."""

    row_id: UUID
    is_new: bool = True


class _Bundle:
    """One bundle on its way in."""

    def __init__(self, file: str, entries: list[Entry], practice: UUID, at: datetime, report: Report) -> None:
        self.file, self.entries, self.at, self.report = file, entries, at, report
        self.door = {"practice": practice, "by": actors.system(), "at": at}
        self.known = _known_rows(e.reference for e in entries if e.names)
        self.names: dict[str, str] = {name: e.reference for e in entries for name in e.names}

    def run(self) -> None:
        steps: tuple[tuple[str, str, Callable[[Entry], Made]], ...] = (
            ("Practitioner", "practitioners", self._practitioner),
            ("Patient", "patients", self._patient),
            ("Coverage", "coverages", self._standing_coverage),
            ("Encounter", "encounters", self._encounter),
        )  # fmt: skip
        for kind, plural, step in steps:
            for entry in self.entries:
                if entry.kind == kind and not entry.names:
                    self._remark(entry, "It has no identifier, so a second run could not know it. It was not taken.")
                elif entry.kind == kind:
                    self._take(entry.reference, plural, kind, lambda e=entry, s=step: s(e))  # type: ignore[misc]
        self._coverages_inside()
        for entry in self.entries:
            if entry.kind == "":
                self.report.problems.append(Problem(self.file, entry.reference, "It holds no resource."))
            elif entry.kind not in reading.KEPT:
                self.report.left_out[entry.kind] += 1

    def _take(self, reference: str, plural: str, kind: str, make: Callable[[], Made]) -> None:
        """Make the row unless it is known; a refusal is reported and the rest goes on."""
        if reference in self.known:
            self.report.known[plural] += 1
            return
        try:
            with (
                transaction.atomic()
            ):  # what was made of it before a refusal goes too, else a second run makes it again
                row_id, is_new = make()
                ForeignResource.objects.create(
                    id=uuid7(self.at), source=SOURCE, reference=reference, row_type=kind, row_id=row_id, at=self.at
                )
        except (NotReadable, Refusal) as error:
            self.report.problems.append(Problem(self.file, reference, str(error)))
            return
        except (DataError, UnicodeError):
            self.report.problems.append(Problem(self.file, reference, UNKEEPABLE))
            return
        self.known[reference] = row_id
        (self.report.created if is_new else self.report.known)[plural] += 1

    def _practitioner(self, entry: Entry) -> Made:
        first, middle, last = reading.human_name(entry.resource)
        npi = reading.number_of(entry.resource, reading.NPI_SYSTEM)
        details = StaffDetails(
            name=" ".join(part for part in (first, middle, last) if part),
            is_practitioner=True,
            accepts_new=False,
            npi=npi if len(npi) == 10 and npi.isdigit() else "",
        )
        return Made(create_staff_member(**self.door, details=details).id)  # type: ignore[arg-type]

    def _patient(self, entry: Entry) -> Made:
        numbers = reading.numbers(entry.resource)
        details = self._register_details(entry)
        for system, value in numbers:
            known = PatientIdentifier.objects.get_or_none(system=system[:200], value=value[:200])
            if known is not None:
                return Made(self._same_person(known.patient_id, details), is_new=False)
        patient = self._register(entry, details)
        for system, value in numbers:
            add_identifier(**self.door, patient_id=patient, system=system[:200], value=value[:200])  # type: ignore[arg-type]
        return Made(patient)

    def _same_person(self, patient_id: UUID, details: PatientDetails) -> UUID:
        """Return the patient who has the number already. Refuses another name or birth date: some systems number
        households, and two people must never become one."""
        row = Patient.objects.get(id=patient_id)
        named = (row.first_name, row.last_name), (details.first_name, details.last_name)
        alike = [[name.strip().casefold() for name in pair] for pair in named]
        born = {row.birth_date, details.birth_date} - {None}
        if alike[0] != alike[1] or len(born) > 1:
            raise NotReadable("A patient here has the same number and another name or birth date. Compare the two.")
        return patient_id

    def _register_details(self, entry: Entry) -> PatientDetails:
        said = entry.resource
        first, middle, last = reading.human_name(said)
        address = next(reading.items(said.get("address")), {})
        lines = address.get("line")
        born = None
        if "birthDate" in said:
            try:
                born = reading.day(said["birthDate"], "birth date")
            except NotReadable as error:
                self._remark(entry, str(error))
        return PatientDetails(
            first_name=first[:100],
            middle_name=middle[:100],
            last_name=last[:100],
            birth_date=born,
            sex=SEXES.get(reading.text(said.get("gender")), "unknown"),
            language=reading.language(said),
            phone=reading.telecom(said, "phone"),
            email=reading.telecom(said, "email"),
            line1=", ".join(filter(None, map(reading.text, lines if isinstance(lines, list) else [])))[:100],
            city=reading.text(address.get("city"))[:60],
            state=reading.state_code(address.get("state")),
            zip_code=reading.text(address.get("postalCode")),
            status="deceased" if said.get("deceasedDateTime") or said.get("deceasedBoolean") is True else "active",
            source="import",
            ssn=reading.number_of(said, reading.SSN_SYSTEM) or None,
        )

    def _register(self, entry: Entry, details: PatientDetails) -> UUID:
        """Register; a field that is refused is left out and reported, so that the patient arrives."""
        for _ in SOFT_FIELDS:
            try:
                return register_patient(**self.door, details=details).id  # type: ignore[arg-type]
            except Refusal as refusal:
                if refusal.field not in SOFT_FIELDS:
                    raise
                self._remark(entry, f"Its {refusal.field.replace('_', ' ')} was left out. {refusal.words}")
                empty = None if refusal.field in ("ssn", "birth_date") else ""
                details = replace(details, **{refusal.field: empty})  # type: ignore[arg-type]
        return register_patient(**self.door, details=details).id  # type: ignore[arg-type]

    def _remark(self, entry: Entry, words: str) -> None:
        self.report.problems.append(Problem(self.file, entry.reference, words))

    def _coverages_inside(self) -> None:
        """Take the policies that stand inside explanations of benefit and claims, each payer once for a patient."""
        found: dict[str, tuple[Json, str]] = {}
        for entry in self.entries:
            if entry.kind not in ("ExplanationOfBenefit", "Claim"):
                continue
            patient = reading.reference(entry.resource.get("patient"))
            for coverage in reading.contained_coverages(entry.resource):
                of = reading.reference(coverage.get("beneficiary")) or patient
                name = reading.payer_name(coverage)
                whose = self.names.get(of, of)
                if name and whose in self.known:
                    found.setdefault(f"Coverage/{whose.rpartition('/')[2]}/{_slug(name)}", (coverage, of))
        self.known |= _known_rows(found)
        for key, (coverage, of) in found.items():
            self._take(key, "coverages", "Coverage", lambda c=coverage, p=of: self._coverage(c, p))  # type: ignore[misc]

    def _standing_coverage(self, entry: Entry) -> Made:
        return self._coverage(entry.resource, reading.reference(entry.resource.get("beneficiary")))

    def _coverage(self, said: Json, beneficiary: str) -> Made:
        patient = self._row(beneficiary, "patient")
        name = reading.payer_name(said)
        if not name:
            raise NotReadable("It names no payer.")
        taken = set(Coverage.objects.filter(patient_id=patient, retired_at=None).values_list("rank", flat=True))
        rank = next((rank for rank in sorted(RANKS) if rank not in taken), None)
        if rank is None:
            raise NotReadable("The patient has three policies already; a fourth cannot be billed.")
        row = add_coverage(
            **self.door,  # type: ignore[arg-type]
            patient_id=patient,
            payer_id=self._payer(name),
            member_id=(reading.text(said.get("subscriberId")) or NO_MEMBER_ID)[:40],
            rank=rank,
        )
        return Made(row.id)

    def _payer(self, name: str) -> UUID:
        edi_id = f"FHIR-{_slug(name)}"[:20]
        known = Payer.objects.get_or_none(edi_id=edi_id)
        if known is not None:
            return known.id
        medicaid = "medicaid" in name.lower()
        details = PayerDetails(name[:120], edi_id, "MC" if medicaid else "CI", medicaid)
        return add_payer(**self.door, details=details).id  # type: ignore[arg-type]

    def _encounter(self, entry: Entry) -> Made:
        said = entry.resource
        if reading.text(said.get("status")) not in ("finished", "in-progress", "onleave", "unknown"):
            raise NotReadable("It is not a visit that took place.")
        period = said.get("period")
        if not isinstance(period, dict):
            raise NotReadable("It does not say when it took place.")
        starts = reading.instant(period.get("start"), "start")
        row = import_encounter(
            **self.door,  # type: ignore[arg-type]
            patient_id=self._row(reading.reference(said.get("subject")), "patient"),
            practitioner_id=self._practitioner_of(said),
            starts_at=starts,
            ends_at=reading.instant(period["end"], "end") if period.get("end") else None,
            service_date=practice_day(starts),
            source=SOURCE,
        )
        return Made(row.id)

    def _practitioner_of(self, said: Json) -> UUID:
        for participant in reading.items(said.get("participant")):
            name = reading.reference(participant.get("individual"))
            if name:
                return self._row(name, "practitioner")
        raise NotReadable("It names no practitioner.")

    def _row(self, name: str, what: str) -> UUID:
        """Return the row that a reference became, in this file or an earlier one."""
        reference = self.names.get(name) or _plain(name, what)
        if reference in self.known:
            return self.known[reference]
        found = ForeignResource.objects.get_or_none(source=SOURCE, reference=reference[:200])
        if found is None:
            raise NotReadable(f"Its {what} is not in these files, or was not taken.")
        self.known[reference] = found.row_id
        return found.row_id


def _known_rows(references: Iterable[str]) -> dict[str, UUID]:
    """Return what became of these resources in an earlier run."""
    rows = ForeignResource.objects.filter(source=SOURCE, reference__in=list(references))
    return dict(rows.values_list("reference", "row_id"))


def _plain(name: str, what: str) -> str:
    """Say "urn:uuid:c3c5…" as "Practitioner/c3c5…"."""
    kind = {"patient": "Patient", "practitioner": "Practitioner"}[what]
    return f"{kind}/{name.removeprefix('urn:uuid:').rpartition('/')[2]}"


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.upper()).strip("-")[:15] or "UNNAMED"
