"""What a gate or a playbook may ask about a request. The subject is the case; of a case without a request nothing is
known."""

from typing import Any

from stead.intake import queries, rules
from stead.platform.policy.facts import Cost, Fact, SharedLoader, facts
from stead.platform.policy.kinds import NOT_KNOWN, FactValue, Kind


def _request(case: Any) -> dict[str, FactValue | None]:
    row = queries.requests_of([case.subject_id]).get(case.subject_id)
    if row is None:
        return dict.fromkeys(
            ("request.urgent", "request.crisis", "request.self_pay", "request.possible_duplicate"), NOT_KNOWN
        )
    return {
        "request.urgent": rules.alert_of(row.safety_answer) != "",
        "request.crisis": rules.is_crisis(row.safety_answer),
        "request.self_pay": row.self_pay,
        "request.possible_duplicate": row.possible_duplicate_of_id is not None,
    }


_loader = SharedLoader(_request)
facts.declare(
    Fact("request.urgent", Kind.BOOL, "The person needs help within two days, or now", "case", Cost.QUERY, _loader),
    Fact("request.crisis", Kind.BOOL, "The person said to be in danger", "case", Cost.QUERY, _loader),
    Fact("request.self_pay", Kind.BOOL, "The person wants to pay without insurance", "case", Cost.QUERY, _loader),
    Fact("request.possible_duplicate", Kind.BOOL, "A patient of this name is on file", "case", Cost.QUERY, _loader),
)
