"""Fail when a model changed and no migration says so. Needs no database."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> int:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "stead.config.settings"}
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "django",
        "makemigrations",
        "--check",
        "--dry-run",
        "--skip-checks",
    ]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout + done.stderr)
        print("Make them with: uv run python tools/makemigrations.py ROOM")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
