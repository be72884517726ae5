"""The demo's ready logins: one person of the demo practice for each role."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from stead.platform.accounts.models import Membership
from stead.platform.actors import STAFF_ROLES


@dataclass(frozen=True)
class DemoLogin:
    role: str
    words: str
    name: str


def find_demo_membership(role: str) -> Membership | None:
    """Return the person of the role; of several, the one with the fewest other roles."""
    living = Membership.objects.select_related("account", "practice").filter(
        practice__is_demo=True, ended_at=None, account__is_active=True
    )
    if role == "patient":
        return living.filter(kind="patient").order_by("id").first()
    if role not in STAFF_ROLES:
        return None
    found = living.filter(kind="staff", roles__contains=[role]).order_by("id")
    return min(found, key=lambda m: len(m.roles), default=None)


def demo_logins() -> list[DemoLogin]:
    """Return one login per role that the demo practice has somebody for."""
    found = [(role, find_demo_membership(role)) for role in (*STAFF_ROLES, "patient")]
    return [DemoLogin(role, gettext(role.replace("_", " ")), m.name) for role, m in found if m is not None]
