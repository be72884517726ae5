from xml.etree import ElementTree

import pytest

from stead.platform.ui.charts import Share, day_bars, share_bar, spark, tally


def parts(svg: str, css: str) -> list[ElementTree.Element]:
    return [e for e in ElementTree.fromstring(svg).iter() if e.get("class") == css]


def test_day_bars_tell_past_now_and_future_apart() -> None:
    svg = day_bars([2, 4, 6, 3], now=1, label="Sessions")
    assert [len(parts(svg, kind)) for kind in ("fact", "now", "future")] == [1, 1, 2]


def test_day_bars_start_at_zero() -> None:
    half, whole = parts(day_bars([3, 6], now=9, label="x"), "fact")
    assert float(half.get("height", "0")) == pytest.approx(float(whole.get("height", "0")) / 2)


def test_empty_day_still_draws() -> None:
    assert 'role="img"' in day_bars([], now=0, label="Closed")


def test_tally_has_one_stroke_per_case_and_brick_ones_beyond_the_limit() -> None:
    svg = tally([0.1, 0.9, 1.0, 1.1, 9], label="Cases")
    assert len(parts(svg, "stroke")) == 3
    assert len(parts(svg, "stroke over")) == 2
    assert len(parts(svg, "stroke over line")) == 1


def test_spark_marks_each_week_off_target() -> None:
    svg = spark([1, 2, 3], target=2, off=[False, False, True], label="Weeks")
    assert len(parts(svg, "dot-off")) == 1


def test_share_bar_keeps_the_proportion_of_kept_and_lost() -> None:
    svg = share_bar(Share(30, 10, 40), label="x", width=202)
    kept, lost = parts(svg, "kept")[0], parts(svg, "lost")[0]
    assert (kept.get("width"), lost.get("width")) == ("150", "50")


def test_label_is_escaped() -> None:
    assert "<script" not in tally([0.5], label='"><script>')
