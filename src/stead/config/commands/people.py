"""`stead practice create`, `stead token create`."""

from __future__ import annotations

import re
import zoneinfo
from datetime import timedelta
from typing import Annotated

import typer

from stead.config.commands.shared import administering, answer, find_practice, refuse

practice_app = typer.Typer(no_args_is_help=True, help="Practices of this installation.")
token_app = typer.Typer(no_args_is_help=True, help="Tokens of the REST API.")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")


@practice_app.command("create")
def create_practice(
    name: Annotated[str, typer.Argument(help="The practice's name, as patients know it.")],
    owner_name: Annotated[str, typer.Option(help="Name of the owner, who signs in first.")],
    owner_email: Annotated[str, typer.Option(help="Address the owner signs in with.")],
    slug: Annotated[str, typer.Option(help="Short name in addresses; made from the name if left out.")] = "",
    time_zone: Annotated[str, typer.Option(help="Time zone, such as America/Chicago.")] = "America/New_York",
) -> None:
    """Create a practice with its owner. Prints a first password, once."""
    chosen = slug or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not _SLUG.fullmatch(chosen):
        refuse(f"“{chosen}” cannot be a short name: use small letters, digits and hyphens, at most 60.")
    if time_zone not in zoneinfo.available_timezones():
        refuse(f"There is no time zone “{time_zone}”. Write it like America/Chicago.")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", owner_email):
        refuse(f"“{owner_email}” is not an e-mail address.")
    with administering():
        from stead.config.founding import PracticeExists, found_practice

        try:
            practice, password = found_practice(name.strip(), chosen, time_zone, owner_name.strip(), owner_email)
        except PracticeExists as known:
            refuse(str(known))
        answer({"practice": practice.slug, "id": practice.id, "owner": owner_email, "first_password": password})


@token_app.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="What the token is for.")],
    practice: Annotated[str, typer.Option(help="Short name of the practice.")],
    email: Annotated[str, typer.Option(help="Whose rights the token is cut from.")],
    scope: Annotated[list[str], typer.Option(help="A permission the token may use; repeat for more.")],
    days: Annotated[int, typer.Option(help="Days until it ends.", min=1, max=366)] = 90,
) -> None:
    """Create an API token. Prints it once; only its hash is kept."""
    with administering():
        from stead.config.founding import cut_token
        from stead.platform import permissions

        unknown = [key for key in scope if permissions.find(key) is None]
        if unknown:
            refuse(f"There is no permission {', '.join(unknown)}. docs/reference/permissions.md lists them.")
        from stead.platform.accounts.tokens import ScopeRefused

        try:
            found = cut_token(find_practice(practice), email, name, scope, timedelta(days=days))
        except ScopeRefused as refusal:
            refuse(refusal.words)
        if found is None:
            refuse(f"{email} works for no practice “{practice}”, so no token can be cut from their rights.")
        answer({"token": found[0], "name": name, "expires_at": found[1].expires_at, "scopes": scope})


def register(app: typer.Typer) -> None:
    app.add_typer(practice_app, name="practice")
    app.add_typer(token_app, name="token")
