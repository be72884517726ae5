"""Start-up checks: an undeclared route, permission or unsafe setting stops the program before it serves anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from stead.platform import actions, permissions
from stead.platform.actors import STAFF_ROLES
from stead.platform.web import palette
from stead.platform.web.proxy import networks


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield (address pattern, pattern) of every route there is."""
    for pattern in (resolver or get_resolver()).url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, address)
        else:
            yield address, pattern


def accesses_of(pattern: URLPattern) -> dict[str, Any]:
    """Return the declared Access of a route under "page"; of an API address, one for each method. None: undeclared."""
    operations: dict[str, Any] | None = getattr(pattern.callback, "stead_operations", None)
    return operations if operations is not None else {"page": getattr(pattern.callback, "stead_access", None)}


@register()
def every_route_is_declared(**_: Any) -> list[CheckMessage]:
    """Refuse a route without a declared access, and a declared access whose permission nobody declared."""
    return [
        problem
        for address, pattern in routes()
        for method, access in accesses_of(pattern).items()
        if (problem := _problem(address if method == "page" else f"{address} ({method})", access)) is not None
    ]


def _problem(address: str, access: Any) -> CheckMessage | None:
    if access is None:
        hint = "Wrap its view in platform.web.door, or its API operation in platform.web.tokens."
        return Error(f"The route /{address} declares no access.", hint=hint, id="stead.E001")
    if access.permission and permissions.find(access.permission) is None:
        return Error(f"The route /{address} asks for {access.permission}, which is not declared.", id="stead.E002")
    return None


@register()
def every_action_has_a_permission(**_: Any) -> list[CheckMessage]:
    return [
        Error(f"The action {a.name} asks for {a.permission}, which is not declared.", id="stead.E003")
        for a in actions.catalogue()
        if permissions.find(a.permission) is None
    ]


@register()
def roles_with_a_second_step_exist(**_: Any) -> list[CheckMessage]:
    """Refuse a role nobody can hold: a slip of the pen would leave the owner's door open."""
    strange = sorted(settings.STEAD_SECOND_STEP_ROLES - set(STAFF_ROLES))
    hint = f"Roles are {', '.join(STAFF_ROLES)}."
    return [Error(f"STEAD_SECOND_STEP_ROLES names {role}, no role.", hint=hint, id="stead.E004") for role in strange]


@register()
def every_deed_of_the_palette_can_be_done(**_: Any) -> list[CheckMessage]:
    """Refuse an entry that leads nowhere, or that nobody may do."""
    found: list[CheckMessage] = []
    for deed in palette.declared():
        try:
            reverse(deed.url_name)
        except NoReverseMatch:
            found.append(Error(f"“{deed.label}” in the palette leads to no page.", id="stead.E006"))
        if permissions.find(deed.permission) is None:
            found.append(Error(f"“{deed.label}” asks for {deed.permission}, which is not declared.", id="stead.E007"))
    return found


@register()
def trusted_proxies_are_networks(**_: Any) -> list[CheckMessage]:
    try:
        networks(settings.STEAD_TRUSTED_PROXIES)
    except ValueError as error:
        return [Error(f"STEAD_TRUSTED_PROXIES: {error}.", hint="Write it like 10.0.0.0/8,192.0.2.7", id="stead.E005")]
    return []


@register(deploy=True)
def secrets_are_strong(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if len(settings.SECRET_KEY) < 50 or settings.SECRET_KEY.startswith("insecure"):
        found.append(
            Error("STEAD_SECRET_KEY is missing or weak.", hint="Run `stead doctor`; it makes one.", id="stead.E010")
        )
    if settings.DEBUG:
        found.append(Error("DEBUG is on.", id="stead.E011"))
    return found
