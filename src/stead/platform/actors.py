"""Who does something: a member of staff, a patient, or Stead itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

Role = Literal["owner", "manager", "front_desk", "intake", "clinician", "biller", "patient", "public", "system"]
STAFF_ROLES: tuple[Role, ...] = ("owner", "manager", "front_desk", "intake", "clinician", "biller")

_SYSTEM_ID = UUID("00000000-0000-7000-8000-000000000001")
_PUBLIC_ID = UUID("00000000-0000-7000-8000-000000000002")


@dataclass(frozen=True)
class Actor:
    """`id` is the staff member's or the patient's row; `name` is what the journal's margin shows."""

    id: UUID
    kind: Literal["staff", "patient", "system"]
    name: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    scopes: frozenset[str] | None = None
    """Scopes of an API token: None for a signed-in person, else the permissions the token was cut down to."""
    granted: frozenset[str] = frozenset()
    """Permissions beyond the roles while the actor's glass is broken (access.glass)."""

    def has_role(self, role: Role) -> bool:
        return role in self.roles


def public() -> Actor:
    """Somebody nobody knows yet: the sender of a public form. Holds what the role "public" holds, and no more."""
    return Actor(id=_PUBLIC_ID, kind="system", name="Website visitor", roles=frozenset({"public"}))


def system() -> Actor:
    """Stead acting by itself: timers, jobs, the payer's answer."""
    return Actor(id=_SYSTEM_ID, kind="system", name="Stead", roles=frozenset({"system"}))
