"""Our words for the few codes the screens must say aloud.

The official descriptions belong to X12 and are not shipped; a practice may load them. An unknown code is shown as the
code itself: no word is better than a wrong one.
"""

from collections.abc import Mapping

CLAIM_STATUS: Mapping[str, str] = {
    "1": "Decided as first payer",
    "2": "Decided as second payer",
    "3": "Decided as third payer",
    "4": "Denied",
    "19": "Decided as first payer and passed on",
    "20": "Decided as second payer and passed on",
    "21": "Decided as third payer and passed on",
    "22": "Takes an earlier payment back",
    "23": "Not this payer's claim; passed on",
    "25": "Priced only, no payment",
}

ADJUSTMENT_GROUP: Mapping[str, str] = {
    "CO": "Written off under the contract",
    "PR": "Patient owes",
    "OA": "Other adjustment",
    "PI": "Cut by the payer, no contract behind it",
}

PROVIDER_ADJUSTMENT: Mapping[str, str] = {
    "WO": "Overpayment taken back",
    "FB": "Balance carried between remittances",
    "L6": "Interest",
    "72": "Refund acknowledged",
    "CS": "Correction",
    "J1": "Not refundable",
    "IR": "Tax withheld",
    "LE": "Levy",
    "B2": "Rebate",
    "50": "Charge for late filing",
}

PAYMENT_METHOD: Mapping[str, str] = {
    "ACH": "Bank transfer",
    "BOP": "Payer chooses the way",
    "CHK": "Cheque",
    "FWT": "Wire transfer",
    "NON": "No payment",
}

FREQUENCY: Mapping[str, str] = {"1": "New claim", "7": "Replaces an earlier claim", "8": "Voids an earlier claim"}

SET_OUTCOME: Mapping[str, str] = {
    "A": "Accepted",
    "E": "Accepted, errors noted",
    "P": "Partly accepted",
    "R": "Rejected",
    "M": "Rejected: message check failed",
    "W": "Rejected: security check failed",
    "X": "Rejected: could not be decrypted",
}

ACK_CATEGORY: Mapping[str, str] = {
    "A0": "Forwarded to another party",
    "A1": "Received",
    "A2": "Taken in for a decision",
    "A3": "Sent back, cannot be processed",
    "A4": "Not found",
    "A5": "Split into several claims",
    "A6": "Rejected: information is missing",
    "A7": "Rejected: information is invalid",
    "A8": "Rejected: fields contradict each other",
}

BENEFIT: Mapping[str, str] = {
    "1": "Cover is active",
    "2": "Active, full risk with a group",
    "3": "Active, served under a capitation",
    "4": "Active, capitated to a primary care provider",
    "5": "Active, being looked into",
    "6": "Cover is not active",
    "7": "Not active, being looked into",
    "8": "Not active, being reviewed",
    "A": "Share the patient pays",
    "B": "Copay",
    "C": "Deductible",
    "CB": "Basis of cover",
    "D": "Description",
    "F": "Limit",
    "G": "Most the patient pays in the period",
    "I": "Not covered",
    "L": "Primary care provider",
    "R": "Another payer is involved",
    "U": "Ask this other party",
    "X": "Facility",
}

BENEFIT_PERIOD: Mapping[str, str] = {
    "22": "service year",
    "23": "calendar year",
    "24": "year to date",
    "25": "contract",
    "26": "episode",
    "27": "visit",
    "29": "remaining",
    "32": "lifetime",
}

NETWORK: Mapping[str, str] = {
    "Y": "in network",
    "N": "out of network",
    "W": "in and out of network",
    "U": "network not said",
}

INQUIRY_REJECTION: Mapping[str, str] = {
    "15": "Needed information is missing",
    "41": "We have no access to this payer's answers",
    "42": "The payer cannot answer now; ask again later",
    "43": "The payer does not know our NPI",
    "71": "Birth date does not match",
    "72": "Member number is missing or wrong",
    "73": "Name does not match",
    "75": "Member not found",
    "76": "Several members match",
    "79": "The payer id is not served here",
}


def word_for(vocabulary: Mapping[str, str], code: str) -> str:
    """Say a code in our words, or the code itself when we have none."""
    return vocabulary.get(code, code)
