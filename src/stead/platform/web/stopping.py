"""Whether the server is about to stop: a file that `stead serve` makes when told to, and that its workers look for.

A file, because neither a signal nor the lifespan protocol reaches an application inside granian's worker while a stream
is open.
"""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "STEAD_STOPPING_FILE"


def is_stopping() -> bool:
    """Answer whether the server that this process belongs to was told to stop; never, without such a server."""
    flag = os.environ.get(VARIABLE)
    return flag is not None and Path(flag).exists()
