"""Print the reference pages of docs/reference from the code; with --check, fail when one is stale.

Pages: permissions (who may do what), actions (every door for a change), facts (what a gate may ask), mendings (what
its clauses may name as their fix), measures (what the scorecard counts and how), cli (every command).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stead.platform.actions import Action

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "reference"
NOTE = "<!-- Printed by tools/reference.py from the code. Change the code, then run it again. -->\n"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stead.config.settings")
    import django

    django.setup()
    from django.urls import get_resolver

    _ = get_resolver().url_patterns  # loads every room's views, and with them what they declare
    pages: dict[str, Callable[[], str]] = {
        "permissions": permissions, "actions": actions, "facts": facts, "mendings": mendings,
        "measures": measures, "cli": cli,
    }  # fmt: skip
    return check(pages) if "--check" in sys.argv else write(pages)


def write(pages: dict[str, Callable[[], str]]) -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in pages.items():
        (FOLDER / f"{name}.md").write_text(NOTE + page(), encoding="utf-8")
    return 0


def check(pages: dict[str, Callable[[], str]]) -> int:
    stale = [name for name, page in pages.items() if _read(name) != NOTE + page()]
    for name in stale:
        print(f"docs/reference/{name}.md is stale. Run: uv run python tools/reference.py")
    return 1 if stale else 0


def _read(name: str) -> str:
    path = FOLDER / f"{name}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    lines += [f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def permissions() -> str:
    from stead.platform import permissions as declared
    from stead.platform.actors import STAFF_ROLES

    roles = [*STAFF_ROLES, "patient", "public", "system"]
    by_link = declared.opened_by_link()
    rows = (
        [
            f"`{p.key}`",
            p.words,
            *("yes" if role in p.roles else "" for role in roles),
            "yes" if p.key in by_link else "",
        ]
        for p in declared.table()
    )
    text = (
        "# Permissions\n\nWho may do what by default. What is not listed is held by nobody. The last column is what a "
        "patient may do who came by a link and is not signed in (ADR 8).\n\n"
    )
    return text + table(["permission", "to", *(r.replace("_", " ") for r in roles), "patient by link"], rows)


def actions() -> str:
    from stead.platform import actions as declared

    text = "# Actions\n\nEvery door for a change. A gated one asks the practice's own rules first.\n"
    rooms: dict[str, list[list[str]]] = {}
    for action in declared.catalogue():
        row = [f"`{action.name}`", action.summary, f"`{action.permission}`", _gated(action)]
        rooms.setdefault(action.room, []).append(row)
    for room, rows in sorted(rooms.items()):
        text += f"\n## {room.capitalize()}\n\n" + table(["action", "does", "permission", "gated"], rows)
    return text


def _gated(action: Action) -> str:
    if action.asks:
        return f"by the gates of `{action.asks}`"
    return f"yes, about {', '.join(action.hands)}" if action.gated else ""


def mendings() -> str:
    from stead.platform.policy.mendings import mendings as registry

    rows = (
        [f"`{m.name}{f':<{m.takes}>' if m.takes else ''}`", m.words, f"`{m.permission}`", m.subject,
         ", ".join(f"`{c}`" for c in sorted(m.choices))]
        for m in registry
    )  # fmt: skip
    text = "# Mendings\n\nWhat a clause may name as its `fix`: a form that opens from a refusal and returns to it.\n\n"
    return text + table(["fix", "does", "permission", "of", "may be followed by"], rows)


def facts() -> str:
    from stead.platform.policy.facts import facts as registry

    _, known = registry.snapshot()
    rows = (
        [f"`{f.name}`", f.kind.name.lower(), f.subject or "none", f.cost.name.lower(), f.meaning]
        for f in sorted(known.values(), key=lambda f: f.name)
    )
    text = "# Facts\n\nWhat a gate's clauses may ask. A fact that is not known makes its clause *not known yet*.\n\n"
    return text + table(["fact", "kind", "of", "cost", "meaning"], rows)


def measures() -> str:
    from stead.operating.measures import CATALOGUE

    text = "# Measures\n\nEach figure is made of exactly the rows that it opens.\n"
    for measure in CATALOGUE:
        goal = f"{measure.direction.replace('_', ' ')} {measure.target}" if measure.target is not None else "none set"
        text += (
            f"\n## {measure.name}\n\n`{measure.key}` · {measure.group} · {measure.unit} · target: {goal}"
            f" · seat: `{measure.seat}`\n\n{measure.defined}\n\nLeft out: {measure.excluded}\n"
        )
    return text


def cli() -> str:
    import typer

    from stead.config.cli import app

    text = "# Commands\n\nRun with `uv run stead …`.\n"
    return text + "".join(_command(typer.main.get_command(app), "stead"))


def _command(command: object, path: str) -> Iterable[str]:
    subcommands = getattr(command, "commands", None)
    if subcommands is not None:
        for name, child in sorted(subcommands.items()):
            if not child.hidden:
                yield from _command(child, f"{path} {name}")
        return
    words = (command.help or "").strip().split("\n\n")[0].replace("\n", " ")  # type: ignore[attr-defined]
    yield f"\n## `{path}`\n\n{words}\n"
    rows = [
        [f"`{' '.join(p.opts) if p.param_type_name == 'option' else p.name.upper()}`", (p.help or "").strip()]
        for p in command.params  # type: ignore[attr-defined]
        if p.name != "help"
    ]
    if rows:
        yield "\n" + table(["option", "meaning"], rows)


if __name__ == "__main__":
    sys.exit(main())
