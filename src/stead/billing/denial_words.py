"""What a payer's refusal means and what to do about it, in our own words.

The texts of the code lists are their owners'; these say what a biller does with a code. A code that is not here is
named by its queue alone, never by a guess.
"""

from __future__ import annotations

from collections.abc import Mapping

from stead.x12.queues import Queue

_REASONS: Mapping[str, str] = {
    "4": "The modifier does not go with the service, or one is wanted",
    "5": "The place of service does not go with the service",
    "6": "The service does not go with the patient's age",
    "11": "The diagnosis does not support the service",
    "15": "The plan does not accept our authorization number for this visit",
    "16": "Something on the claim is missing or wrong; the remark says what",
    "18": "The plan thinks it has this claim already",
    "22": "The plan thinks that another one pays first",
    "23": "What another plan paid was counted in",
    "26": "The visit was before the policy began",
    "27": "The visit was after the policy ended",
    "29": "The claim came after the plan's deadline for filing",
    "31": "The plan does not know this person as its member",
    "32": "The plan's records do not cover this family member",
    "33": "The plan's records name no cover for this family member",
    "35": "The lifetime limit of the benefit is used up",
    "39": "The plan refused the authorization when it was asked for",
    "49": "The plan takes this for routine care, which it leaves out",
    "50": "The plan does not see that the care was needed",
    "55": "The plan takes this for unproven treatment",
    "96": "The policy leaves this service out; the remark says why",
    "97": "The plan counts this as part of another service it paid",
    "109": "The claim went to the wrong plan",
    "119": "The plan's limit for the period is reached",
    "140": "Name and member number do not belong together",
    "146": "The diagnosis code was not valid on the day of the visit",
    "147": "Our contract rate was not found",
    "150": "The plan sees no support for this level of service",
    "151": "The plan sees no support for so many visits",
    "163": "A record that the claim speaks of did not arrive",
    "165": "A referral is missing",
    "167": "The policy leaves this diagnosis out",
    "170": "The plan does not pay this service from this kind of practitioner",
    "171": "The plan does not pay this practitioner in this kind of place",
    "172": "The plan does not pay this specialty for the service",
    "177": "The patient did not meet the plan's conditions for membership",
    "181": "The service code was not valid on the day of the visit",
    "182": "The modifier was not valid on the day of the visit",
    "183": "The referring practitioner may not refer for this",
    "185": "The plan does not let this practitioner give the service",
    "197": "The plan wanted to be asked before the visit",
    "198": "The visit goes past what was authorized",
    "200": "The policy had lapsed on the day of the visit",
    "204": "The patient's own policy does not include this service",
    "206": "The NPI is missing",
    "207": "The NPI has the wrong shape",
    "208": "The plan has another NPI on file",
    "222": "More than the contract allows was billed for the period",
    "226": "The plan asked for information and did not get it in time or in full",
    "227": "The plan asked the patient for information and did not get it",
    "236": "Two services of one day do not go together by the plan's rules",
    "242": "The practitioner is not in the plan's network",
    "243": "The network's gatekeeper did not approve the visit",
    "252": "The plan wants a record before it decides; the remark says which",
    "256": "The contract with the plan does not pay this service",
    "B7": "The plan has no enrollment of the practitioner for that day",
    "B13": "The plan thinks it paid this before",
}
_NEXT: Mapping[Queue, str] = {
    Queue.OTHER_INSURANCE: "Ask the patient which plan pays first, put the policies in order, and bill that plan.",
    Queue.REGISTRATION: "Check eligibility for the day of the visit; compare name, birth date and member number with"
    " the card; correct and send again.",
    Queue.AUTHORIZATION: "Look for an authorization that covers the day and quote it in the replacement. If there is"
    " none, ask the payer for one after the fact.",
    Queue.CODING: "Compare the codes with the signed note, ask the clinician before a diagnosis changes, and send the"
    " replacement.",
    Queue.CREDENTIALING: "Compare NPI and enrollment with what the payer has on file for that day; have the payer"
    " correct it, then send the replacement.",
    Queue.MEDICAL_NECESSITY: "Ask the clinician what in the record supports the visit, and appeal with it.",
    Queue.NON_COVERED: "Check the benefit. If the policy leaves the service out, bill the patient where that is"
    " allowed, or write it off.",
    Queue.RECORDS: "Send the record that was asked for, and nothing more.",
    Queue.TIMELY_FILING: "If the history shows that the claim was taken in on time, appeal with that proof; else write"
    " it off.",
    Queue.DUPLICATE: "Find the first claim and its answer. If it was paid, write this one off; if there were two"
    " visits, appeal.",
    Queue.RECOUPMENT: "Compare what is taken back with what was paid; dispute it, or let it stand.",
    Queue.TRIAGE: "Read the answer, ask the payer what it wants, and decide by hand.",
}
GROUPS: Mapping[str, str] = {
    "CO": "The plan says that the patient may not be asked for it",
    "PR": "The plan says that the patient owes it",
    "OA": "Another payer or rule comes first, says the plan",
    "PI": "The plan cut it by its own rule",
}
"""What a refusal's group code says. As an adjustment CO is a write-off; as a refusal it only names who bears it."""


def reason_words(code: str) -> str:
    """Say what a reason code means; for one we have no words for, say so."""
    return _REASONS.get(code, f"Reason {code}: ask the payer what it means here")


def group_words(group: str, *, left_to_next: bool = False) -> str:
    """Say who bears an amount, by the payer's word."""
    return "The plan sent the claim on to the next plan" if left_to_next else GROUPS.get(group, group)


def next_step(queue: str, *, left_to_next: bool = False) -> str:
    """Say what to do about a denial of a queue; `left_to_next` is the patient's part that another plan may still
    pay."""
    if left_to_next:
        return (
            "Watch for the next plan's answer. If none comes, bill that plan with this answer; if it pays nothing, bill"
            " the patient."
        )
    return _NEXT.get(Queue(queue), "")
