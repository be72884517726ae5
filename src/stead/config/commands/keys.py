"""`stead keys new`, `stead keys rotate`."""

from __future__ import annotations

import sys

import typer
from django.core.exceptions import ImproperlyConfigured

from stead.config.commands.shared import administering, answer, refuse, say, set_up
from stead.config.environment import deployment

keys_app = typer.Typer(no_args_is_help=True, help="Keys of encrypted fields and files.")


@keys_app.command("new")
def new() -> None:
    """Print STEAD_FIELD_KEYS with a fresh key before those in use. It is a secret: send it straight to its store."""
    with deployment(say) as found:
        found.export(admin=False)
        set_up()
        from stead.platform import encryption

        try:
            typer.echo(f"STEAD_FIELD_KEYS={encryption.setting_with_new_key()}")
        except ImproperlyConfigured as error:
            refuse(str(error))


@keys_app.command("rotate")
def rotate() -> None:
    """Rewrite every encrypted field and file under the newest key, beside a running practice. May be stopped and run
    again. Status 1 where something could not be opened: keep the old keys then."""
    with administering():
        from stead.platform import encryption, rotation

        done: dict[str, int] = {}
        failed: dict[str, str] = {}
        try:
            newest = encryption.newest_key()
        except ImproperlyConfigured as error:
            refuse(str(error))
        for what, rewrite in rotation.everything():
            try:
                done[what] = rewrite()
                say(f"{what}: {done[what]} rewritten under {newest}")
            except encryption.ValueNotReadable as error:
                failed[what] = str(error)
                say(f"{what}: {error}")
        answer({"name": "keys rotate", "key": newest, "rewritten": sum(done.values()), "each": done, "failed": failed})
    sys.exit(1 if failed else 0)


def register(app: typer.Typer) -> None:
    app.add_typer(keys_app, name="keys")
