"""Hold what is private in a room: other rooms reach it through its doors only.

`style.md` calls the doors: terms, rules, queries, actions, events, and models for keys and hints. A package counts as
the door it is named after. Registries that a lower room offers to higher ones are listed here by name, because being
listed is what makes them public.
"""

import sys

import grimp

DOORS = {"terms", "rules", "queries", "actions", "events", "models"}
REGISTRIES = {
    "forms.samples", "care.imports", "coverage.facts", "billing.ports", "messaging.ports", "patients.slip",
    "patients.sections",
    "processes.gates", "scheduling.arriving", "scheduling.free", "scheduling.setup", "scheduling.fields",
    "scheduling.slots",
}  # fmt: skip
OWED: set[tuple[str, str]] = set()
"""(importer, imported) of ways around a door that are known and to be mended. None is."""
ABOVE = {"config", "testing", "simulation"}
"""Rooms that drive the others as a whole; what they may import is held by the layers alone."""
BELOW = {"platform", "x12"}
"""Not rooms of the practice: what they offer is meant for all."""


def main() -> int:
    graph = grimp.build_graph("stead")
    found = [
        f"{importer} imports {imported}, which is private to its room"
        for importer in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
        if is_private(importer, imported)
    ]
    for line in found:
        print(line)
    return 1 if found else 0


def is_private(importer: str, imported: str) -> bool:
    ours, theirs = importer.split(".")[1:], imported.split(".")[1:]
    if not ours or len(theirs) < 2 or ours[0] == theirs[0] or ours[0] in ABOVE or theirs[0] in BELOW:
        return False
    if "tests" in ours:
        return False
    if (".".join(ours), ".".join(theirs)) in OWED:
        return False
    return theirs[1] not in DOORS and ".".join(theirs[:2]) not in REGISTRIES


if __name__ == "__main__":
    sys.exit(main())
