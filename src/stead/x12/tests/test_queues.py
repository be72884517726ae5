from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stead.x12 import terms
from stead.x12.queues import Queue, needs_work, queue_for, queue_for_provider_adjustment, words_for


@pytest.mark.parametrize(
    ("group", "carc", "rarcs", "queue"),
    [
        ("PR", "1", (), Queue.PATIENT_BALANCE),
        ("PR", "3", ("M51",), Queue.PATIENT_BALANCE),
        ("CO", "3", (), Queue.TRIAGE),
        ("CO", "45", (), Queue.CONTRACTUAL),
        ("PR", "45", (), Queue.TRIAGE),
        ("OA", "45", (), Queue.TRIAGE),
        ("OA", "23", (), Queue.OTHER_INSURANCE),
        ("CO", "27", (), Queue.REGISTRATION),
        ("CO", "197", (), Queue.AUTHORIZATION),
        ("CO", "16", (), Queue.CODING),
        ("CO", "16", ("N290",), Queue.CREDENTIALING),
        ("CO", "16", ("MA01", "MA130"), Queue.CODING),
        ("CO", "16", ("MA61",), Queue.REGISTRATION),
        ("CO", "96", (), Queue.NON_COVERED),
        ("CO", "96", ("N30",), Queue.REGISTRATION),
        ("CO", "B7", ("M51",), Queue.CREDENTIALING),
        ("CO", "50", (), Queue.MEDICAL_NECESSITY),
        ("CO", "252", ("N706",), Queue.RECORDS),
        ("CO", "29", ("MA01",), Queue.TIMELY_FILING),
        ("OA", "18", (), Queue.DUPLICATE),
        ("CO", "A1", (), Queue.TRIAGE),
        ("CO", "A1", ("N4",), Queue.OTHER_INSURANCE),
        ("CO", "999", (), Queue.TRIAGE),
        ("PR", "999", ("MA01", "N130"), Queue.TRIAGE),
        ("", "", (), Queue.TRIAGE),
    ],
)
def test_adjustment_goes_to_its_queue(group: Any, carc: str, rarcs: Any, queue: Queue) -> None:
    assert queue_for(group, carc, rarcs) is queue


CODES = st.text("ABMNP0123456789", max_size=4)


@given(CODES, CODES, st.lists(CODES, max_size=3))
def test_only_known_pairs_are_written_off_or_billed_to_the_patient(group: Any, carc: str, rarcs: Any) -> None:
    queue = queue_for(group, carc, rarcs)
    if queue is Queue.CONTRACTUAL:
        assert group == "CO"
    if queue is Queue.PATIENT_BALANCE:
        assert group == "PR"


def test_only_settled_money_needs_no_work() -> None:
    assert {queue for queue in Queue if not needs_work(queue)} == {Queue.PATIENT_BALANCE, Queue.CONTRACTUAL}


def test_every_queue_has_words() -> None:
    assert all(words_for(queue) for queue in Queue)


@pytest.mark.parametrize(("reason", "queue"), [("WO", Queue.RECOUPMENT), ("L6", Queue.TRIAGE), ("ZZ", Queue.TRIAGE)])
def test_provider_adjustment_goes_to_its_queue(reason: str, queue: Queue) -> None:
    assert queue_for_provider_adjustment(reason) is queue


def test_unknown_code_is_shown_as_itself() -> None:
    assert terms.word_for(terms.CLAIM_STATUS, "4") == "Denied"
    assert terms.word_for(terms.CLAIM_STATUS, "77") == "77"
