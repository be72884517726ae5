"""`stead simulate`."""

from __future__ import annotations

from typing import Annotated

import typer

from stead.config.commands.shared import administering, answer, find_practice, say

simulate_app = typer.Typer(no_args_is_help=True, help="Let a practice live, or fill one with years of work.")


@simulate_app.command("days")
def simulate_days(
    days: Annotated[int, typer.Argument(help="Days to live on.", min=1, max=400)],
    practice: Annotated[str, typer.Option(help="Short name of the practice.")] = "linden-street",
    seed: Annotated[int, typer.Option(help="The same seed lives the same days.")] = 1,
) -> None:
    """Live on from today through the real actions, on a driven clock."""
    with administering():
        from stead.simulation.days import live

        answer(live(find_practice(practice), days, seed, say))


@simulate_app.command("load")
def simulate_load(
    clinicians: Annotated[int, typer.Option(min=1, max=500)] = 50,
    years: Annotated[int, typer.Option(min=1, max=15)] = 10,
    slug: Annotated[str, typer.Option(help="Short name of the new practice.")] = "load",
) -> None:
    """Make a big practice by COPY, with the same invariants (50 clinicians and 10 years are about 1 M visits)."""
    with administering():
        from stead.simulation.load import load_practice

        answer(load_practice(slug, clinicians, years, say))


def register(app: typer.Typer) -> None:
    app.add_typer(simulate_app, name="simulate")
