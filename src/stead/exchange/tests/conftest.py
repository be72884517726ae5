from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from stead.exchange.tests.cast import Post, linden, profile
from stead.platform.actors import Actor


@pytest.fixture
def post(inside: UUID, olu: Actor, at: datetime, tmp_path: Path, settings: Any) -> Post:
    """The practice with its profile, one location and an empty mailbox in a folder of its own."""
    settings.STATE = tmp_path
    profile(inside)
    linden()
    return Post(inside, olu, at)
