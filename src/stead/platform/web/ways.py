"""Whether somebody may go where a link leads: the one answer that every link, button and form of a page asks.

The address is resolved to its view, the view's door names the permission, the table says who holds it. What a seat may
not open is said in plain words, never shown as a link that ends in a refusal.

    {% way account_url css="figure" %}$45.50{% endway %}          the figure, as a link for whoever may open it
    {% way fix_url css="button" whose=True %}Add a policy{% endway %}  or "Add a policy: front desk, biller"
    {% may_go ask_url as may_ask %}{% if may_ask %}<form …>        a form only for whoever may send it
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from stead.platform import permissions
from stead.platform.actors import Actor

NAMES = {"front_desk": "front desk", "owner": "owner", "manager": "practice manager"}
ABOVE = {"owner", "manager", "system", "patient"}


def is_open(by: Actor, url: str) -> bool:
    """Answer whether the door at an address of ours lets this person in; what is not ours is open."""
    permission = _permission_at(_own_path(url))
    return not permission or permissions.holds(by, permission)


def whose(url: str) -> str:
    """Name the seats that may go there, those at work before those above them: "front desk, biller"."""
    found = permissions.find(_permission_at(_own_path(url)))
    roles = [str(role) for role in sorted(found.roles)] if found else []
    named = [role for role in roles if role not in ABOVE] or [role for role in roles if role in NAMES]
    return ", ".join(NAMES.get(role, role) for role in named)


def _own_path(url: str) -> str:
    parts = urlsplit(url)
    return "" if parts.scheme or parts.netloc else parts.path


@lru_cache(maxsize=4096)
def _permission_at(path: str) -> str:
    """Return the permission that the staff door at a path asks for; empty where none is asked or nothing is."""
    try:
        access = getattr(resolve(path).func, "stead_access", None) if path else None
    except Resolver404:
        return ""
    return access.permission if access is not None and access.kind == "staff" else ""
