"""Send each denial or adjustment to the people who can mend it.

The group code says who owes, the CARC why, and a RARC sometimes tells more than the CARC. A pair nobody foresaw goes
to triage, where a person decides; nothing unknown is ever written off or billed to the patient.
Wording and grouping are ours. A payer's own habits are a table above this one, first match wins.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Queue(StrEnum):
    """Where an adjustment goes; the first two need no work, the rest are queues of people."""

    PATIENT_BALANCE = "patient_balance"
    CONTRACTUAL = "contractual"
    OTHER_INSURANCE = "other_insurance"
    REGISTRATION = "registration"
    AUTHORIZATION = "authorization"
    CODING = "coding"
    CREDENTIALING = "credentialing"
    MEDICAL_NECESSITY = "medical_necessity"
    NON_COVERED = "non_covered"
    RECORDS = "records"
    TIMELY_FILING = "timely_filing"
    DUPLICATE = "duplicate"
    RECOUPMENT = "recoupment"
    TRIAGE = "triage"


_WORDS: Mapping[Queue, str] = {
    Queue.PATIENT_BALANCE: "Patient balance",
    Queue.CONTRACTUAL: "Contractual write-off",
    Queue.OTHER_INSURANCE: "Other insurance",
    Queue.REGISTRATION: "Eligibility and registration",
    Queue.AUTHORIZATION: "Authorization and referral",
    Queue.CODING: "Coding and charge correction",
    Queue.CREDENTIALING: "Practitioner and credentialing",
    Queue.MEDICAL_NECESSITY: "Medical necessity and appeal",
    Queue.NON_COVERED: "Not covered",
    Queue.RECORDS: "Records and attachments",
    Queue.TIMELY_FILING: "Timely filing",
    Queue.DUPLICATE: "Duplicate",
    Queue.RECOUPMENT: "Overpayment and recoupment",
    Queue.TRIAGE: "To be sorted by a person",
}

# Only the group named in _NEEDS_GROUP makes these harmless: a deductible under CO is somebody's mistake.
_BY_CARC: Mapping[Queue, str] = {
    Queue.PATIENT_BALANCE: "1 2 3 187 100",
    Queue.CONTRACTUAL: "45 131 24 104 144 223 237 253 94 59",
    Queue.OTHER_INSURANCE: "22 23 109 129 136 B11 19 20 21 275 276",
    Queue.REGISTRATION: "26 27 31 32 140 177 200 33 227",
    Queue.AUTHORIZATION: "15 39 197 198 165 288 243 95",
    Queue.CODING: "4 5 6 11 16 146 167 181 182 236 97 B15 107 58 110",
    Queue.CREDENTIALING: "B7 170 171 172 183 185 206 207 208 242 299 147",
    Queue.MEDICAL_NECESSITY: "50 55 150 151 119 35 222 193 272 256",
    Queue.NON_COVERED: "96 204 49 246",
    Queue.RECORDS: "163 252 226 251",
    Queue.TIMELY_FILING: "29",
    Queue.DUPLICATE: "18 B13",
}
_BY_RARC: Mapping[Queue, str] = {
    Queue.CODING: "M51 M53 M76 M77 N428 M15 N19 MA130 N56 N362 N822 N823",
    Queue.RECORDS: "M127 N706",
    Queue.DUPLICATE: "M86 N522",
    Queue.OTHER_INSURANCE: "N4 N479 MA04 N418",
    Queue.REGISTRATION: "MA61 N382 N30 N179",
    Queue.CREDENTIALING: "N95 N198 N255 N288 N290 N285 N286",
}
# Notes that ask for nothing: appeal rights, "sent on to the next payer" and the like.
ALERTS = frozenset({"MA01", "MA07", "MA18", "N130"})
# CARCs so general that the remark decides.
_GENERIC_CARCS = frozenset({"16", "96", "A1", "226", "252"})
_NEEDS_GROUP: Mapping[Queue, frozenset[str]] = {
    Queue.PATIENT_BALANCE: frozenset({"PR"}),
    Queue.CONTRACTUAL: frozenset({"CO"}),
}

_CARC_QUEUE = {code: queue for queue, codes in _BY_CARC.items() for code in codes.split()}
_RARC_QUEUE = {code: queue for queue, codes in _BY_RARC.items() for code in codes.split()}


def queue_for(group: str, carc: str, rarcs: Iterable[str] = ()) -> Queue:
    """Find the queue of one adjustment.

    A remark re-routes only a generic or unknown reason; patient balance needs PR and write-off needs CO, else triage.
    """
    known = _CARC_QUEUE.get(carc)
    if known is not None and known in _NEEDS_GROUP:
        return known if group in _NEEDS_GROUP[known] else Queue.TRIAGE
    if known is None or carc in _GENERIC_CARCS:
        routed = (_RARC_QUEUE[code] for code in rarcs if code in _RARC_QUEUE)
        return next(routed, known or Queue.TRIAGE)
    return known


def queue_for_provider_adjustment(reason: str) -> Queue:
    """Find the queue of money moved by a PLB: recoupments are worked, the rest is looked at by a person."""
    return Queue.RECOUPMENT if reason in {"WO", "FB", "72"} else Queue.TRIAGE


def needs_work(queue: Queue) -> bool:
    """Tell whether somebody must act before the money is settled."""
    return queue not in _NEEDS_GROUP


def words_for(queue: Queue) -> str:
    """Name the queue as the biller reads it."""
    return _WORDS[queue]
