"""Measure the codec on data of its own making, beside pyx12's reader on the same bytes in the same run.

CPU seconds, best of interleaved rounds: on a shared machine wall time would measure the neighbours.
"""

import importlib
import io
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from stead.x12.bench_claims import claim_batches
from stead.x12.bench_data import remittance_file
from stead.x12.claim837p import compose_claims
from stead.x12.faults import Fault
from stead.x12.remit835 import is_balanced, read_remittances

_CLAIMS = 12_000
_WRITTEN = 2_000
_ROUNDS = 5


def bench_x12(claims: int = _CLAIMS, rounds: int = _ROUNDS) -> dict[str, Any]:
    """Give claims read and balanced per second, and the figures around it; `ratio` is ours over pyx12's reader.

    Without pyx12 (a development tool) `ratio` is None and `ratio_missing` says why.
    """
    data = remittance_file(claims)
    reader = _pyx12_reader()
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_cpu_seconds(lambda: _read_and_balance(data, claims)))
        if reader is not None:
            theirs.append(_cpu_seconds(lambda: _read_with_pyx12(reader, data, claims)))
    best = min(ours)
    figures: dict[str, Any] = {
        "name": "x12",
        "value": round(claims / best),
        "unit": "claims/s",
        "n": claims,
        "against": "pyx12's reader",
        "ratio": round(min(theirs) / best, 2) if theirs else None,
        "mb_per_s": round(len(data) / best / 1e6, 1),
        "peak_mb": _peak_megabytes(data, claims),
        "write_claims_per_s": _written_per_second(rounds),
        "bytes": len(data),
    }
    missing = {} if theirs else {"ratio_missing": "pyx12 is not installed"}
    return figures | missing | _not_compared()


def _not_compared() -> dict[str, Any]:
    """Name the other two readers of the figure's row: neither is a dependency, so no ratio is made up for them."""
    return {"oxedi_ratio": None, "x12sdk_ratio": None, "not_compared": "oxedi and x12sdk are no dependencies of ours"}


def _read_and_balance(data: bytes, claims: int) -> None:
    seen = 0
    for item in read_remittances(data):
        if isinstance(item, Fault) or not is_balanced(item.content):
            raise AssertionError("The benchmark's own file was not read and balanced.")
        seen += sum(len(group.claims) for group in item.content.groups)
    _agree(seen, claims)


def _read_with_pyx12(reader: Any, data: bytes, claims: int) -> None:
    segments = reader(io.StringIO(data.decode("latin-1")))
    _agree(sum(segment.get_seg_id() == "CLP" for segment in segments), claims)


def _pyx12_reader() -> Any:
    try:
        return importlib.import_module("pyx12.x12file").X12Reader
    except ImportError:
        return None


def _written_per_second(rounds: int) -> int:
    batches = claim_batches(_WRITTEN)
    seconds = min(_cpu_seconds(lambda: [compose_claims(b, control="0001") for b in batches]) for _ in range(rounds))
    return round(_WRITTEN / seconds)


def _peak_megabytes(data: bytes, claims: int) -> float:
    """Measure what reading adds beyond the file itself; apart from the timing, because tracing slows it."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        _read_and_balance(data, claims)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return round((peak - before) / 1e6, 1)


def _cpu_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _agree(seen: int, expected: int) -> None:
    if seen != expected:
        raise AssertionError("The benchmark did not see every claim.")
