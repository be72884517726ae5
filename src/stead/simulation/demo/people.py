"""Who is who at Linden Street Counseling. Invented, like every patient of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

NAME = "Linden Street Counseling"
SLUG = "linden-street"


@dataclass(frozen=True)
class Place:
    name: str
    time_zone: str
    city: str
    state: str
    line1: str
    zip_code: str
    phone: str
    saturdays: bool = False


PLACES = (
    Place("Linden Street", "America/Kentucky/Louisville", "Louisville", "KY", "412 Linden Street", "402020000",
          "+15025550110", saturdays=True),
    Place("New Albany", "America/Indiana/Indianapolis", "New Albany", "IN", "88 Market Street", "471500000",
          "+18125550120"),
    Place("Bowling Green", "America/Chicago", "Bowling Green", "KY", "1500 College Street", "421010000",
          "+12705550130"),
)  # fmt: skip


@dataclass(frozen=True)
class Worker:
    """A member of staff; `seats` are seat keys, those of one place with its slug after a dot."""

    name: str
    roles: tuple[str, ...]
    place: int
    seats: tuple[str, ...] = ()
    credentials: str = ""
    email: str = ""
    practitioner: bool = False
    accepts_new: bool = True
    languages: tuple[str, ...] = ("en",)
    saturdays: bool = False


OLU, MONA, ANA, PRIYA, BEN, CHO, BELL = (
    "Olu Adeyemi", "Mona Petrakis", "Ana Ruiz", "Priya Nair", "Ben Whitlock", "Dr Grace Cho", "Marcus Bell",
)  # fmt: skip

OFFICE = (
    Worker(OLU, ("owner", "manager"), 0,
           ("owner", "clinical_director", "privacy_officer", "site_lead.linden_street", "bookkeeper", "supervisor"),
           "PsyD", "owner@demo.stead"),
    Worker(MONA, ("manager",), 0,
           ("practice_manager", "security_officer", "hr_payroll", "site_lead.bowling_green"),
           "", "manager@demo.stead"),
    Worker(ANA, ("front_desk",), 0, ("front_desk.linden_street", "records_custodian"), "", "desk@demo.stead",
           languages=("en", "es")),
    Worker("Teo Lindqvist", ("front_desk",), 1, ("front_desk.new_albany", "site_lead.new_albany"), "",
           "teo@demo.stead"),
    Worker("Devon Hale", ("front_desk",), 2, (), "", "devon@demo.stead"),
    Worker(PRIYA, ("intake",), 0, ("intake_coordinator", "referral_liaison"), "", "intake@demo.stead"),
    Worker("Carla Mendez", ("intake", "front_desk"), 1, ("intake_second",), "", "carla@demo.stead",
           languages=("en", "es")),
    Worker(BEN, ("biller",), 0, ("revenue_lead", "biller_accounts"), "", "biller@demo.stead"),
    Worker("Joyce Amadi", ("biller", "intake"), 0, ("biller_claims", "benefits"), "", "joyce@demo.stead"),
    Worker("Sam Okafor", ("manager",), 1, ("credentialing", "it_systems"), "", "sam@demo.stead"),
)  # fmt: skip

PRACTITIONERS = (
    Worker(CHO, ("clinician",), 0, ("on_call",), "PhD", "clinician@demo.stead", True, saturdays=True),
    Worker(BELL, ("clinician",), 0, (), "LCSW", "marcus@demo.stead", True, False),
    Worker("Hannah Stein", ("clinician",), 0, (), "LPCC", "hannah@demo.stead", True, False, saturdays=True),
    Worker("Rafael Ortiz", ("clinician",), 0, (), "LMFT", "rafael@demo.stead", True, languages=("en", "es"),
           saturdays=True),
    Worker("Imani Brooks", ("clinician",), 0, (), "LCSW", "imani@demo.stead", True, False, saturdays=True),
    Worker("Dr Peter Lang", ("clinician",), 0, (), "MD", "peter@demo.stead", True, False),
    Worker("Dana Whitfield", ("clinician",), 1, (), "LPCC", "dana@demo.stead", True),
    Worker("Yuki Tanaka", ("clinician",), 1, (), "LPCA", "yuki@demo.stead", True, False),
    Worker("Lena Fischer", ("clinician",), 1, (), "LCSW", "lena@demo.stead", True),
    Worker("Omar Haddad", ("clinician",), 1, (), "LMFT", "omar@demo.stead", True, False),
    Worker("Joan Mwangi", ("clinician",), 2, (), "LPCC", "joan@demo.stead", True, False),
    Worker("Tomas Reyes", ("clinician",), 2, (), "LCSW", "tomas@demo.stead", True, languages=("en", "es")),
)  # fmt: skip

BLANK_SEAT = "front_desk.bowling_green"


@dataclass(frozen=True)
class Insurer:
    name: str
    edi_id: str
    share: int
    answer_days: tuple[int, int]
    medicaid: bool = False
    filing_days: int = 90


BLUEGRASS, COMMONWEALTH, TRISTATE, MEDICAID = range(4)
INSURERS = (
    Insurer("Bluegrass Mutual", "BGM01", 34, (9, 15)),
    Insurer("Commonwealth Health Plan", "CHP02", 26, (11, 19)),
    Insurer("Tri-State Benefit", "TSB03", 16, (13, 20), filing_days=180),
    Insurer("Kentucky Medicaid plan", "KYM04", 12, (8, 13), medicaid=True),
)


@dataclass(frozen=True)
class Offer:
    name: str
    name_es: str
    minutes: int
    code: str
    cents: int
    first: bool = False
    modality: str = "room"


FIRST_VISIT, SESSION, VIDEO = range(3)
OFFERS = (
    Offer("First visit", "Primera visita", 60, "H0031", 22_000, first=True),
    Offer("Therapy session", "Sesión de terapia", 50, "H0004", 16_000),
    Offer("Video session", "Sesión por video", 50, "H0004", 15_000, modality="video"),
    Offer("Medication visit", "Visita de medicación", 30, "H2010", 12_500),
)


def _names(file: str) -> list[str]:
    return files("stead.simulation.demo").joinpath(file).read_text(encoding="utf-8").split()


FIRST_NAMES = _names("first_names.txt")
LAST_NAMES = _names("last_names.txt")
STREETS = (
    "Oak Street", "Bardstown Road", "Spring Street", "Magnolia Avenue", "Third Street", "Cherokee Road", "Elm Court",
    "Broadway", "Frankfort Avenue", "Main Street", "Sycamore Lane", "Walnut Street",
)  # fmt: skip
