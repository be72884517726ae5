from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest

from stead.platform.actors import Actor
from stead.practice.tests.cast import Linden, found
from stead.processes.tests import cast


@pytest.fixture
def house(inside: UUID, olu: Actor, at: datetime) -> Linden:
    return found(inside, olu, at)


@pytest.fixture
def told() -> Iterator[cast.Told]:
    cast.declare_rehearsal()
    with cast.told_anew() as told:
        yield told


@pytest.fixture
def stage(house: Linden, told: cast.Told) -> cast.Stage:
    return cast.stage(house, told)
