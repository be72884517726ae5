"""What the files of the design system promise: hashes, contrast, size, policy."""

import gzip
import hashlib
import re
import runpy
import tomllib
from itertools import product
from pathlib import Path

import pytest

from stead.platform.ui.assets import STYLES
from stead.platform.ui.marks import MARKS

ROOT = Path(__file__).resolve().parents[5]
STATIC = ROOT / "src/stead/platform/static/ui"
TEMPLATES = [*ROOT.glob("src/stead/**/templates/**/*.html")]
SCRIPTS = [*ROOT.glob("src/stead/**/static/**/js/*.js")]
FORBIDDEN = {
    "style attribute": r"<[^>]*\sstyle=",
    "inline style": r"<style\b",
    "inline script": r"<script(?![^>]*\bsrc=)",
    "event attribute": r"<[^>]*\son[a-z]+=",
    "hx-on": r"hx-on[:-]",
    "evaluated value": r"""hx-[a-z:-]+=["']js:""",
    "file from elsewhere": r"""(?:src|href)=["']https?:""",
}


def vendored() -> list[dict[str, str]]:
    with (ROOT / "vendor.toml").open("rb") as file:
        return tomllib.load(file)["file"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("entry", vendored(), ids=lambda e: Path(e["file"]).name)
def test_vendored_file_is_the_one_written_down(entry: dict[str, str]) -> None:
    assert hashlib.sha256((ROOT / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert (ROOT / entry["licence_file"]).stat().st_size > 100


def test_every_vendored_file_is_written_down() -> None:
    known = {ROOT / entry["file"] for entry in vendored()}
    assert {*(STATIC / "vendor").iterdir(), *(STATIC / "fonts").iterdir()} <= known


def tokens(theme: int) -> dict[str, str]:
    pairs = re.findall(r"--([a-z0-9-]+): light-dark\((#\w{6}), (#\w{6})\)", (STATIC / "css/tokens.css").read_text())
    return {pair[0]: pair[1 + theme] for pair in pairs}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


GROUNDS = ("paper", "sheet", "sunk", "wash-pine", "wash-brick", "wash-ochre", "wash-slate")
TEXTS = ("ink", "ink-2", "ink-3", "pine", "brick", "ochre", "slate")


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_text_colour_is_readable_on_every_ground(theme: int) -> None:
    colour = tokens(theme)
    low = {(t, g): contrast(colour[t], colour[g]) for t, g in product(TEXTS, GROUNDS)}
    assert {pair: c for pair, c in low.items() if c < 4.5} == {}
    assert min(contrast(colour["edge"], colour[g]) for g in GROUNDS) >= 3
    assert contrast(colour["on-pine"], colour["pine"]) >= 7


def test_styles_stay_small() -> None:
    """The direction's budget: under 15 KB compressed for everything a page loads."""
    together = b"".join((STATIC / f"css/{name}.css").read_bytes() for name in STYLES)
    assert len(gzip.compress(together, 9)) < 15 * 1024


def test_sprite_draws_every_mark() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "marks.svg").read_text()))
    assert drawn >= set(MARKS)
    assert len(MARKS) == 15


def test_calendar_grid_is_not_stale() -> None:
    written = runpy.run_path(str(ROOT / "tools/calendar_grid.py"))["sheet"]()
    assert (STATIC / "css/calendar-grid.css").read_text() == written


@pytest.mark.parametrize("what", FORBIDDEN)
def test_templates_keep_the_content_security_policy(what: str) -> None:
    broken = [str(t.relative_to(ROOT)) for t in TEMPLATES if re.search(FORBIDDEN[what], t.read_text())]
    assert broken == []


def test_scripts_evaluate_nothing() -> None:
    evaluating = re.compile(r"\beval\(|new Function|\.style\b|setAttribute\(.style")
    assert [s.name for s in SCRIPTS if evaluating.search(s.read_text())] == []


def test_colours_are_named_only_in_the_tokens() -> None:
    elsewhere = [p for p in (STATIC / "css").glob("*.css") if p.stem not in ("tokens", "print", "palette")]
    assert [p.name for p in elsewhere if re.search(r"#[0-9a-fA-F]{3,8}\b(?![\"'])|\brgb\(", p.read_text())] == []


def test_every_spanish_text_is_filled_and_compiled() -> None:
    folder = ROOT / "src/stead/platform/locale/es/LC_MESSAGES"
    source = (folder / "django.po").read_text()
    assert re.findall(r'msgid "(.+)"\nmsgstr ""\n\n', source) == []
    compiled = (folder / "django.mo").read_bytes()
    texts = re.findall(r'^msgstr "(.+)"$', source, re.MULTILINE)
    assert [text for text in texts if text.encode() not in compiled] == []
