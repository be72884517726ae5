"""Whom a remittance pays: the practice, or somebody whose file strayed into our mailbox.

N104 is an NPI (XX) or a tax number (FI), and REF*TJ may add the tax number. One that is ours is enough: a practice may
hold several NPIs under one tax number. A payee that shows neither cannot be told from a stranger.
"""

from __future__ import annotations

from collections.abc import Iterator

from stead.platform.refusals import InvalidInput
from stead.practice.models import PracticeProfile
from stead.x12.remit835 import Organisation

_NPI, _TAX = "XX", ("FI", "TJ")


class RemittanceForAnother(InvalidInput):
    words = (
        "This remittance pays somebody else: neither the NPI nor the tax number in it is the practice's. Nothing of it "
        "was posted. Compare them with the practice's profile; if they are not yours, tell the clearinghouse."
    )


def check_payee(payee: Organisation, profile: PracticeProfile | None) -> None:
    """Refuse a remittance for anybody but the practice."""
    ours = {(_NPI, profile.npi), (_TAX[0], _digits(profile.tax_id))} if profile else set()
    if not ours.intersection(_numbers(payee)):
        raise RemittanceForAnother()


def _numbers(payee: Organisation) -> Iterator[tuple[str, str]]:
    for qualifier, value in [(payee.id_qualifier, payee.id), *((ref.qualifier, ref.value) for ref in payee.refs)]:
        if qualifier == _NPI and value:
            yield _NPI, value
        elif qualifier in _TAX and _digits(value):
            yield _TAX[0], _digits(value)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
