"""Gates: the practice's rules for an action, asked by the action at the moment of change.

    decision = gates.ask("book_appointment", {"patient": patient, "appointment": draft}, by=by, at=at,
                         override=request.override)          # raises GateRefused

Several gates may stand at one action; all are asked, so that a refusal names everything that is missing at once. *Warn*
and *watch* never refuse. An override (permission, reason, end) is kept and honoured until it ends. A refusal is written
to the journal after the action's own rows were taken back; it says of each clause what the record says, whose it is,
and which of the declared mendings opens the form that mends it.
"""

from stead.processes.gates.asking import OverrideInvalid, OverrideRequest, ask
from stead.processes.gates.deciding import Decision, GateBroken, GateRefused, compiled, rule_of, why_not
from stead.processes.gates.showing import as_refusal

__all__ = [
    "Decision",
    "GateBroken",
    "GateRefused",
    "OverrideInvalid",
    "OverrideRequest",
    "as_refusal",
    "ask",
    "compiled",
    "rule_of",
    "why_not",
]
