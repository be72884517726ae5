"""Fixtures built in code: lawful 835 files in twelve dresses, four broken ones, and typed records to start from.

All names and numbers are invented; NPIs are invented numbers whose check digit fits.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from stead.x12.adjustments import Adjustment
from stead.x12.claim837p import (
    Address,
    Attachment,
    BillingProvider,
    Claim,
    ClaimBatch,
    Contact,
    Dependent,
    Facility,
    LineAdjudication,
    OtherCoverage,
    Payer,
    Person,
    Practitioner,
    ServiceLine,
    Subscriber,
    TradingPartner,
)

AT = datetime(2026, 3, 2, 7, 30)
NPI = "1234567893"
NPI2 = "1679576722"
PLACE = Address("1 Main Street", "Springfield", "IL", "627010001")


def isa(
    element: str = "*", component: str = ":", repetition: str = "^", end: str = "~", control: Any = "000000001"
) -> str:
    fields = ["00", " " * 10, "00", " " * 10, "ZZ", "PAYER".ljust(15), "ZZ", "STEAD".ljust(15), "260302", "0730"]
    return element.join(["ISA", *fields, repetition, "00501", control, "0", "T", component]) + end


def remit_segments(component: str = ":", name: str = "EXAMPLE", plb: int = 1, trace: str = "T1") -> list[list[str]]:
    """One balanced remittance of two claims: 100 charged, 60 paid; 50 charged, 0 paid; PLBs of 10 each held back."""
    return [
        ["BPR", "I", str(60 - 10 * plb), "C", "ACH", *[""] * 11, "20260302"],
        ["TRN", "1", trace, "1999999999"],
        ["DTM", "405", "20260302"],
        ["N1", "PR", "SANDBOX PAYER", "XV", "SBX01"],
        ["N3", "1 PAYER WAY"],
        ["N4", "SPRINGFIELD", "IL", "627010001"],
        ["N1", "PE", "PRACTICE", "XX", NPI],
        ["LX", "1"],
        ["CLP", "A1", "1", "100", "60", "25", "12", "ICN1", "11", "1"],
        ["NM1", "QC", "1", name, "PAT", "", "", "", "MI", "M1"],
        ["MOA", "", "", "MA01", "MA18"],
        ["SVC", component.join(["HC", "H0004", "HO", "95"]), "100", "60", "", "1"],
        ["DTM", "472", "20260217"],
        ["CAS", "CO", "45", "15", "", "253", "0"],
        ["CAS", "PR", "1", "5", "", "2", "0", "", "3", "20"],
        ["REF", "6R", "A1-1"],
        ["AMT", "B6", "85"],
        ["LQ", "HE", "N130"],
        ["CLP", "A2", "4", "50", "0", "0", "12", "ICN2"],
        ["CAS", "CO", "29", "50"],
        *[["PLB", NPI, "20261231", component.join(["WO", f"OLD-{i}"]), "10"] for i in range(plb)],
    ]


def transaction(
    segments: list[list[str]],
    element: str = "*",
    end: str = "~",
    control: str = "0001",
    code: str = "835",
    guide: str | None = None,
) -> str:
    st = ["ST", code, control] + ([guide] if guide else [])
    body = [st, *segments, ["SE", str(len(segments) + 2), control]]
    return "".join(element.join(segment) + end for segment in body)


def group(
    sets: list[str],
    element: str = "*",
    end: str = "~",
    control: str = "1",
    code: str = "HP",
    version: str = "005010X221A1",
) -> str:
    gs = element.join(["GS", code, "PAYER", "STEAD", "20260302", "0730", control, "X", version]) + end
    return gs + "".join(sets) + element.join(["GE", str(len(sets)), control]) + end


def interchange(groups: list[str], control: str = "000000001", **marks: str) -> str:
    element, end = marks.get("element", "*"), marks.get("end", "~")
    return isa(control=control, **marks) + "".join(groups) + element.join(["IEA", str(len(groups)), control]) + end


def plain(name: str = "EXAMPLE", plb: int = 1, **marks: Any) -> str:
    keep = {key: marks[key] for key in ("element", "end") if key in marks}
    body = remit_segments(marks.get("component", ":"), name, plb)
    return interchange([group([transaction(body, **keep)], **keep)], **marks)


def lawful_variants() -> dict[str, tuple[bytes, int, int]]:
    """Each file with the number of transactions and claims it holds and the sum it pays."""
    pipes: dict[str, Any] = {"element": "|", "component": ">"}
    controls: dict[str, Any] = {"element": "\x1d", "component": "\x1f", "end": "\x1c"}
    two_sets = [transaction(remit_segments(), control="0001"), transaction(remit_segments(), control="0002")]
    second = plain(**pipes, end="\n").replace("000000001", "000000002")
    files = {
        "plain": (plain(), 1),
        "line feed ends segments": (plain(end="\n"), 1),
        "pipes": (plain(**pipes), 1),
        "control characters": (plain(**controls), 1),
        "carriage return and line feed": (plain().replace("~", "~\r\n"), 1),
        "several transactions": (interchange([group(two_sets)]), 2),
        "several groups": (interchange([group(two_sets[:1]), group(two_sets[:1], control="2")]), 2),
        "several interchanges": (plain() + plain().replace("000000001", "000000002"), 2),
        "other delimiters in the second interchange": (plain() + "\n" + second, 2),
        "two provider adjustments": (plain(plb=2), 1),
        "no provider adjustment": (plain(plb=0), 1),
        "Latin-1 name": (plain(name="NUÑEZ"), 1),
    }
    return {name: (text.encode("latin-1"), sets, 2 * sets) for name, (text, sets) in files.items()}


def tolerated_variants() -> dict[str, bytes]:
    trimmed = plain().replace("PAYER          ", "PAYER").replace("STEAD          ", "STEAD")
    wrapped = plain()
    wrapped = "\r\n".join(wrapped[i : i + 80] for i in range(0, len(wrapped), 80))
    return {
        "byte order mark": b"\xef\xbb\xbf" + plain().encode(),
        "blank lines first": b"\r\n\n  \n" + plain().encode(),
        "indented": plain().replace("~", "~\n    ").encode(),
        "line feed after each segment": plain().replace("~", "~\n").encode(),
        "carriage return after each segment": plain().replace("~", "~\r").encode(),
        "wrapped at 80 columns": wrapped.encode(),
        "trimmed ISA": trimmed.encode(),
        "trimmed ISA with line feeds": trimmed.replace("~", "\n").encode(),
        "no terminator after IEA": plain().removesuffix("~").encode(),
        "end-of-file mark": plain().encode() + b"\r\n\x1a",
        "no repetition separator": plain(repetition="U").encode(),
        "one character for two roles": plain(repetition=":").encode(),
        "blank segments": plain().replace("~", "~~").replace("T*:~~", "T*:~").encode(),
    }


def person(last: str = "Example", first: str = "Dee") -> Person:
    return Person(last, first)


def billing(**changes: Any) -> BillingProvider:
    fields: dict[str, Any] = {
        "npi": NPI, "taxonomy": "101YM0800X", "address": PLACE, "tax_id": "123456789", "organisation": "Practice LLC",
    }  # fmt: skip
    return BillingProvider(**(fields | changes))


def subscriber(**changes: Any) -> Subscriber:
    fields: dict[str, Any] = {
        "name": person(), "member_id": "M123", "group_number": "G1", "address": PLACE,
        "birth_date": date(1990, 1, 2), "sex": "F",
    }  # fmt: skip
    return Subscriber(**(fields | changes))


def line(**changes: Any) -> ServiceLine:
    fields: dict[str, Any] = {
        "code": "H0004", "charge": Decimal("75.5"), "units": Decimal(1), "pointers": (1,),
        "service_date": date(2026, 2, 17), "modifiers": ("HO",),
    }  # fmt: skip
    return ServiceLine(**(fields | changes))


def claim(**changes: Any) -> Claim:
    fields: dict[str, Any] = {
        "account": "STEAD-1", "charge": Decimal(151), "place": "11", "billing": billing(), "subscriber": subscriber(),
        "payer": Payer("Sandbox Payer", "SBX01"), "diagnoses": ("F411", "F331"),
        "lines": (line(control="1-1"), line(pointers=(2, 1), control="1-2")),
    }  # fmt: skip
    return Claim(**(fields | changes))


def dependent(**changes: Any) -> Dependent:
    fields: dict[str, Any] = {
        "name": person(first="Kit"), "relationship": "19", "address": PLACE,
        "birth_date": date(2015, 5, 6), "sex": "M",
    }  # fmt: skip
    return Dependent(**(fields | changes))


def replacement() -> Claim:
    """A dependent's telehealth claim that replaces an earlier one, with associate, supervisor, referral and papers."""
    return claim(
        account="STEAD-2",
        place="10",
        subscriber=subscriber(address=None, birth_date=None, sex=""),
        dependent=dependent(),
        frequency="7",
        payer_number="ICN77",
        prior_authorization="AUTH1",
        referral="REF1",
        note="RESENT AFTER CORRECTION",
        patient_paid=Decimal(20),
        rendering=Practitioner(Person("Cho", "Sam"), NPI2, "103TC0700X"),
        supervising=Practitioner(Person("Olu", "Ade"), NPI2),
        referring=Practitioner(Person("Ref", "Erring"), NPI2),
        facility=Facility("Clinic North", PLACE, NPI2),
        attachments=(Attachment("OZ", "EL", "ATT1"),),
        lines=(
            line(charge=Decimal(100), modifiers=("95", "HO"), prior_authorization="AUTH2", control="2-1"),
            line(charge=Decimal(51), service_end=date(2026, 2, 18), place="02", note="LATE", control="2-2"),
        ),
    )


def secondary() -> Claim:
    """A claim to a second payer with what the first one paid, line by line."""
    adjustments = (Adjustment("CO", "45", Decimal("11.5")), Adjustment("PR", "3", Decimal(20)))
    decided = LineAdjudication(
        "FIRST", Decimal(44), "H0004", Decimal(1), date(2026, 2, 25), modifiers=("HO",), adjustments=adjustments,
        patient_owes=Decimal(20),
    )  # fmt: skip
    first = OtherCoverage(
        Payer("First Payer", "FIRST"), person(), "F9", "P", group_number="G7", paid=Decimal(88), payer_number="ICN5",
        adjustments=(Adjustment("OA", "23", Decimal("0.5"), Decimal(1)),),
    )  # fmt: skip
    return claim(
        account="STEAD-3",
        subscriber=subscriber(priority="S"),
        other_coverages=(first,),
        lines=(line(adjudications=(decided,), control="3-1"), line(adjudications=(decided,), control="3-2")),
    )


def batch(*claims: Claim) -> ClaimBatch:
    return ClaimBatch(
        "BATCH1", AT, TradingPartner("Stead Practice", "SUB1"), Contact("Ben", "2175550100"),
        TradingPartner("Clearinghouse", "CH1"), claims or (claim(), replacement(), secondary()),
    )  # fmt: skip


def sole(items: Iterable[Any]) -> Any:
    """Give the only thing that was read; more or less than one fails the test."""
    (one,) = items
    return one
