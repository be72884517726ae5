"""Small charts drawn on the server as SVG, beside the table that holds the same figures.

Each takes plain numbers and a label for those who do not see it. Positions are SVG attributes (allowed by the strict
policy), colours are classes of chart.css. Bars start at zero; nothing has a second axis.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def _svg(width: float, height: float, label: str, body: SafeString) -> SafeString:
    return format_html(
        '<svg class="chart" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img" aria-label="{}">{}</svg>',
        label,
        body,
        w=_n(width),
        h=_n(height),
    )


def _n(value: float) -> str:
    """Write a coordinate short; two decimals are finer than a screen."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _join(pattern: str, rows: Sequence[tuple[object, ...]]) -> SafeString:
    return format_html_join("", pattern, rows)


def day_bars(values: Sequence[float], *, now: int, label: str, most: float | None = None) -> SafeString:
    """Draw one bar per half hour: past filled, the present one pine, the rest outlined.

    `now` is the index of the running bar (len(values) when the day is over); `most` fixes the height for rows that
    are compared with each other.
    """
    width, gap, height = 10.0, 3.0, 25.0
    top = most or max(values, default=0) or 1
    rows: list[tuple[object, ...]] = []
    for index, value in enumerate(values):
        tall = max(1.0, value / top * (height - 1))
        kind = "fact" if index < now else "now" if index == now else "future"
        inset = 0.5 if kind == "future" else 0
        rows.append((kind, _n(index * (width + gap) + inset), _n(height - tall + inset), _n(width), _n(tall - inset)))
    body = _join('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', rows)
    return _svg(len(values) * (width + gap), height + 0.5, label, body)


def spark(values: Sequence[float], *, target: float, off: Sequence[bool], label: str) -> SafeString:
    """Draw a line over the weeks with the target dotted and each week off target as a square."""
    width, height, pad = 104.0, 24.0, 3.0
    low, high = min([*values, target]), max([*values, target])
    span = (high - low) or 1

    def y(value: float) -> float:
        return height - pad - (value - low) / span * (height - 2 * pad)

    step = (width - 2 * pad) / max(1, len(values) - 1)
    points = [(pad + index * step, y(value)) for index, value in enumerate(values)]
    line = " ".join(f"{_n(px)},{_n(py)}" for px, py in points)
    squares = [(_n(px - 2), _n(py - 2)) for (px, py), bad in zip(points, off, strict=True) if bad]
    body = format_html(
        '<line class="target" x1="0" x2="{}" y1="{y}" y2="{y}"/><polyline class="line" points="{}"/>{}',
        _n(width),
        line,
        _join('<rect class="dot-off" x="{}" y="{}" width="4" height="4"/>', squares),
        y=_n(y(target)),
    )
    return _svg(width, height, label, body)


def tally(shares: Sequence[float], *, label: str, width: float = 270.0) -> SafeString:
    """Draw one stroke per open case at its age as a share of the limit (1.0 is the limit, 2.0 and more the end)."""
    height, limit, end = 20.0, width * 0.43, width - 12

    def x(share: float) -> float:
        return min(end, share * limit) + 1

    strokes = [("stroke over" if share > 1 else "stroke", _n(x(share))) for share in shares]
    beyond = any(share * limit > end for share in shares)
    body = format_html(
        '<rect class="ground" x="0" y="1" width="{}" height="18"/>{}{}'
        '<line class="limit" x1="{x}" x2="{x}" y1="-7" y2="27"/>',
        _n(limit),
        _join('<line class="{0}" x1="{1}" x2="{1}" y1="4" y2="16"/>', strokes),
        format_html('<path class="stroke over line" d="m{} 6 4 4-4 4"/>', _n(end + 5)) if beyond else "",
        x=_n(limit),
    )
    return _svg(width, height, label, body)


@dataclass(frozen=True, slots=True)
class Share:
    """A bar that is partly kept and partly lost, out of `most` on the row that is longest."""

    kept: float
    lost: float
    most: float


def share_bar(share: Share, *, label: str, width: float = 195.0, target: float | None = None) -> SafeString:
    """Draw kept in ink and lost hatched; an optional target is one line on the same scale."""
    scale = (width - 2) / (share.most or 1)
    kept, lost = share.kept * scale, share.lost * scale
    tick = format_html('<line class="limit" x1="{x}" x2="{x}" y1="0" y2="16"/>', x=_n(target * scale)) if target else ""
    body = format_html(
        '<rect class="kept" x="0" y="2" width="{}" height="12"/>'
        '<rect class="lost" x="{}" y="2.5" width="{}" height="11"/>{}',
        _n(kept),
        _n(kept),
        _n(lost),
        tick,
    )
    return _svg(width, 16, label, body)
