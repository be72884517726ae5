"""The professional claim as records: one flat `Claim` says everything, the writer finds the loops.

A claim names its billing provider, payer, subscriber and, when the patient is somebody else, the patient. Claims that
share them end up under one HL; nobody above this module thinks in loops. Source: 005010X222A1.
"""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from stead.x12.adjustments import Adjustment
from stead.x12.content import Address, RawSegment

GUIDE = "005010X222A1"


class Person(msgspec.Struct, frozen=True, gc=False):
    """A human name as the payer's card spells it."""

    last: str
    first: str = ""
    middle: str = ""
    suffix: str = ""


class Contact(msgspec.Struct, frozen=True, gc=False):
    """PER: whom the receiver may call; telephone ten digits."""

    name: str
    telephone: str
    email: str = ""


class TradingPartner(msgspec.Struct, frozen=True, gc=False):
    """Submitter or receiver, by the identifier the clearinghouse gave out."""

    name: str
    id: str


class BillingProvider(msgspec.Struct, frozen=True, gc=False):
    """Who is paid. `person` is set for a solo practitioner, else `organisation`; tax id kind EI employer, SY social."""

    npi: str
    taxonomy: str
    address: Address
    tax_id: str
    organisation: str = ""
    person: Person | None = None
    tax_id_kind: str = "EI"
    pay_to: Address | None = None
    contact: Contact | None = None


class Payer(msgspec.Struct, frozen=True, gc=False):
    """Who is asked to pay, by the clearinghouse's payer list."""

    name: str
    id: str
    id_qualifier: str = "PI"


class Subscriber(msgspec.Struct, frozen=True, gc=False):
    """Whose policy it is. Address, birth date and sex (F, M, U) are needed when this is the patient."""

    name: Person
    member_id: str
    priority: str = "P"
    filing_code: str = "CI"
    group_number: str = ""
    group_name: str = ""
    medicare_secondary: str = ""
    address: Address | None = None
    birth_date: date | None = None
    sex: str = ""


class Dependent(msgspec.Struct, frozen=True, gc=False):
    """The patient when not the subscriber; relationship 01 spouse, 19 child, 20 employee, 21 unknown, 53, G8 other."""

    name: Person
    relationship: str
    address: Address
    birth_date: date
    sex: str


class Practitioner(msgspec.Struct, frozen=True, gc=False):
    """Who rendered, supervised or referred."""

    name: Person
    npi: str
    taxonomy: str = ""


class Facility(msgspec.Struct, frozen=True, gc=False):
    """Where the service was rendered, when not at the billing address."""

    name: str
    address: Address
    npi: str = ""


class Attachment(msgspec.Struct, frozen=True, gc=False):
    """PWK: report type, how it travels (AA BM EL EM FX FT) and the number by which the payer joins it."""

    report: str
    transmission: str
    control: str = ""


class LineAdjudication(msgspec.Struct, frozen=True, gc=False):
    """2430: what an earlier payer made of a line; built straight from the stored 835."""

    payer_id: str
    paid: Decimal
    code: str
    units: Decimal
    paid_date: date
    qualifier: str = "HC"
    modifiers: tuple[str, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    patient_owes: Decimal | None = None


class OtherCoverage(msgspec.Struct, frozen=True, gc=False):
    """2320: another payer of the same patient, and what it paid on this claim."""

    payer: Payer
    subscriber: Person
    member_id: str
    priority: str
    relationship: str = "18"
    filing_code: str = "CI"
    group_number: str = ""
    benefits_assigned: str = "Y"
    release: str = "Y"
    paid: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    payer_number: str = ""


class ServiceLine(msgspec.Struct, frozen=True, gc=False):
    """2400: one service. `pointers` count the claim's diagnoses from 1; `control` (REF*6R) comes back on the 835."""

    code: str
    charge: Decimal
    units: Decimal
    pointers: tuple[int, ...]
    service_date: date
    modifiers: tuple[str, ...] = ()
    service_end: date | None = None
    place: str = ""
    unit: str = "UN"
    qualifier: str = "HC"
    description: str = ""
    control: str = ""
    prior_authorization: str = ""
    rendering: Practitioner | None = None
    note: str = ""
    adjudications: tuple[LineAdjudication, ...] = ()
    other: tuple[RawSegment, ...] = ()


class Claim(msgspec.Struct, frozen=True, gc=False):
    """2300: one claim; frequency 1 is new, 7 replaces and 8 voids the payer's `payer_number` (REF*F8).

    `account` is CLM01: at most 20 characters, unique per submission, never a person's name.
    """

    account: str
    charge: Decimal
    place: str
    billing: BillingProvider
    subscriber: Subscriber
    payer: Payer
    diagnoses: tuple[str, ...]
    lines: tuple[ServiceLine, ...]
    dependent: Dependent | None = None
    frequency: str = "1"
    payer_number: str = ""
    signature_on_file: str = "Y"
    assignment: str = "A"
    benefits_assigned: str = "Y"
    release: str = "Y"
    delay_reason: str = ""
    patient_paid: Decimal | None = None
    prior_authorization: str = ""
    referral: str = ""
    note: str = ""
    referring: Practitioner | None = None
    rendering: Practitioner | None = None
    facility: Facility | None = None
    supervising: Practitioner | None = None
    attachments: tuple[Attachment, ...] = ()
    other_coverages: tuple[OtherCoverage, ...] = ()
    other: tuple[RawSegment, ...] = ()

    @property
    def patient_birth_date(self) -> date | None:
        """Give the birth date of the person treated."""
        return self.dependent.birth_date if self.dependent else self.subscriber.birth_date


class ClaimBatch(msgspec.Struct, frozen=True, gc=False):
    """One ST: claims of one submitter; `reference` (BHT03) comes back on the 277CA. Keep to 100 claims or fewer."""

    reference: str
    created_at: datetime
    submitter: TradingPartner
    contact: Contact
    receiver: TradingPartner
    claims: tuple[Claim, ...]
    is_encounter: bool = False
    other: tuple[RawSegment, ...] = ()
