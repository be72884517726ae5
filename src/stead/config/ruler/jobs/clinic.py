"""The clinician: jobs 8 and 9."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from stead.care.models import Note
from stead.care.terms import PROGRESS
from stead.config.ruler.hand import HandOf, Stretch
from stead.config.ruler.house import House
from stead.config.ruler.jobs import check
from stead.simulation.demo.people import BELL
from stead.testing.jobs import run_waiting

CARRIED = "Sleep plan, week two."


def write_and_sign(house: House, hand_of: HandOf) -> Iterator[Stretch]:
    """Jobs 8 and 9: from one's own day to an open note with the right template and the last plan carried, and from the
    written note to a signed one that stays as it is."""
    patient = house.patient("Zeno", "Ambrose")
    house.noted(house.held(patient, house.at - timedelta(days=14), who=BELL), CARRIED)
    house.held(patient, house.at - timedelta(hours=2), who=BELL)
    run_waiting(house.id)
    hand = hand_of(BELL)
    hand.page.goto("/")
    with hand.stretch("8") as part:
        hand.press(hand.page.get_by_role("button", name="Start the note"))
        hand.page.locator("form#note").wait_for()
    with house.acting():
        note = Note.objects.get(patient_id=patient.id, state="draft")
        check(note.template == PROGRESS.key, "The note has another template.")
    check(hand.page.get_by_label("Plan").input_value() == CARRIED, "The last plan is not carried.")
    yield part
    for label in ("What happened", "Assessment"):
        hand.page.get_by_label(label).fill("Sleeps four hours; calmer than last week.")
    hand.page.get_by_label("Diagnosis").fill("F51.01")
    with hand.stretch("9") as part:
        hand.press(hand.page.get_by_role("button", name="Sign the note"))
        hand.page.get_by_text("Signed by Marcus Bell").first.wait_for()
    with house.acting():
        check(Note.objects.get(id=note.id).state == "signed", "The note is not signed.")
    yield part
