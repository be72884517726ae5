from datetime import time

import pytest

from stead.platform.ui.calendar import hour_labels, place, rows_between

EIGHT = time(8)


@pytest.mark.parametrize(
    ("start", "minutes", "lane", "classes"),
    [
        (time(8), 50, 1, "r0 n10"),
        (time(9, 5), 60, 1, "r13 n12"),
        (time(10), 25, 1, "r24 n5 short"),
        (time(10), 50, 2, "r24 n10 lane-2"),
        (time(7, 30), 60, 1, "r0 n6 short"),
        (time(10), 1, 1, "r24 n1 short"),
        (time(10), 31, 1, "r24 n6"),
        (time(8), 24 * 60, 1, "r0 n216"),
    ],
)
def test_block_stands_at_its_start_and_length(start: time, minutes: int, lane: int, classes: str) -> None:
    assert place(start, minutes, opens=EIGHT, lane=lane).classes == classes


def test_column_opening_between_hours_labels_full_hours_only() -> None:
    assert hour_labels(time(8, 30), time(11)) == [("r6 n12", "9 am"), ("r18 n12", "10 am")]
    assert rows_between(time(8, 30), time(11)) == 30
