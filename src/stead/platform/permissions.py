"""Who may do what: one declared table, default deny.

Each room declares its rows in its `permissions.py` with `declare(...)`; together they are the table that
`docs/reference/permissions.md` prints and the authorization matrix walks. A permission that nobody declared is held by
nobody. A *permission* is a user's right; an *authorization* is a payer's yes.
"""

from __future__ import annotations

from dataclasses import dataclass

from stead.platform.actors import Actor, Role
from stead.platform.refusals import NotPermitted


@dataclass(frozen=True)
class Permission:
    """`key` is what code asks for, `words` what the page says ("book a visit"), `roles` who holds it by default."""

    key: str
    words: str
    roles: frozenset[Role]


_table: dict[str, Permission] = {}
_glass: set[str] = set()
_link: set[str] = set()


def declare(key: str, words: str, *roles: Role) -> Permission:
    """Add one row to the table. Refuses a second row of the same key."""
    if key in _table:
        raise ValueError(f"The permission {key} is declared twice.")
    _table[key] = Permission(key, words, frozenset(roles))
    return _table[key]


def table() -> list[Permission]:
    """Return every declared permission, by key."""
    return sorted(_table.values(), key=lambda p: p.key)


def find(key: str) -> Permission | None:
    return _table.get(key)


def holds(by: Actor, key: str) -> bool:
    """Answer whether the actor's roles (or a broken glass) hold the permission and, for a token, whether its scopes
    include it."""
    permission = _table.get(key)
    if permission is None:
        return False
    if by.scopes is not None and key not in by.scopes:
        return False
    return bool(by.roles & permission.roles) or key in by.granted


def open_by_glass(key: str) -> None:
    """Let a broken glass open this permission too: reading only, and of what a seat may need in an emergency."""
    _glass.add(key)


def opened_by_glass() -> frozenset[str]:
    return frozenset(_glass)


def open_by_link(key: str) -> None:
    """Let a visit by a link hold this permission of patients too. What no room names here asks for a full sign-in."""
    if "patient" not in _table[key].roles:
        raise ValueError(f"Patients do not hold {key}; a link opens nothing else.")
    _link.add(key)


def opened_by_link() -> frozenset[str]:
    return frozenset(_link)


def check(by: Actor, key: str) -> None:
    """Refuse unless the actor holds the permission."""
    if not holds(by, key):
        permission = _table.get(key)
        what = f" to {permission.words}" if permission else ""
        raise NotPermitted(f"Your seat does not hold the permission{what}. The practice manager can give it.")
