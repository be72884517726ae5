"""`stead doctor`."""

from __future__ import annotations

import sys

import typer

from stead.config.commands.shared import answer, say


def doctor() -> None:
    """Check everything a deployment needs, and say how to mend what is missing; status 1 if something is wrong."""
    from stead.config.examining import examine

    findings = list(examine(say))
    width = max(len(f.name) for f in findings)
    for finding in findings:
        mark = {"good": "good  ", "look": "look  ", "wrong": "WRONG "}[finding.state]
        say(f"{mark} {finding.name:<{width}}  {finding.words}")
        if finding.mend:
            say(f"       {'':<{width}}  → {finding.mend}")
    wrong = [f.name for f in findings if f.state == "wrong"]
    answer({"name": "doctor", "ok": not wrong, "wrong": wrong, "states": {f.name: f.state for f in findings}})
    sys.exit(1 if wrong else 0)


def register(app: typer.Typer) -> None:
    app.command()(doctor)
