"""Every test runs on a throw-away embedded PostgreSQL, as the roles that the product runs as.

The cluster lives in a temporary folder and is shared by xdist's workers; the first worker makes a migrated template,
each worker copies it. Tests act inside `acting(...)`, like requests do, so row-level security is always on.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# A timing is never a test: on a busy machine making an example takes long, and says nothing of what is tested.
settings.register_profile("stead", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stead")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's sync API keeps a loop running in the main thread

pytest_plugins = [
    "stead.testing.database", "stead.testing.cast", "stead.testing.clients", "stead.testing.browser",
    "stead.testing.serving",
]  # fmt: skip


@pytest.fixture(scope="session")
def base_url() -> str:
    """Stand in for pytest-base-url's own fixture, which pytest 9 warns about; stories write whole addresses."""
    return ""
