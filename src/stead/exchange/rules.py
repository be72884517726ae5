"""Rules of files and numbers: pure, no Django."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from stead.platform.refusals import InvalidInput, Refusal

HIGHEST_NUMBER = 999_999_999
_KINDS = {"837": "837P", "277": "277CA"}


class NumbersUsedUp(Refusal):
    words = "All control numbers are used up. The clearinghouse must agree to a new sender before more is sent."


class ProfileMissing(Refusal):
    words = "Payers must know who bills: fill in the practice's profile (name, NPI, tax number, address) first."


class LiveMailboxRefusesTests(Refusal):
    words = "This mailbox is live, and the file is marked as a test. Nothing of it was used."


class FaultSettled(Refusal):
    words = "Somebody has dealt with this file already."


class FileTooLarge(Refusal):
    words = (
        "This file is larger than 200 MB, far above what a payer sends at once. Nothing of it was read. Ask the "
        "clearinghouse for smaller files."
    )


class FileNameUnsafe(InvalidInput):
    words = "A file's name may hold letters, digits, dots, dashes and underscores only."


def check_number(number: int) -> int:
    if not 1 <= number <= HIGHEST_NUMBER:
        raise NumbersUsedUp()
    return number


def isa_number(number: int | str) -> str:
    """Write a control number as ISA13 does. GS06 and BHT03 carry the same number, so any answer finds its file."""
    return f"{int(number):09d}"


def find_number(text: str) -> str:
    """Read back a number of ours from GS06, ISA13 or BHT03; empty when it cannot be one."""
    return isa_number(text) if text.isascii() and text.isdigit() and len(text) <= 9 else ""


def agrees(told: Decimal | None, sent: Decimal | int) -> bool:
    """Tell whether a receiver's total is ours; one that tells none does not contradict."""
    return told is None or told == sent


def file_name(kind: str, control: str, at: datetime) -> str:
    """Name a file after its number, kind and moment; never after a person."""
    return f"{control}_{kind}_{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.x12"


def check_file_name(name: str) -> str:
    """Refuse a name that could lead out of its folder."""
    if not name or name.startswith(".") or not all(c.isascii() and (c.isalnum() or c in "._-") for c in name):
        raise FileNameUnsafe()
    return name


def kind_of(codes: list[str]) -> str:
    """Name a file by the transactions in it."""
    kinds = {_KINDS.get(code, code) for code in codes}
    return kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "unknown"
