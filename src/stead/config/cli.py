"""`stead …`: one door for whoever runs a practice's server. Django is imported inside the commands."""

from __future__ import annotations

import sys

import typer

from stead.config.commands import data, doctor, keys, measuring, people, running, simulating
from stead.platform.database.errors import DatabaseTrouble

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)

for room in (running, people, keys, data, doctor, simulating, measuring):
    room.register(app)


def main() -> None:
    """Run a command; what is expected to go wrong is said in words, without a traceback."""
    from psycopg import OperationalError

    try:
        app()
    except DatabaseTrouble as trouble:
        typer.echo(str(trouble), err=True)
        sys.exit(2)
    except OperationalError as trouble:
        first = str(trouble).strip().splitlines()[0]
        typer.echo(f"The database does not answer: {first}. `stead doctor` looks closer.", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
