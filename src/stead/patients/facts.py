"""What gates may ask about a patient. The subject is the Patient row; an empty column is "not known yet"."""

from stead.patients.models import Patient
from stead.platform.policy.facts import Fact, facts
from stead.platform.policy.kinds import Kind

facts.declare(
    Fact("patient.status", Kind.STRING, "prospect, active, discharged or deceased", "patient", load=lambda p: p.status),
    Fact("patient.birth_date", Kind.DATE, "The day of birth", "patient", load=lambda p: p.birth_date),
    Fact("patient.state", Kind.STRING, "The state the patient lives in", "patient", load=lambda p: p.state or None),
    Fact("patient.language", Kind.STRING, "The language spoken with us", "patient", load=lambda p: p.language),
    Fact("patient.has_phone", Kind.BOOL, "A telephone number is known", "patient", load=lambda p: bool(p.phone)),
    Fact("patient.has_email", Kind.BOOL, "An e-mail address is known", "patient", load=lambda p: bool(p.email)),
    Fact("patient.has_address", Kind.BOOL, "The postal address is complete", "patient", load=lambda p: _has_address(p)),
)


def _has_address(patient: Patient) -> bool:
    return all((patient.line1, patient.city, patient.state, patient.zip_code))
