from datetime import datetime
from uuid import UUID

import pytest

from stead.platform.actors import Actor
from stead.practice.tests.cast import Linden, found


@pytest.fixture
def house(inside: UUID, olu: Actor, at: datetime) -> Linden:
    return found(inside, olu, at)
