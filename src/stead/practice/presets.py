"""Seats to begin with, as data: a practice of several clinicians, a solo practice, several sites.

Limits are cents per item. `backup_keys` are the seats whose holders stand in, in order; a preset names seats, the
practice then names people. `per_location` seats are made once for each location.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class SeatPreset:
    key: str
    name: str
    duties: tuple[str, ...]
    reports_to: str = "practice_manager"
    backup_keys: tuple[str, ...] = ()
    write_off_limit_cents: int | None = None
    refund_limit_cents: int | None = None
    spend_limit_cents: int | None = None
    per_location: bool = False
    fill_within_days: int = 10


GROUP = (
    SeatPreset(
        "owner", "Owner",
        ("Vision and capital", "Leases and payer contracts", "Hires and ends clinicians", "Settlements"),
        "", ("practice_manager", "clinical_director"), 100_000_000, 100_000_000, 100_000_000,
    ),
    SeatPreset(
        "practice_manager", "Practice manager",
        ("Runs operations", "Vendors and complaints", "Closures", "Month end", "Second pair of eyes on money"),
        "owner", ("revenue_lead", "site_lead"), 100_000, 100_000, 250_000,
    ),
    SeatPreset(
        "clinical_director", "Clinical director",
        ("Quality of care", "Escalated risk", "Caseloads", "Documentation debt", "Supervision", "On-call rota"),
        "owner", ("supervisor",), 25_000,
    ),
    SeatPreset(
        "site_lead", "Site lead",
        ("The day runs", "Rooms and keys", "Exceptions", "Cash drawer", "First answer to an incident"),
        "practice_manager", ("site_lead", "front_desk"), 10_000, None, 15_000, per_location=True,
    ),
    SeatPreset(
        "front_desk", "Front desk",
        ("Check-in and check-out", "Collect at the desk", "Confirm and rebook", "Phones", "Cards and identity"),
        "practice_manager", ("front_desk", "intake_coordinator"), None, None, None, per_location=True,
    ),
    SeatPreset(
        "intake_coordinator", "Intake coordinator",
        ("Request to first kept visit", "Matching", "Waitlist", "Calls to win patients back"),
        "practice_manager", ("intake_second", "front_desk"),
    ),
    SeatPreset(
        "intake_second", "Second intake coordinator", ("Shares intake", "Covers the coordinator"),
        "intake_coordinator", ("front_desk",), fill_within_days=30,
    ),
    SeatPreset(
        "benefits", "Authorization and benefits",
        ("Eligibility and carve-outs", "Prior authorizations", "Cost estimates"),
        "revenue_lead", ("biller_claims", "intake_coordinator"),
    ),
    SeatPreset(
        "revenue_lead", "Billing lead",
        ("What is owed to us", "How denials are answered", "Payer rules, fees", "Gates that prevent denials"),
        "practice_manager", ("biller_claims", "practice_manager"), 50_000, 25_000, 100_000,
    ),
    SeatPreset(
        "biller_claims", "Biller, claims", ("Scrub and submit", "Silent claims", "Denials and appeals"),
        "revenue_lead", ("biller_accounts",), 2_500,
    ),
    SeatPreset(
        "biller_accounts", "Biller, patient accounts",
        ("Statements and plans", "Hardship", "Credits", "Good-faith estimates"),
        "revenue_lead", ("biller_claims",), 1_000,
    ),
    SeatPreset(
        "credentialing", "Credentialing and compliance",
        ("Licenses and enrollment", "Exclusion screens", "Policy calendar", "May stop a clinician's schedule"),
        "practice_manager", ("practice_manager",),
    ),
    SeatPreset(
        "privacy_officer", "Privacy officer", ("Releases refused or legal", "Breach decisions", "Legal hold"),
        "owner", ("security_officer", "credentialing"),
    ),
    SeatPreset(
        "security_officer", "Security officer", ("Access and devices", "Vendors' security", "May cut access"),
        "owner", ("privacy_officer", "credentialing"),
    ),
    SeatPreset(
        "records_custodian", "Records custodian", ("Release of records", "Retention"),
        "practice_manager", ("front_desk",),
    ),
    SeatPreset(
        "referral_liaison", "Referral liaison", ("Referrers", "Closing the loop", "Community contacts"),
        "intake_coordinator", ("intake_coordinator",), fill_within_days=30,
    ),
    SeatPreset("hr_payroll", "HR and payroll", ("Files, leave", "Pay run"), "practice_manager", ("practice_manager",)),
    SeatPreset("it_systems", "IT and systems", ("Accounts and devices", "Tool inventory"), "practice_manager", ()),
    SeatPreset("bookkeeper", "Bookkeeper", ("Bank match", "Bills"), "owner", ()),
    SeatPreset(
        "supervisor", "Clinical supervisor", ("Cosigns", "License hours of associates"), "clinical_director",
        ("clinical_director",),
    ),
    SeatPreset(
        "on_call", "On-call clinician", ("Answers risk at any hour promised",), "clinical_director",
        ("clinical_director", "owner"), fill_within_days=1,
    ),
)  # fmt: skip
"""One to three sites, up to some fifteen clinicians."""

_SOLO_KEYS = (
    "owner", "clinical_director", "front_desk", "intake_coordinator", "benefits", "biller_claims", "biller_accounts",
    "credentialing", "privacy_officer", "security_officer", "records_custodian", "bookkeeper", "supervisor", "on_call",
)  # fmt: skip


def _solo() -> tuple[SeatPreset, ...]:
    kept = [seat for seat in GROUP if seat.key in _SOLO_KEYS]
    return tuple(
        replace(
            seat,
            reports_to=seat.reports_to if seat.reports_to in _SOLO_KEYS else ("" if seat.key == "owner" else "owner"),
            backup_keys=tuple(key for key in seat.backup_keys if key in _SOLO_KEYS),
        )
        for seat in kept
    )


SOLO = _solo()
"""One clinician, a part-time helper, an outside biller. On-call, supervisor and bookkeeper are blank by nature."""

MULTI_SITE = (
    *(
        replace(seat, reports_to="operations_director")
        if seat.key in {"site_lead", "hr_payroll", "it_systems"}
        else seat
        for seat in GROUP
    ),
    SeatPreset(
        "operations_director", "Operations director", ("All sites", "Capacity", "Openings and closures"), "owner",
        ("practice_manager",), 300_000, 300_000, 750_000,
    ),
    SeatPreset(
        "denials_lead", "Denials lead", ("Denials by payer group", "Disputes"), "revenue_lead", ("revenue_lead",),
        50_000,
    ),
    SeatPreset("quality_lead", "Quality lead", ("Outcome measures", "Reviews of charts"), "clinical_director", ()),
    SeatPreset("training_lead", "Training lead", ("First weeks", "Lessons after changes"), "operations_director", ()),
)  # fmt: skip
"""Four or more sites, 25 or more clinicians."""

PRESETS = {"group": GROUP, "solo": SOLO, "multi_site": MULTI_SITE}
