"""Charges, claims, answers and the ledger. Amounts are integer cents."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import ForeignObject, Q

from stead.billing.terms import LINK_WAYS, WAITING_WORDS
from stead.platform.tenancy.models import PortalView, TenantModel, Writes, tenant_fk


class Fee(TenantModel):
    """The price of a procedure: the practice's own (payer None) or what a payer's contract allows."""

    payer_id = models.UUIDField(null=True)
    payer: ForeignObject[Any, Any] = tenant_fk("coverage.Payer", "payer_id", null=True)
    procedure_code = models.CharField(max_length=10)
    amount_cents = models.BigIntegerField()
    from_date = models.DateField()

    class Meta(TenantModel.Meta):
        db_table = "fee"
        constraints = [
            models.UniqueConstraint(
                fields=["practice_id", "payer_id", "procedure_code", "from_date"], name="fee_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(amount_cents__gte=0), name="fee_not_negative"),
        ]


class Charge(TenantModel):
    """What a signed note earned. There is no charge without a signed note; one per encounter and procedure."""

    portal: ClassVar[PortalView] = "own"

    encounter_id = models.UUIDField()
    encounter: ForeignObject[Any, Any] = tenant_fk("care.Encounter", "encounter_id", related_name="charges")
    patient_id = models.UUIDField()
    practitioner_id = models.UUIDField()
    procedure_code = models.CharField(max_length=10)
    modifiers = ArrayField(models.CharField(max_length=2), default=list)
    units = models.IntegerField(default=1)
    amount_cents = models.BigIntegerField()
    diagnosis_codes = ArrayField(models.CharField(max_length=8), default=list)
    place_of_service = models.CharField(max_length=2)
    service_date = models.DateField()
    made_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "charge"
        constraints = [
            models.UniqueConstraint(
                fields=["practice_id", "encounter_id", "procedure_code"],
                condition=Q(voided_at=None),
                name="charge_once",
            ),
            models.CheckConstraint(condition=Q(amount_cents__gte=0, units__gt=0), name="charge_amount"),
        ]
        indexes = [models.Index(fields=["practice_id", "service_date"], name="charge_day")]


CLAIM_STATES = [
    ("held", "held by the scrubber"),
    ("ready", "ready to leave"),
    ("sent", "sent"),
    ("accepted", "accepted"),
    ("rejected", "rejected"),
    ("paid", "paid"),
    ("part_paid", "paid in part"),
    ("denied", "denied"),
    ("closed", "closed"),
]


class Claim(TenantModel):
    """One 837P claim. `number` is CLM01: at most 20 characters and never used again."""

    number = models.CharField(max_length=20)
    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", related_name="claims")
    coverage_id = models.UUIDField()
    coverage: ForeignObject[Any, Any] = tenant_fk("coverage.Coverage", "coverage_id")
    payer_id = models.UUIDField()
    payer: ForeignObject[Any, Any] = tenant_fk("coverage.Payer", "payer_id")
    practitioner_id = models.UUIDField()
    practitioner: ForeignObject[Any, Any] = tenant_fk("practice.StaffMember", "practitioner_id")
    location_id = models.UUIDField(null=True)
    total_cents = models.BigIntegerField()
    paid_cents = models.BigIntegerField(default=0)
    frequency = models.CharField(max_length=1, default="1")
    original_reference = models.CharField(max_length=50, default="")
    payer_claim_number = models.CharField(max_length=50, default="")
    authorization_number = models.CharField(max_length=50, default="")
    state = models.CharField(max_length=10, choices=CLAIM_STATES, default="ready")
    held_because = models.JSONField(default=list)
    service_date = models.DateField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    state_at = models.DateTimeField()
    file_before_date = models.DateField()
    interchange_id = models.UUIDField(null=True)
    replaces_id = models.UUIDField(null=True)
    version_no = models.IntegerField(default=1)

    class Meta(TenantModel.Meta):
        db_table = "claim"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "number"], name="claim_number_once"),
            models.CheckConstraint(condition=Q(total_cents__gt=0), name="claim_total"),
        ]
        indexes = [
            models.Index(fields=["practice_id", "state", "state_at"], name="claim_queue"),
            models.Index(fields=["practice_id", "patient_id"], name="claim_patient"),
            models.Index(fields=["practice_id", "payer_id", "service_date"], name="claim_payer"),
        ]


class ClaimLine(TenantModel):
    """One service line; `line_control` (REF*6R) comes back on the 835."""

    claim_id = models.UUIDField()
    claim: ForeignObject[Any, Claim] = tenant_fk("billing.Claim", "claim_id", related_name="lines")
    charge_id = models.UUIDField()
    charge: ForeignObject[Any, Charge] = tenant_fk("billing.Charge", "charge_id", related_name="claim_lines")
    position = models.IntegerField()
    line_control = models.CharField(max_length=30)
    amount_cents = models.BigIntegerField()
    paid_cents = models.BigIntegerField(default=0)
    adjusted_cents = models.BigIntegerField(default=0)
    patient_cents = models.BigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        db_table = "claim_line"
        constraints = [models.UniqueConstraint(fields=["practice_id", "line_control"], name="claim_line_control_once")]
        indexes = [
            models.Index(fields=["practice_id", "claim_id"], name="claim_line_claim"),
            models.Index(fields=["practice_id", "charge_id"], name="claim_line_charge"),
        ]


class ClaimEvent(TenantModel):
    """What became of a claim, step by step: built, sent, 999, 277CA, 835. Append-only."""

    writes: ClassVar[Writes] = "insert"

    claim_id = models.UUIDField()
    claim: ForeignObject[Any, Claim] = tenant_fk("billing.Claim", "claim_id", related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=12)
    code = models.CharField(max_length=30, default="")
    words = models.CharField(max_length=300, default="")
    interchange_id = models.UUIDField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "claim_event"
        indexes = [models.Index(fields=["practice_id", "claim_id"], name="claim_event_claim")]


class BillingNumber(TenantModel):
    """The last number given out of a series (claim, statement); locked while counting, never used again."""

    series = models.CharField(max_length=20)
    last = models.BigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        db_table = "billing_number"
        constraints = [models.UniqueConstraint(fields=["practice_id", "series"], name="billing_number_series_once")]


class Remittance(TenantModel):
    """One payment of a payer (835). The unique key refuses the same remittance under another file name. Payers use one
    number again and again where they pay nothing; there the key holds a digest of what is said, too."""

    payer_id = models.UUIDField(null=True)
    trace = models.CharField(max_length=50)
    originator = models.CharField(max_length=20)
    amount_cents = models.BigIntegerField()
    paid_date = models.DateField()
    method = models.CharField(max_length=4)
    posted_at = models.DateTimeField()
    interchange_id = models.UUIDField(null=True)
    provider_adjustments = models.JSONField(default=list)
    digest = models.CharField(max_length=64, default="")
    """Of its claims and provider adjustments (`decisions.digest_of`)."""

    class Meta(TenantModel.Meta):
        db_table = "remittance"
        constraints = [
            models.UniqueConstraint(
                fields=["practice_id", "originator", "trace", "amount_cents", "paid_date"],
                condition=~Q(amount_cents=0),
                name="remittance_once",
            ),
            models.UniqueConstraint(
                fields=["practice_id", "originator", "trace", "paid_date", "digest"],
                condition=Q(amount_cents=0),
                name="remittance_of_zero_once",
            ),
        ]
        indexes = [models.Index(fields=["practice_id", "posted_at"], name="remittance_posted")]


class RemittanceClaim(TenantModel):
    """What a remittance says of one claim. One that could not be posted keeps claim_id None and waits for a person,
    with why, and with the claim that it names if it names one; it ends with its claim or is closed with a reason."""

    remittance_id = models.UUIDField()
    remittance: ForeignObject[Any, Remittance] = tenant_fk("billing.Remittance", "remittance_id", related_name="claims")
    claim_id = models.UUIDField(null=True)
    claim: ForeignObject[Any, Claim] = tenant_fk("billing.Claim", "claim_id", related_name="answers", null=True)
    claim_number = models.CharField(max_length=40)
    status = models.CharField(max_length=2)
    charged_cents = models.BigIntegerField()
    paid_cents = models.BigIntegerField()
    patient_cents = models.BigIntegerField(default=0)
    payer_claim_number = models.CharField(max_length=50, default="")
    adjustments = models.JSONField(default=list)
    """The whole decision as read: claim level first, then one entry per line; what a later match posts from."""
    waits_because = models.CharField(max_length=20, default="", choices=[("", ""), *WAITING_WORDS.items()])
    named_claim_id = models.UUIDField(null=True)
    named_claim: ForeignObject[Any, Claim] = tenant_fk("billing.Claim", "named_claim_id", null=True)
    closed_at = models.DateTimeField(null=True)
    closed_because = models.CharField(max_length=200, default="")
    closed_by_name = models.CharField(max_length=200, default="")

    class Meta(TenantModel.Meta):
        db_table = "remittance_claim"
        indexes = [
            models.Index(fields=["practice_id", "claim_id"], name="remittance_claim_claim"),
            models.Index(fields=["practice_id", "remittance_id"], name="remittance_claim_remittance"),
            models.Index(
                fields=["practice_id", "named_claim_id"],
                name="remittance_claim_named",
                condition=Q(named_claim_id__isnull=False),
            ),
        ]


class ProviderAdjustment(TenantModel):
    """One PLB of a remittance that is no interest: money that a payer takes back, holds or moves, and that somebody
    must compare with what was paid. Positive lowers the payment."""

    remittance_id = models.UUIDField()
    remittance: ForeignObject[Any, Remittance] = tenant_fk("billing.Remittance", "remittance_id")
    payer_id = models.UUIDField(null=True)
    payer: ForeignObject[Any, Any] = tenant_fk("coverage.Payer", "payer_id", null=True)
    reason = models.CharField(max_length=4)
    reference = models.CharField(max_length=50, default="")
    amount_cents = models.BigIntegerField()
    queue = models.CharField(max_length=30)
    told_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_because = models.CharField(max_length=200, default="")
    settled_by_name = models.CharField(max_length=200, default="")

    class Meta(TenantModel.Meta):
        db_table = "provider_adjustment"
        indexes = [
            models.Index(
                fields=["practice_id", "told_at"], condition=Q(settled_at=None), name="provider_adjustment_open"
            ),
            models.Index(fields=["practice_id", "remittance_id"], name="provider_adjustment_remittance"),
        ]


class Denial(TenantModel):
    """A claim line (or claim) the payer did not pay, with its reason codes, its queue and its deadline."""

    claim_id = models.UUIDField()
    claim: ForeignObject[Any, Claim] = tenant_fk("billing.Claim", "claim_id", related_name="denials")
    claim_line_id = models.UUIDField(null=True)
    patient_id = models.UUIDField()
    group_code = models.CharField(max_length=2)
    reason_code = models.CharField(max_length=6)
    remark_codes = ArrayField(models.CharField(max_length=8), default=list)
    amount_cents = models.BigIntegerField()
    queue = models.CharField(max_length=30)
    deadline_date = models.DateField()
    denied_at = models.DateTimeField()
    state = models.CharField(
        max_length=12,
        default="open",
        choices=[
            ("open", "open"),
            ("resent", "resent"),
            ("paid", "paid"),
            ("written_off", "written off"),
            ("to_patient", "billed to the patient"),
            ("reversed", "taken back by the payer"),
            ("answered", "answered anew"),
            ("voided", "void: the charge was taken back"),
        ],
    )
    case_id = models.UUIDField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "denial"
        indexes = [
            models.Index(fields=["practice_id", "state", "deadline_date"], name="denial_queue"),
            models.Index(fields=["practice_id", "claim_id"], name="denial_claim"),
            models.Index(fields=["practice_id", "patient_id"], name="denial_patient"),
        ]


ACCOUNT_KINDS = [
    ("patient", "patient owes"),
    ("payer", "payer owes"),
    ("cash", "cash received"),
    ("revenue", "earned"),
    ("contractual", "contractual adjustment"),
    ("write_off", "written off"),
    ("unapplied", "received, not applied"),
    ("interest", "interest income"),
]


class LedgerAccount(TenantModel):
    """An account of the double-entry ledger; a patient's and a payer's are made when first needed."""

    writes: ClassVar[Writes] = "insert"
    portal: ClassVar[PortalView] = "own"

    kind = models.CharField(max_length=12, choices=ACCOUNT_KINDS)
    patient_id = models.UUIDField(null=True)
    payer_id = models.UUIDField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "ledger_account"
        constraints = [
            models.UniqueConstraint(
                fields=["practice_id", "kind", "patient_id", "payer_id"],
                name="ledger_account_once",
                nulls_distinct=False,
            )
        ]


class LedgerTransaction(TenantModel):
    """One posting. `key` is unique: the same remittance line or payment is posted once. Append-only; a mistake is
    reversed by a transaction that names it."""

    writes: ClassVar[Writes] = "insert"
    portal: ClassVar[PortalView] = "own"

    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    effective_date = models.DateField()
    patient_id = models.UUIDField(null=True)
    claim_id = models.UUIDField(null=True)
    charge_id = models.UUIDField(null=True)
    reverses_id = models.UUIDField(null=True)
    words = models.CharField(max_length=200, default="")
    by_name = models.CharField(max_length=200)

    class Meta(TenantModel.Meta):
        db_table = "ledger_transaction"
        constraints = [models.UniqueConstraint(fields=["practice_id", "key"], name="ledger_transaction_once")]
        indexes = [
            models.Index(fields=["practice_id", "patient_id", "at"], name="ledger_transaction_patient"),
            models.Index(fields=["practice_id", "at"], name="ledger_transaction_at"),
        ]


class LedgerEntry(TenantModel):
    """One side of a posting: positive is a debit, negative a credit. Every transaction sums to zero, by trigger."""

    writes: ClassVar[Writes] = "insert"
    portal: ClassVar[PortalView] = "own"

    transaction_id = models.UUIDField()
    transaction: ForeignObject[Any, LedgerTransaction] = tenant_fk(
        "billing.LedgerTransaction", "transaction_id", related_name="entries"
    )
    account_id = models.UUIDField()
    account: ForeignObject[Any, LedgerAccount] = tenant_fk(
        "billing.LedgerAccount", "account_id", related_name="entries"
    )
    patient_id = models.UUIDField(null=True)
    amount_cents = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        db_table = "ledger_entry"
        constraints = [models.CheckConstraint(condition=~Q(amount_cents=0), name="ledger_entry_amount")]
        indexes = [
            models.Index(fields=["practice_id", "account_id"], name="ledger_entry_account"),
            models.Index(fields=["transaction_id", "practice_id"], name="ledger_entry_posting"),
        ]


class LedgerClose(TenantModel):
    """A moment up to which the ledger was added up, so that nobody adds up all of it again (closing.py). A sum kept
    beside its terms and never a term itself: a posting dated before `until` takes it away, by trigger."""

    writes: ClassVar[Writes] = "insert update delete"

    until = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "ledger_close"
        constraints = [models.UniqueConstraint(fields=["practice_id", "until"], name="ledger_close_once")]


class CarriedBalance(TenantModel):
    """What stood on an account at a close: the sum of its entries before it, in cents. An account that was even has
    no row."""

    writes: ClassVar[Writes] = "insert update delete"

    close_id = models.UUIDField()
    close: ForeignObject[Any, LedgerClose] = tenant_fk(
        "billing.LedgerClose", "close_id", related_name="balances", cascades=True
    )
    account_id = models.UUIDField()
    account: ForeignObject[Any, LedgerAccount] = tenant_fk("billing.LedgerAccount", "account_id")
    amount_cents = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        db_table = "carried_balance"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "close_id", "account_id"], name="carried_balance_once"),
            models.CheckConstraint(condition=~Q(amount_cents=0), name="carried_balance_not_even"),
        ]


class PaymentCard(TenantModel):
    """A card kept by the payment processor: token, brand, last four, expiry; never the number."""

    portal: ClassVar[PortalView] = "own"

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", related_name="cards")
    token = models.CharField(max_length=100)
    brand = models.CharField(max_length=20)
    last4 = models.CharField(max_length=4)
    expires_month = models.IntegerField()
    expires_year = models.IntegerField()
    vaulted_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "payment_card"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "token"], name="payment_card_token_once"),
            models.UniqueConstraint(fields=["practice_id", "id", "patient_id"], name="payment_card_of_patient"),
        ]
        indexes = [models.Index(fields=["practice_id", "patient_id"], name="payment_card_patient")]


class Payment(TenantModel):
    """Money from a patient. The row, with its key, is stored before the processor is called; `asked_at` is written
    before each call, so that a call whose answer was lost is known to have been made. Card, visit and statement are the
    same patient's, by their keys."""

    portal: ClassVar[PortalView] = "own"

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", related_name="payments")
    key = models.CharField(max_length=120)
    amount_cents = models.BigIntegerField()
    method = models.CharField(max_length=8, choices=[("card", "card"), ("cash", "cash"), ("check", "check")])
    card_id = models.UUIDField(null=True)
    card: ForeignObject[Any, Any] = tenant_fk("billing.PaymentCard", "card_id", null=True, same=("patient_id",))
    appointment_id = models.UUIDField(null=True)
    appointment: ForeignObject[Any, Any] = tenant_fk(
        "scheduling.Appointment", "appointment_id", null=True, same=("patient_id",)
    )
    statement_id = models.UUIDField(null=True)
    statement: ForeignObject[Any, Any] = tenant_fk("billing.Statement", "statement_id", null=True, same=("patient_id",))
    state = models.CharField(
        max_length=10,
        default="started",
        choices=[("started", "started"), ("paid", "paid"), ("declined", "declined"), ("void", "void")],
    )
    processor_reference = models.CharField(max_length=100, default="")
    declined_because = models.CharField(max_length=200, default="")
    started_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "payment"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "key"], name="payment_key_once"),
            models.UniqueConstraint(fields=["practice_id", "id", "patient_id"], name="payment_of_patient"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="payment_amount"),
        ]
        indexes = [
            models.Index(fields=["practice_id", "patient_id"], name="payment_patient"),
            models.Index(fields=["practice_id", "appointment_id"], name="payment_appointment"),
        ]


class Refund(TenantModel):
    """Money given back of one payment. Like a payment, the row with its key is stored before the processor is
    called."""

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id")
    payment_id = models.UUIDField()
    payment: ForeignObject[Any, Payment] = tenant_fk(
        "billing.Payment", "payment_id", related_name="refunds", same=("patient_id",)
    )
    key = models.CharField(max_length=120)
    amount_cents = models.BigIntegerField()
    method = models.CharField(max_length=8, choices=[("card", "card"), ("cash", "cash"), ("check", "check")])
    reason = models.CharField(max_length=200)
    by_name = models.CharField(max_length=200)
    state = models.CharField(
        max_length=10, default="started", choices=[("started", "started"), ("paid", "paid"), ("declined", "declined")]
    )
    processor_reference = models.CharField(max_length=100, default="")
    declined_because = models.CharField(max_length=200, default="")
    started_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "refund"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "key"], name="refund_key_once"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="refund_amount"),
        ]
        indexes = [
            models.Index(fields=["practice_id", "payment_id"], name="refund_payment"),
            models.Index(fields=["practice_id", "patient_id"], name="refund_patient"),
        ]


class Statement(TenantModel):
    """What a patient was asked to pay, as a PDF and its figures; `total_cents` is the sum of its lines."""

    portal: ClassVar[PortalView] = "own"

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", related_name="statements")
    number = models.BigIntegerField()
    as_of_date = models.DateField()
    due_date = models.DateField()
    total_cents = models.BigIntegerField()
    lines = models.JSONField(default=list)
    file_id = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "statement"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "number"], name="statement_number_once"),
            models.UniqueConstraint(fields=["practice_id", "id", "patient_id"], name="statement_of_patient"),
        ]
        indexes = [models.Index(fields=["practice_id", "patient_id"], name="statement_patient")]


class PayLink(TenantModel):
    """The link in one statement's message: only its token's hash is kept. It shows what is owed of that statement and
    takes that amount, nothing else. It is over when it has expired, was ended, or a newer statement was made."""

    patient_id = models.UUIDField()
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id")
    statement_id = models.UUIDField()
    statement: ForeignObject[Any, Any] = tenant_fk("billing.Statement", "statement_id", same=("patient_id",))
    token_sha256 = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "pay_link"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "token_sha256"], name="pay_link_token_once"),
            models.UniqueConstraint(
                fields=["practice_id", "statement_id"], condition=Q(ended_at=None), name="pay_link_one_open"
            ),
        ]
        indexes = [models.Index(fields=["practice_id", "patient_id"], name="pay_link_patient")]


class PayLinkChoice(TenantModel):
    """What the practice lets a statement's link do; one row per practice, id = practice_id."""

    way = models.CharField(max_length=10, choices=[(way, way) for way in LINK_WAYS])

    class Meta(TenantModel.Meta):
        db_table = "pay_link_choice"
