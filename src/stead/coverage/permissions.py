"""Who may do what with coverage."""

from stead.platform.permissions import declare, open_by_link

declare(
    "coverage.read", "see coverage and eligibility", "owner", "manager", "front_desk", "intake", "biller", "clinician"
)
declare(
    "coverage.change",
    "write down a policy",
    "owner", "manager", "front_desk", "intake", "biller", "patient", "system",
)  # fmt: skip
declare("coverage.verify", "compare an insurance card", "owner", "manager", "front_desk", "intake", "biller", "system")
declare("coverage.ask", "ask a payer about cover", "owner", "manager", "front_desk", "intake", "biller", "system")
declare(
    "coverage.answer", "write down a payer's answer", "owner", "manager", "front_desk", "intake", "biller", "system"
)
declare("coverage.authorize", "write down an authorization", "owner", "manager", "intake", "biller", "system")
declare("coverage.count", "count a visit against an authorization", "owner", "manager", "clinician", "biller", "system")
declare("coverage.payers", "keep the list of payers", "owner", "manager", "biller", "system")
declare("coverage.enroll", "write down an enrollment", "owner", "manager", "biller", "system")
declare("coverage.export", "export the list of eligibility checks", "owner", "manager", "biller")
open_by_link("coverage.change")
