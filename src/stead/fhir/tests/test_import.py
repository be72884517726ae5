"""An import brings what can be read, says what cannot, and changes nothing the second time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from stead.care.models import Encounter
from stead.coverage.models import Coverage
from stead.fhir.importing import NO_MEMBER_ID, import_file, import_folder
from stead.fhir.models import ForeignResource
from stead.fhir.terms import Report
from stead.fhir.tests.conftest import bundle, encounter, explanation, patient, practitioner
from stead.patients.models import Patient, PatientIdentifier
from stead.platform import clock
from stead.platform.journal.models import JournalEntry
from stead.practice.models import StaffMember

pytestmark = pytest.mark.django_db
Folder = Callable[..., Path]
Look = Callable[[Callable[[], Any]], Any]
SYNTHEA = Path(__file__).parents[4].parent / "shared" / "data" / "fhir" / "synthea-r4"
TABLES = (Patient, PatientIdentifier, StaffMember, Coverage, Encounter, ForeignResource, JournalEntry)


def run(folder: Path, linden: UUID) -> Report:
    return import_folder(folder, linden, lambda words: None)


def reasons(report: Report) -> list[str]:
    return [problem.reason for problem in report.problems]


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in TABLES}


def test_patient_practitioner_policy_and_visit_arrive_linked(folder: Folder, linden: UUID, look: Look) -> None:
    report = run(folder(a=bundle(patient(), practitioner(), encounter(), explanation())), linden)
    assert report.created == {"patients": 1, "practitioners": 1, "coverages": 1, "encounters": 1}
    assert report.problems == []
    visit = look(lambda: Encounter.objects.select_related("patient", "practitioner").get())
    assert (visit.patient.last_name, visit.practitioner.name) == ("Núñez987", "Rafael Ortiz")
    assert visit.source == "fhir"
    assert visit.due_at is None
    policy = look(lambda: Coverage.objects.select_related("payer").get())
    assert (policy.payer.name, policy.member_id) == ("Bluegrass Mutual", NO_MEMBER_ID.replace(" ", ""))


def test_names_keep_digits_and_accents(folder: Folder, linden: UUID, look: Look) -> None:
    run(folder(a=bundle(patient())), linden)
    row = look(lambda: Patient.objects.get())
    assert (row.first_name, row.middle_name, row.last_name) == ("Zoë12", "Ana", "Núñez987")
    assert (row.state, row.phone) == ("KY", "+15025550143")


def test_a_second_run_changes_no_table(folder: Folder, linden: UUID, look: Look) -> None:
    where = folder(a=bundle(patient(), practitioner(), encounter(), explanation()))
    run(where, linden)
    before = look(counts)
    again = run(where, linden)
    assert look(counts) == before
    assert not again.created
    assert again.known == {"patients": 1, "practitioners": 1, "coverages": 1, "encounters": 1}


def test_a_killed_run_continues_with_the_files_that_are_left(
    folder: Folder, linden: UUID, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = folder(a=bundle(patient("p1")), b=bundle(patient("p2")))
    run_one = import_file
    from stead.fhir import importing

    def killed(file: Path, practice: UUID) -> Report:
        if file.name == "b.json":
            raise KeyboardInterrupt
        return run_one(file, practice)

    monkeypatch.setattr(importing, "import_file", killed)
    with pytest.raises(KeyboardInterrupt):
        run(where, linden)
    assert look(Patient.objects.count) == 1
    monkeypatch.undo()
    assert run(where, linden).created == {"patients": 1}
    assert look(Patient.objects.count) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"resourceType": "Bundle", "entry": [', "not whole JSON"),
        ("[1, 2]", "no FHIR Bundle"),
        ('{"resourceType": "Patient"}', "no FHIR Bundle"),
        ('{"resourceType": "Bundle", "entry": {"a": 1}}', "not a list"),
        ("[" * 100_000, "JSON|deeply"),
    ],
)
def test_a_broken_file_is_reported_and_the_others_arrive(
    folder: Folder, linden: UUID, content: str, reason: str
) -> None:
    report = run(folder(broken=content, fine=bundle(patient())), linden)
    assert report.created == {"patients": 1}
    assert [p.file for p in report.problems] == ["broken.json"]
    assert any(word in report.problems[0].reason for word in reason.split("|"))


def test_a_file_that_is_no_text_is_reported(folder: Folder, linden: UUID) -> None:
    where = folder(fine=bundle(patient()))
    (where / "noise.json").write_bytes(b'{"resourceType": "\xff\xff"}')
    assert "not UTF-8" in reasons(run(where, linden))[0]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (encounter(subject={"reference": "urn:uuid:nobody"}), "patient is not in these files"),
        (encounter(subject="p1"), "patient is not in these files"),
        (encounter(participant=[]), "names no practitioner"),
        (encounter(participant="Dr. Who"), "names no practitioner"),
        (encounter(period={"start": "yesterday"}), "start is not a moment"),
        (encounter(period={"start": "2025-05-01T14:00:00"}), "no time zone"),
        (encounter(period=7), "when it took place"),
        (encounter(period={"start": "2025-05-01T14:00:00Z", "end": "2025-05-01T13:00:00Z"}), "ends before it begins"),
        (encounter(period={"start": "2999-05-01T14:00:00Z"}), "in the future"),
        (encounter(status="planned"), "not a visit that took place"),
        (patient("p2", name=[]), "has no name"),
        (patient("p2", name=[{"family": 7.5}]), "no given or no family"),
        (practitioner("d2", name="Ortiz"), "has no name"),
    ],
)
def test_a_broken_resource_is_reported_and_the_rest_arrives(
    folder: Folder, linden: UUID, broken: dict[str, Any], reason: str
) -> None:
    report = run(folder(a=bundle(patient(), practitioner(), broken)), linden)
    assert report.created == {"patients": 1, "practitioners": 1}
    assert len(report.problems) == 1
    assert reason in report.problems[0].reason
    assert report.problems[0].resource.endswith(broken["id"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"telecom": [{"system": "phone", "value": "12"}]}, "phone"),
        ({"birthDate": "1990-13-45"}, "birth date"),
        ({"birthDate": "1790-01-01"}, "birth date"),
        ({"address": [{"state": "Atlantis", "postalCode": "ABC"}]}, "state"),
        ({"identifier": [{"system": "http://hl7.org/fhir/sid/us-ssn", "value": "12-3"}]}, "ssn"),
    ],
)
def test_a_field_that_cannot_be_read_is_left_out_and_the_patient_arrives(
    folder: Folder, linden: UUID, changes: dict[str, Any], field: str
) -> None:
    report = run(folder(a=bundle(patient(**changes))), linden)
    assert report.created == {"patients": 1}
    assert any(field in reason for reason in reasons(report))


def test_reports_never_quote_what_a_resource_said(folder: Folder, linden: UUID) -> None:
    secret = "Secretname"
    report = run(folder(a=bundle(patient(telecom=[{"system": "phone", "value": secret}], birthDate=secret))), linden)
    assert len(report.problems) == 2
    assert secret not in str(report.as_json())


def test_entries_without_a_resource_are_reported(folder: Folder, linden: UUID) -> None:
    report = run(folder(a=bundle(None, patient())), linden)
    assert report.created == {"patients": 1}
    assert reasons(report) == ["It holds no resource."]


def test_what_is_not_ours_to_keep_is_counted_as_left_out(folder: Folder, linden: UUID) -> None:
    report = run(folder(a=bundle(patient(), {"resourceType": "Observation", "id": "o1"})), linden)
    assert report.left_out == {"Observation": 1}


def test_an_empty_folder_brings_nothing_and_says_so(folder: Folder, linden: UUID) -> None:
    report = run(folder(), linden)
    assert not report.arrived
    assert reasons(report) == ["There is no *.json file in it."]


def test_two_practices_import_the_same_file_apart(folder: Folder, linden: UUID, elsewhere: UUID, look: Look) -> None:
    where = folder(a=bundle(patient()))
    assert run(where, linden).created == {"patients": 1}
    assert run(where, elsewhere).created == {"patients": 1}
    assert look(Patient.objects.count) == 1


@pytest.mark.skipif(not SYNTHEA.is_dir(), reason="The Synthea bundles are not at ../shared/data/fhir/synthea-r4.")
def test_the_forty_synthetic_patients_arrive_and_a_second_run_changes_nothing(linden: UUID, look: Look) -> None:
    report = run(SYNTHEA, linden)
    assert report.created["patients"] == 40
    assert report.created["encounters"] == 301
    assert reasons(report) == ["It names no practitioner."] * 2  # two of the 303 visits name nobody who held them
    assert report.created["practitioners"] == 102
    assert report.created["coverages"] >= 40
    before = look(counts)
    again = run(SYNTHEA, linden)
    assert not again.created
    assert look(counts) == before


LONG = "9" * 5000


@pytest.mark.parametrize(
    ("broken", "resource"),
    [
        (patient("p" * 300), "entry 1"),
        (patient("p\x00q"), "entry 1"),
        (practitioner("d2", name=[{"family": "R" * 300, "given": ["Kit"]}]), "Practitioner/d2"),
        (explanation("x2", payer="Blue\x00grass"), "Coverage/p1/BLUE-GRASS"),
        (encounter("e2", period={"start": "0001-01-01T00:00:00+14:00"}), "Encounter/e2"),
    ],
)
def test_what_no_database_can_keep_is_reported_and_the_rest_arrives(
    folder: Folder, linden: UUID, broken: dict[str, Any], resource: str
) -> None:
    report = run(folder(a=bundle(broken, patient(), practitioner(), encounter())), linden)
    assert report.created == {"patients": 1, "practitioners": 1, "encounters": 1}
    assert [p.resource for p in report.problems] == [resource]
    report.as_json()["problems"][0]["reason"].encode()


def test_a_number_too_long_to_read_is_the_files_fault(folder: Folder, linden: UUID) -> None:
    report = run(folder(a='{"resourceType": "Bundle", "total": ' + LONG + "}", b=bundle(patient())), linden)
    assert report.created == {"patients": 1}
    assert [p.file for p in report.problems] == ["a.json"]


def test_resources_without_an_identifier_are_reported_and_never_taken_for_each_other(
    folder: Folder, linden: UUID
) -> None:
    nameless = [patient(), patient(name=[{"family": "Roe", "given": ["Kit"]}], identifier=[])]
    for one in nameless:
        del one["id"]
    where = folder(a={"resourceType": "Bundle", "entry": [{"resource": nameless[0]}]},
                   b={"resourceType": "Bundle", "entry": [{"resource": nameless[1]}]})  # fmt: skip
    report = run(where, linden)
    assert not report.known
    assert [(p.file, "no identifier" in p.reason) for p in report.problems] == [("a.json", True), ("b.json", True)]


def test_two_people_of_one_number_are_reported_and_never_made_one(folder: Folder, linden: UUID, look: Look) -> None:
    family = [{"system": "urn:example:household", "value": "77"}]
    kit = patient("p2", identifier=family, name=[{"family": "Roe", "given": ["Kit"]}], birthDate="2015-01-01")
    report = run(folder(a=bundle(patient("p1", identifier=family), kit)), linden)
    assert report.created == {"patients": 1}
    assert "same number" in report.problems[0].reason
    assert look(Patient.objects.count) == 1


def test_same_person_under_another_resource_is_one_patient(folder: Folder, linden: UUID, look: Look) -> None:
    one = [{"system": "urn:example:mrn", "value": "77"}]
    run(folder(a=bundle(patient("p1", identifier=one)), b=bundle(patient("p2", identifier=one))), linden)
    assert look(Patient.objects.count) == 1


def test_visit_in_the_evening_belongs_to_the_practices_day(folder: Folder, linden: UUID, look: Look) -> None:
    period = {"start": "2025-05-02T01:30:00Z", "end": "2025-05-02T02:20:00Z"}
    run(folder(a=bundle(patient(), practitioner(), encounter(period=period))), linden)
    assert look(lambda: Encounter.objects.get().service_date.isoformat()) == "2025-05-01"


def test_policy_takes_the_rank_that_a_retired_one_left(folder: Folder, linden: UUID, look: Look) -> None:
    run(folder(a=bundle(patient(), explanation("x1", payer="First"), explanation("x2", payer="Second"))), linden)
    assert look(lambda: Coverage.objects.filter(rank=1).update(retired_at=clock.now())) == 1
    report = run(folder(b=bundle(patient(), explanation("x3", payer="Third"))), linden)
    assert report.problems == []
    rows = look(lambda: list(Coverage.objects.filter(retired_at=None).values_list("rank", "payer__name")))
    assert sorted(rows) == [(1, "Third"), (2, "Second")]


def test_person_who_is_here_under_another_key_is_counted_as_known(folder: Folder, linden: UUID) -> None:
    number = [{"system": "urn:example:mrn", "value": "MRN-p1"}]
    report = run(folder(a=bundle(patient("p1")), b=bundle(patient("p2", identifier=number))), linden)
    assert (report.created, report.known) == ({"patients": 1}, {"patients": 1})
