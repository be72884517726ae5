"""Refuse package registries' hosts, paths of somebody's machine and days of UTC in what is committed.

A lock file full of hosts ties every clone to them; a path of one machine works nowhere else. Moments are aware and in
UTC, and the day of UTC is tomorrow's in an American evening: `at.date()` is never the day that anybody means.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
HOSTS = ("py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs", "np" + "mjs.org", "proxy." + "golang.org",
         "crates" + ".io")  # fmt: skip
PATHS = re.compile(rb"(?<![\w./])/(?:wo" + rb"rk|ro" + rb"ot|ho" + rb"me/\w+|Us" + rb"ers/\w+)/[\w.-]")
UTC_DAYS = re.compile(rb"^(?!.*UTC).*(?:\bat|_at|clock\.now\(\))\.date\(\)", re.MULTILINE)
"""A moment's own `.date()`; a line that says UTC means it."""
DRIVEN = ("/tests/", "/testing/", "/simulation/")
"""Where the moment is chosen so that its day holds in every zone."""
KEPT = ("tests/vendor/", "src/stead/platform/static/ui/vendor/", "src/stead/platform/static/ui/licences/")
"""Other people's files, kept as they came."""


def main() -> int:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    found = [line for name in listed.decode().split("\0") if name for line in offences(name)]
    for line in found:
        print(line)
    return 1 if found else 0


def offences(name: str) -> list[str]:
    path = ROOT / name
    if name.startswith(KEPT) or not path.is_file():
        return []
    if path.name in ("uv.lock", "pylock.toml", "package-lock.json"):
        return [f"{name}: lock files hold registry hosts; the pins are in pyproject.toml"]
    data = path.read_bytes()
    said = [f"{name}: names the registry {host}" for host in HOSTS if host.encode() in data]
    if (match := PATHS.search(data)) is not None:
        line = data.count(b"\n", 0, match.start()) + 1
        said.append(f"{name}:{line}: a path of one machine")
    if name.startswith("src/") and name.endswith(".py") and not any(part in name for part in DRIVEN):
        for match in UTC_DAYS.finditer(data):
            line = data.count(b"\n", 0, match.start()) + 1
            said.append(f"{name}:{line}: a day of UTC; ask practice.queries.practice_day or the location's zone")
    return said


if __name__ == "__main__":
    sys.exit(main())
