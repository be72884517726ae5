"""Measure the codec on data of its own making, beside pyx12's reader on the same bytes in the same run.

CPU seconds, readers by turns: on a shared machine wall time would measure the neighbours.
"""

import importlib
import io
import statistics
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
# The pydantic models of x12sdk read some thousand claims a second.
_SLOW_CLAIMS = 400


def bench_x12(claims: int = _CLAIMS, rounds: int = _ROUNDS) -> dict[str, Any]:
    """Give claims read and balanced per second, and how many times faster that is than three other readers.

    `ratio` is ours over pyx12's segment reader. A reader that is not installed has the ratio None and is named in
    `not_installed`: pyx12 is a development tool, oxedi and x12sdk come only with `uv run --with oxedi --with x12sdk`.
    """
    data, small = remittance_file(claims), remittance_file(min(claims, _SLOW_CLAIMS))
    rivals = {"ratio": (_pyx12(), data), "oxedi_ratio": (_oxedi(), data), "x12sdk_ratio": (_x12sdk(), small)}
    best = min(_cpu_seconds(lambda: _read_and_balance(data)) for _ in range(rounds))
    ratios = {key: None if rival is None else _race(rival, file, rounds) for key, (rival, file) in rivals.items()}
    return {
        "name": "x12",
        "value": round(claims / best),
        "unit": "claims/s",
        "n": claims,
        "against": "pyx12's reader",
        "mb_per_s": round(len(data) / best / 1e6, 1),
        "peak_mb": _peak_megabytes(data),
        "write_claims_per_s": _written_per_second(rounds),
        "bytes": len(data),
        **ratios,
        "not_installed": [key for key, ratio in ratios.items() if ratio is None],
    }


def _race(rival: Callable[[bytes], int], data: bytes, rounds: int) -> float:
    """Read the file by turns; the median of the turns' ratios, since a neighbour's burst spoils one turn, not all."""
    expected = data.count(b"~CLP*")
    turns = []
    for _ in range(rounds):
        mine = _cpu_seconds(lambda: _agree(_read_and_balance(data), expected))
        theirs = _cpu_seconds(lambda: _agree(rival(data), expected))
        turns.append(theirs / mine)
    return round(statistics.median(turns), 2)


def _read_and_balance(data: bytes) -> int:
    seen = 0
    for item in read_remittances(data):
        if isinstance(item, Fault) or not is_balanced(item.content):
            raise AssertionError("The benchmark's own file was not read and balanced.")
        seen += sum(len(group.claims) for group in item.content.groups)
    return seen


def _pyx12() -> Callable[[bytes], int] | None:
    module = _find("pyx12.x12file")
    if module is None:
        return None

    def read(data: bytes) -> int:
        segments = module.X12Reader(io.StringIO(data.decode("latin-1")))
        return sum(segment.get_seg_id() == "CLP" for segment in segments)

    return read


def _oxedi() -> Callable[[bytes], int] | None:
    module = _find("oxedi")
    if module is None:
        return None
    return lambda data: int(module.parse(data).count_claims())


def _x12sdk() -> Callable[[bytes], int] | None:
    module = _find("x12sdk.io")
    if module is None:
        return None

    def read(data: bytes) -> int:
        with module.X12ModelReader(data.decode("latin-1")) as reader:
            return sum(len(loop.loop_2100) for model in reader.models() for loop in model.loop_2000)

    return read


def _find(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


def _written_per_second(rounds: int) -> int:
    batches = claim_batches(_WRITTEN)
    seconds = min(_cpu_seconds(lambda: [compose_claims(b, control="0001") for b in batches]) for _ in range(rounds))
    return round(_WRITTEN / seconds)


def _peak_megabytes(data: bytes) -> float:
    """Measure what reading adds beyond the file itself; apart from the timing, because tracing slows it."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        _read_and_balance(data)
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
