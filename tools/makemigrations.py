"""Make migrations without a database. `--fresh` makes all of them anew, which is allowed only before a release.

The journal's first migration must create a partitioned table, which the autodetector cannot know; it is told here.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FIRST = ROOT / "src/stead/platform/migrations/0001_initial.py"
IMPORT = "from django.db import migrations, models\n"


def main() -> None:
    names = sys.argv[1:]
    if "--fresh" in names:
        names.remove("--fresh")
        for old in ROOT.glob("src/stead/*/migrations/0*.py"):
            old.unlink()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "stead.config.settings"}
    command = [sys.executable, "-W", "ignore", "-m", "django", "makemigrations", "--skip-checks", *names]
    # The checks of generated columns ask the server for its version, and here is none.
    subprocess.run(command, check=True, env=environment, cwd=ROOT)
    text = FIRST.read_text()
    if "CreatePartitionedModel" not in text:
        text = re.sub(
            r"migrations\.CreateModel\((\s+)name=(['\"])JournalEntry",
            r"CreatePartitionedModel(\1name=\2JournalEntry",
            text,
        )
        text = text.replace(IMPORT, f"{IMPORT}\nfrom stead.platform.tenancy.operations import CreatePartitionedModel\n")
        FIRST.write_text(text)


if __name__ == "__main__":
    main()
