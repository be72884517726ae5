"""Where each figure is measured. A room that brings a new one adds its line here.

A measuring function takes the options it names (`full`, `rounds`, `n`, `seeds`, `progress`) and returns the keys of
docs/figures.md; the name is added here.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

Progress = Callable[[str], None]

BENCHES = {
    "claims": "stead.billing.bench:bench_claims",
    "post835": "stead.billing.bench:bench_post835",
    "x12": "stead.x12.bench:bench_x12",
    "gates": "stead.processes.bench:bench_gates",
    "scorecard": "stead.operating.bench:bench_scorecard",
    "tenancy": "stead.platform.tenancy.bench:bench_tenancy",
    "journal": "stead.platform.journal.bench:bench_journal",
    "jobs": "stead.config.ruler.bench:bench_jobs",
    "page": "stead.simulation.load.bench:bench_page",
}
DRILLS = {
    "isolation": "stead.platform.tenancy.drill:drill_isolation",
    "kill": "stead.config.drills.kill:drill_kill",
    "restore": "stead.config.drills.restore:drill_restore",
}


def run(where: str, name: str, options: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Run one measuring function with those options that it takes."""
    module, _, function = where.partition(":")
    measure = getattr(importlib.import_module(module), function)
    takes = inspect.signature(measure).parameters
    given = {key: value for key, value in {**options, "progress": progress}.items() if key in takes}
    return {"name": name, **measure(**given)}
