"""Who sends and who receives: from the practice's profile and the deployment.

STEAD_EDI_SENDER (else the tax number), STEAD_EDI_RECEIVER and STEAD_EDI_RECEIVER_NAME are given out by the
clearinghouse; STEAD_EDI_LIVE=1 marks files as live (ISA15 P), anything else as tests (T).
Practices that share a sender count their files together (`numbers.next_control`).
"""

from __future__ import annotations

import os

from stead.exchange.rules import ProfileMissing
from stead.exchange.terms import Partner
from stead.practice.models import PracticeProfile


def get_profile() -> PracticeProfile:
    """Return how the practice names itself to payers, or refuse."""
    row = PracticeProfile.objects.first()
    if row is None:
        raise ProfileMissing()
    return row


def partner_of(profile: PracticeProfile) -> Partner:
    return Partner(
        sender=os.environ.get("STEAD_EDI_SENDER", profile.tax_id)[:15].strip(),
        sender_name=profile.legal_name,
        receiver=os.environ.get("STEAD_EDI_RECEIVER", "STEADSANDBOX")[:15],
        receiver_name=os.environ.get("STEAD_EDI_RECEIVER_NAME", "Sandbox Clearinghouse"),
        usage="P" if is_live() else "T",
    )


def is_live() -> bool:
    return os.environ.get("STEAD_EDI_LIVE") == "1"
