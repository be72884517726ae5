"""The little Markdown that guides use: paragraphs, `###` heads, numbered and plain lists, *emphasis* and **weight**.

Everything is escaped first and only then marked up, so a guide can hold no HTML.
"""

from __future__ import annotations

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_NUMBERED = re.compile(r"^\d+[.)]\s+")
_PLAIN = re.compile(r"^[-*]\s+")


def to_html(text: str) -> SafeString:
    """Return the guide as HTML; unknown marks stay as they were typed."""
    blocks = [_block(block) for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    return mark_safe("\n".join(blocks))  # noqa: S308  # every text in it was escaped by _inline


def _block(block: str) -> str:
    lines = block.splitlines()
    if lines[0].startswith("#"):
        head = f"<h3>{_inline(lines[0].lstrip('# '))}</h3>"
        return head + ("\n" + _block("\n".join(lines[1:])) if lines[1:] else "")
    for pattern, tag in ((_NUMBERED, "ol"), (_PLAIN, "ul")):
        if pattern.match(lines[0]):
            items = "".join(f"<li>{_inline(item)}</li>" for item in _items(lines, pattern))
            return f"<{tag}>{items}</{tag}>"
    return f"<p>{_inline(' '.join(line.strip() for line in lines))}</p>"


def _items(lines: list[str], pattern: re.Pattern[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        if pattern.match(line):
            items.append(pattern.sub("", line).strip())
        else:
            items[-1] += f" {line.strip()}"
    return items


def _inline(text: str) -> str:
    safe = str(escape(text))
    safe = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", safe)
    return re.sub(r"(?<!\*)\*([^*]+)\*(?!\*)", r"<em>\1</em>", safe)
