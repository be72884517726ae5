"""Which gates and playbooks in force this Stead can no longer ask: a fact, an action or a mending that has gone since.

Publishing refuses what cannot be asked; an upgrade that drops a fact strikes what was published before. Such a gate
lets nothing pass (`GateBroken`), so it is better found by `stead verify` and `stead doctor` than at the front desk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from stead.platform import actions as catalogue
from stead.platform.policy.clauses import Clause, ClauseInvalid, compile_clause
from stead.platform.policy.gates import GateInvalid, compile_gate
from stead.processes import queries
from stead.processes.document import clause_troubles
from stead.processes.gates import rule_of
from stead.processes.models import Case, Gate, PlaybookVersion


@dataclass(frozen=True)
class Unaskable:
    """One gate or playbook version of the practice in hand, and why it cannot be asked."""

    kind: str
    name: str
    why: str


def unaskable() -> Iterator[Unaskable]:
    """Yield what cannot be asked of what is in force: gates, published versions, and those that open cases run by."""
    for gate in queries.gates():
        if why := gate_trouble(gate):
            yield Unaskable("gate", gate.key, why)
    running = set(Case.objects.filter(state="open").values_list("version_id", flat=True).distinct())
    versions = PlaybookVersion.objects.select_related("playbook").order_by("playbook__key", "number")
    for version in versions.exclude(state="draft"):
        if (version.state == "published" or version.id in running) and (why := version_trouble(version)):
            yield Unaskable("playbook", f"{version.playbook.key} version {version.number}", why)


def gate_trouble(gate: Gate) -> str:
    """Say why a stored gate can no longer be asked, or ""."""
    action = catalogue.find(gate.action)
    if action is None or not action.gated:
        return f"No action called “{gate.action}” asks gates."
    try:
        if gate.applies_when:
            compile_clause(Clause("applies", gate.name, gate.applies_when), subjects=action.hands)
        compile_gate(rule_of(gate), subjects=action.hands)
    except (ClauseInvalid, GateInvalid) as wrong:
        return wrong.words
    except msgspec.ValidationError as wrong:
        return f"Its clauses cannot be read: {wrong}."
    return ""


def version_trouble(version: PlaybookVersion) -> str:
    """Say why a version's clauses can no longer be asked, or ""; its gates are told by themselves."""
    try:
        document = queries.document_of(version)
    except msgspec.ValidationError as wrong:
        return f"It cannot be read: {wrong}."
    found = [reason for path, reason in clause_troubles(document) if not path.startswith("$.gates")]
    return found[0] if found else ""
