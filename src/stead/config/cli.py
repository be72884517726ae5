"""`stead …`: one door for whoever runs a practice's server. Django is imported inside the commands."""

import os

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)


def say(words: str) -> None:
    """Print one line of progress where people look, leaving standard output to results."""
    typer.echo(words, err=True)


def set_up() -> None:
    """Load Django with the environment as it is."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stead.config.settings")
    import django

    django.setup()


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def manage(context: typer.Context) -> None:
    """Pass everything to Django's own commands."""
    set_up()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["stead manage", *context.args])


def main() -> None:
    app()
