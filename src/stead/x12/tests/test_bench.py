from typing import Any

import pytest

from stead.x12 import bench


@pytest.mark.filterwarnings("default")
def test_bench_prints_every_figure_it_promises() -> None:
    figures = bench.bench_x12(claims=450, rounds=1)
    assert figures["n"] == 450
    assert all(figures[key] > 0 for key in ("value", "ratio", "mb_per_s", "peak_mb", "write_claims_per_s", "bytes"))


def test_bench_names_the_readers_it_did_not_find(monkeypatch: Any) -> None:
    monkeypatch.setattr(bench, "_find", lambda module: None)
    figures = bench.bench_x12(claims=10, rounds=1)
    assert figures["ratio"] is None
    assert figures["not_installed"] == ["ratio", "oxedi_ratio", "x12sdk_ratio"]
