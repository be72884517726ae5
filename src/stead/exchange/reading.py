"""What every reader of a received file is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from stead.exchange.models import Interchange
from stead.platform.actors import Actor


@dataclass(frozen=True)
class Door:
    """Who reads, when, and the row of the file being read."""

    practice: UUID
    by: Actor
    at: datetime
    file: Interchange
