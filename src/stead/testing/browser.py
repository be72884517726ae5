"""Browser stories: Debian's Chromium, driven by Playwright; one clear line when there is none."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest


def find_chromium() -> str | None:
    named = os.environ.get("STEAD_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    found = find_chromium()
    if found is None:
        pytest.skip("No Chromium found. On Debian: apt-get install chromium; or set STEAD_CHROMIUM to its path.")
    return {"executable_path": found, "args": ["--disable-gpu", "--disable-dev-shm-usage"]}
