"""`stead bench NAME` and `stead drill NAME`: every figure that Stead states about itself is a command."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from stead.config.commands.shared import answer, refuse, say, set_up

Full = Annotated[bool, typer.Option("--full", help="The full size instead of one that takes under a minute.")]


def bench(
    name: Annotated[str, typer.Argument(help="Which figure; leave out for the list.")] = "",
    full: Full = False,
) -> None:
    """Measure one figure and print it as one JSON line; status 1 if something that must hold did not."""
    from stead.config.figures import BENCHES, run
    from stead.config.ruler.chromium import NoBrowser

    _check_name(name, BENCHES, "bench")
    set_up()  # each figure starts a database of its own, so that no environment is asked for one
    try:
        said = run(BENCHES[name], name, {"full": full}, say)
    except NoBrowser as missing:
        refuse(str(missing))
    answer(said)
    sys.exit(0 if said.get("ok", True) else 1)


def drill(
    name: Annotated[str, typer.Argument(help="Which drill; leave out for the list.")] = "",
    rounds: Annotated[int, typer.Option(help="Rounds of the kill drill.", min=1)] = 3,
    n: Annotated[int, typer.Option("--n", help="Size of the isolation drill.", min=1)] = 1000,
    seeds: Annotated[str, typer.Option(help="Seeds of the week-off drill, with commas between.")] = "1",
    full: Full = False,
) -> None:
    """Break something on purpose and count what was lost; status 1 if anything was."""
    from stead.config.figures import DRILLS, run

    _check_name(name, DRILLS, "drill")
    set_up()
    said = run(DRILLS[name], name, {"rounds": rounds, "n": n, "seeds": seeds, "full": full}, say)
    answer(said)
    sys.exit(0 if said.get("ok", True) else 1)


def _check_name(name: str, known: dict[str, str], kind: str) -> None:
    if name not in known:
        which = f"There is no {kind} “{name}”." if name else f"Name one {kind}."
        refuse(f"{which} There are: {', '.join(sorted(known))}.")


def register(app: typer.Typer) -> None:
    app.command()(bench)
    app.command()(drill)
