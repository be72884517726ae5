"""Every job that comes round is one that a room declared."""

from stead.config.figures import BENCHES, DRILLS
from stead.config.rounds import ROUNDS
from stead.platform.jobs import queue


def test_every_round_is_a_declared_job() -> None:
    assert set(ROUNDS) <= set(queue.names())


def test_every_figure_names_a_function_that_exists() -> None:
    import importlib

    for where in (*BENCHES.values(), *DRILLS.values()):
        module, _, function = where.partition(":")
        assert callable(getattr(importlib.import_module(module), function))
