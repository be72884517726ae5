"""The journal: the append-only record of everything that happened, written in the action's transaction (ADR 0004)."""
