"""Colours and density: the person's own choice on every device; what the device remembers where nobody is signed in."""

from __future__ import annotations

from django.http import HttpRequest

from stead.platform.accounts.session import find_account

NAMES = ("theme", "density")


def look_of(request: HttpRequest) -> dict[str, str]:
    """Return theme and density for the page's root element; empty where nothing was chosen. Not for a practice's page
    that is open to visitors: inside it accounts cannot be read."""
    account = find_account(request)
    return {name: getattr(account, name) for name in NAMES} if account else device_look(request)


def device_look(request: HttpRequest) -> dict[str, str]:
    return {name: request.COOKIES.get(name, "") for name in NAMES}
