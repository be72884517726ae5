"""The restore drill calls a database good only when it is, row for row, one that was promised."""

from typing import Any
from uuid import uuid4

import pytest

from stead.config.drills import restore
from stead.config.drills.restore import Promise, Work

PRACTICE = uuid4()
SEALED = {PRACTICE: (3, "aa")}


def work() -> Work:
    promises = [Promise(float(n), f"after {n}", SEALED if n > 1 else {}) for n in range(5)]
    return Work([PRACTICE], promises)


def compare(
    monkeypatch: pytest.MonkeyPatch, found: str, *, lost_at: float = 5.0, tampered: bool = False
) -> dict[str, Any]:
    monkeypatch.setattr(restore, "digest", lambda: found)
    monkeypatch.setattr(restore, "_tampered", lambda practice, anchor: tampered or anchor != (3, "aa"))
    return restore._compare(work(), lost_at, 1.0)


def test_database_as_after_an_acknowledged_step_passes_and_says_what_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    said = compare(monkeypatch, "after 2")
    assert said["ok"] and said["rows_equal"] and said["kept"] == 3 and said["rpo_s"] == 3.0


def test_nothing_is_gone_when_the_last_step_came_back(monkeypatch: pytest.MonkeyPatch) -> None:
    assert compare(monkeypatch, "after 4", lost_at=900.0)["rpo_s"] == 0.0


def test_database_that_never_stood_so_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    said = compare(monkeypatch, "half of step 2")
    assert not said["ok"] and not said["rows_equal"] and said["rpo_s"] is None


def test_more_than_a_minute_gone_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not compare(monkeypatch, "after 2", lost_at=63.0)["ok"]


def test_journal_that_does_not_hold_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not compare(monkeypatch, "after 2", tampered=True)["ok"]


def test_restore_from_before_any_seal_proves_no_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not compare(monkeypatch, "after 0")["seals_ok"]
