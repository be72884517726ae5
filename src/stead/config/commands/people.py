"""`stead practice create`, `stead account reset`, `stead token create`."""

from __future__ import annotations

import re
import zoneinfo
from datetime import timedelta
from typing import Annotated

import typer

from stead.config.commands.shared import administering, answer, find_practice, refuse

practice_app = typer.Typer(no_args_is_help=True, help="Practices of this installation.")
account_app = typer.Typer(no_args_is_help=True, help="What people sign in with.")
token_app = typer.Typer(no_args_is_help=True, help="Tokens of the REST API.")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")


@practice_app.command("create")
def create_practice(
    name: Annotated[str, typer.Argument(help="The practice's name, as patients know it.")],
    owner_name: Annotated[str, typer.Option(help="Name of the owner, who signs in first.")],
    owner_email: Annotated[str, typer.Option(help="Address the owner signs in with.")],
    slug: Annotated[str, typer.Option(help="Short name in addresses; made from the name if left out.")] = "",
    time_zone: Annotated[str, typer.Option(help="Time zone, such as America/Chicago.")] = "America/New_York",
    clinician: Annotated[bool, typer.Option("--clinician", help="The owner treats patients too.")] = False,
    seats: Annotated[str, typer.Option(help="Seats to begin with: solo, group or multi_site.")] = "",
    legal_name: Annotated[str, typer.Option(help="Name for payers; the name above if left out.")] = "",
    npi: Annotated[str, typer.Option(help="NPI of the practice; with it the profile is set.")] = "",
    tax_id: Annotated[str, typer.Option(help="Tax number, nine digits.")] = "",
    taxonomy: Annotated[str, typer.Option(help="Taxonomy code of the practice.")] = "261QM0801X",
    phone: Annotated[str, typer.Option(help="Telephone of the practice.")] = "",
    street: Annotated[str, typer.Option(help="Street and number of the billing address.")] = "",
    city: Annotated[str, typer.Option()] = "",
    state: Annotated[str, typer.Option(help="Two letters.")] = "",
    zip_code: Annotated[str, typer.Option("--zip", help="Five or nine digits.")] = "",
) -> None:
    """Create a practice with its owner, seats and profile. Prints a first password, once."""
    chosen = slug or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not _SLUG.fullmatch(chosen):
        refuse(f"“{chosen}” cannot be a short name: use small letters, digits and hyphens, at most 60.")
    if time_zone not in zoneinfo.available_timezones():
        refuse(f"There is no time zone “{time_zone}”. Write it like America/Chicago.")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", owner_email):
        refuse(f"“{owner_email}” is not an e-mail address.")
    with administering():
        from stead.config.founding import Founding, PracticeExists, found_practice
        from stead.platform.refusals import Refusal
        from stead.practice.presets import PRESETS
        from stead.practice.rules import check_profile
        from stead.practice.terms import ProfileDetails

        if seats and seats not in PRESETS:
            refuse(f"There is no preset of seats “{seats}”. There are {', '.join(PRESETS)}.")
        profile = None
        if npi or tax_id:
            digits = (value.replace("-", "").replace(" ", "") for value in (npi, tax_id, zip_code))
            number, tax, plain_zip = digits
            profile = ProfileDetails(
                legal_name or name.strip(), number, tax, taxonomy, phone, owner_email, street, city, state.upper(),
                plain_zip,
            )  # fmt: skip
        said = Founding(name.strip(), chosen, time_zone, owner_name.strip(), owner_email, profile, seats, clinician)
        try:
            if profile is not None:
                check_profile(profile)
            practice, password = found_practice(said)
        except PracticeExists as known:
            refuse(str(known))
        except Refusal as refusal:
            refuse(f"{(refusal.field or 'profile').replace('_', '-')}: {refusal.words}")
        answer({"practice": practice.slug, "id": practice.id, "owner": owner_email, "first_password": password})


@account_app.command("reset")
def reset_account(
    email: Annotated[str, typer.Argument(help="Address the person signs in with.")],
    site: Annotated[str, typer.Option(help="Address of this Stead, such as https://stead.example.")] = "",
) -> None:
    """Make a link to a new password for somebody whom mail does not reach. It works once, for an hour; hand it over
    only to whom it is for, and only after you know that it is they. Sessions and tokens end when it is used."""
    with administering():
        from django.conf import settings

        from stead.platform import clock
        from stead.platform.accounts.models import Account
        from stead.setup import reset

        account = Account.objects.filter(email=email.strip().lower(), is_active=True).first()
        if account is None:
            refuse(f"Nobody signs in as “{email}”.")
        row, token = reset.make_link_by_operator(account, clock.now())
        home = site or next(iter(settings.CSRF_TRUSTED_ORIGINS), "http://127.0.0.1:8000")
        answer({"link": f"{home.rstrip('/')}/sign-in/reset/{token}/", "email": account.email, "until": row.expires_at})


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
    app.add_typer(account_app, name="account")
    app.add_typer(token_app, name="token")
