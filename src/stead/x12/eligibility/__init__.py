"""270 and 271: ask a payer about cover, read the answer. Source: 005010X279A1."""

from stead.x12.eligibility.answers import (
    Answer,
    CarveOut,
    CoverageState,
    Limit,
    coverage_state,
    deductible,
    find_carve_out,
    needs_authorization,
    out_of_pocket,
    visit_coinsurance,
    visit_copay,
)
from stead.x12.eligibility.inquiry import compose_inquiries, parse_inquiries, read_inquiries
from stead.x12.eligibility.records import (
    GUIDE,
    Benefit,
    Inquiry,
    InquiryBatch,
    InquiryPerson,
    Rejection,
    Reply,
    ReplyBatch,
)
from stead.x12.eligibility.reply import parse_replies, read_replies
from stead.x12.eligibility.reply_writer import compose_replies

__all__ = [
    "GUIDE", "Answer", "Benefit", "CarveOut", "CoverageState", "Inquiry", "InquiryBatch", "InquiryPerson", "Limit",
    "Rejection", "Reply", "ReplyBatch", "compose_inquiries", "compose_replies", "coverage_state", "deductible",
    "find_carve_out", "needs_authorization", "out_of_pocket", "parse_inquiries", "parse_replies", "read_inquiries",
    "read_replies", "visit_coinsurance", "visit_copay",
]  # fmt: skip
