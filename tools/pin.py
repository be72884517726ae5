"""Write the exact version of every package in the environment into pyproject's constraints.

uv.lock holds registry hosts and so is not committed (ADR 0001); the constraints give the same environment.
"""

import re
import subprocess
from pathlib import Path

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
MARK = "# pins: written by tools/pin.py\n"


def pinned() -> list[str]:
    """Return `name==version` for every package that uv resolves, sorted by name."""
    export = ["uv", "export", "-q", "--no-hashes", "--no-annotate", "--no-header", "--no-emit-project"]
    lines = subprocess.run(export, check=True, capture_output=True, text=True).stdout.splitlines()
    return sorted({line.split(";")[0].strip() for line in lines if re.match(r"^[a-z0-9].*==", line)})


def main() -> None:
    head = PYPROJECT.read_text().split(MARK)[0].rstrip("\n")
    rows = "".join(f'  "{pin}",\n' for pin in pinned())
    table = f'[tool.uv]\nrequired-version = ">=0.9,<0.20"\nconstraint-dependencies = [\n{rows}]\n'
    PYPROJECT.write_text(f"{head}\n\n{MARK}{table}")


if __name__ == "__main__":
    main()
