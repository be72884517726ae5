"""`stead simulate`."""

from __future__ import annotations

from typing import Annotated

import typer

from stead.config.commands.shared import administering, answer, find_practice, say

simulate_app = typer.Typer(no_args_is_help=True, help="Let a practice live.")


@simulate_app.callback()
def simulate() -> None:
    """Let a practice live."""


@simulate_app.command("days")
def simulate_days(
    days: Annotated[int, typer.Argument(help="Days to live on.", min=1, max=400)],
    practice: Annotated[str, typer.Option(help="Short name of the practice.")] = "linden-street",
    seed: Annotated[int, typer.Option(help="The same seed lives the same days.")] = 1,
) -> None:
    """Live on from today through the real actions, on a driven clock."""
    with administering():
        from stead.config.rounds import declare
        from stead.simulation.days import live

        declare()  # a running demo's worker leaves its rounds in the same queue

        answer(live(find_practice(practice), days, seed, say))


@simulate_app.command("load")
def simulate_load(
    clinicians: Annotated[int, typer.Option(help="Practitioners.", min=1, max=200)] = 5,
    years: Annotated[float, typer.Option(help="Years of history; 0 for none.", min=0, max=15)] = 1,
) -> None:
    """Make one more practice of this size and age, for measuring; 50 by 10 is about a million visits.

    A large load builds indexes and constraints once at its end; until then nobody else can use the tables.
    """
    with administering():
        from stead.simulation.load.create import create_load

        made = create_load(clinicians, years, say)
        answer({"name": "simulate load", "practice": made.slug, "rows": made.rows})


def register(app: typer.Typer) -> None:
    app.add_typer(simulate_app, name="simulate")
