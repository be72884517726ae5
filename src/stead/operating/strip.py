"""Every row of a figure as one mark on a line: a ring within the target, a square beyond it, with the middle named."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT, GROUND = 330, 66, 44


def strip(values: Sequence[float], *, target: float, middle: float, unit: str) -> SafeString:
    """Draw the values against the target; the same values stand in the table beside it."""
    most = max([*values, target]) * 1.05
    step = max(1, ceil(most / 5 / 12) * 12)
    scale = (WIDTH - 12) / most
    marks = [
        format_html('<rect class="dot-off" x="{}" y="26" width="7" height="7"/>', _n(v * scale - 3.5))
        if v > target
        else format_html('<circle class="ring" cx="{}" cy="29.5" r="3.5"/>', _n(v * scale))
        for v in values
    ]
    ticks = [(n * step, _n(n * step * scale)) for n in range(int(most / step) + 1)]
    right = middle >= target
    return format_html(
        '<svg class="chart strip" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img"'
        ' aria-label="{count} values; target {target}, middle {middle}">'
        '<rect class="within" x="0" y="15" width="{tx}" height="{g}"/>'
        '<line class="limit" x1="{tx}" x2="{tx}" y1="12" y2="46"/>'
        '<text x="{tx}" y="10" dx="{tdx}" text-anchor="{ta}">target {target}</text>'
        '<line class="middle" x1="{mx}" x2="{mx}" y1="12" y2="46"/>'
        '<text class="middle" x="{mx}" y="10" dx="{mdx}" text-anchor="{ma}">middle {middle}</text>{marks}'
        '<line class="axis" x1="0" x2="{w}" y1="44" y2="44"/>{ticks}</svg>',
        w=WIDTH,
        h=HEIGHT,
        g=GROUND - 15,
        count=len(values),
        target=f"{target:.0f}",
        middle=f"{middle:.0f}",
        tx=_n(target * scale),
        mx=_n(middle * scale),
        ta="end" if right else "start",
        ma="start" if right else "end",
        tdx=-4 if right else 4,
        mdx=4 if right else -4,
        marks=format_html_join("", "{}", ((m,) for m in marks)),
        ticks=format_html_join("", '<text x="{1}" y="60">{0}</text>', ticks[:-1])
        + format_html('<text x="{}" y="60">{} {}</text>', ticks[-1][1], ticks[-1][0], unit),
    )


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
