"""Write calendar-grid.css: the classes that place a block on a day column.

The strict content-security policy forbids style attributes, so a start and a length are classes:
`.r12` starts at the 12th five-minute row of the column, `.n10` is ten rows (50 minutes) long.
Run: python tools/calendar_grid.py          (a test fails while the committed file is stale)
"""

from pathlib import Path

TARGET = Path(__file__).parent.parent / "src/stead/platform/static/ui/css/calendar-grid.css"
ROWS_PER_DAY = 18 * 12  # a column shows at most 18 hours, and ui.calendar.place knows it
LONGEST = ROWS_PER_DAY


def sheet() -> str:
    """Return the whole file; row 0 is the column's first row, CSS counts grid lines from 1."""
    starts = "".join(f".r{row}{{grid-row-start:{row + 1}}}\n" for row in range(ROWS_PER_DAY))
    lengths = "".join(f".n{rows}{{grid-row-end:span {rows}}}\n" for rows in range(1, LONGEST + 1))
    return f"/* Written by tools/calendar_grid.py: five-minute rows. */\n@layer parts {{\n{starts}{lengths}}}\n"


if __name__ == "__main__":
    TARGET.write_text(sheet())
