"""The manager: jobs 16 and 19. They start at the home of the practice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from stead.config.ruler.hand import HandOf, Stretch
from stead.config.ruler.house import House
from stead.config.ruler.jobs import check
from stead.operating.models import Issue
from stead.scheduling.actions import mark_no_show
from stead.simulation.demo.people import MONA

PEOPLE = ("Abel", "Bea", "Carl", "Dora", "Emil")


def no_shows(house: House, hand_of: HandOf) -> Iterator[Stretch]:
    """Jobs 16 and 19: the no-show rate stands on the home, one press opens its rows; one press puts it on the agenda.

    Last week one of five did not come.
    """
    week_ago = house.at - timedelta(days=7)
    for number, name in enumerate(PEOPLE):
        patient, at = house.patient(name, "Sorrel"), week_ago + timedelta(hours=number)
        if number:
            house.held(patient, at)
            continue
        missed = house.visit(patient, at)
        with house.acting():
            mark_no_show(**house.do(missed.starts_at + timedelta(minutes=20)), appointment_id=missed.id)
    hand = hand_of(MONA)
    hand.page.goto("/")
    with hand.stretch("19") as part:
        hand.press(hand.page.locator("#off-no_show_rate button"))
    with house.acting():
        raised = Issue.objects.filter(source_kind="measure", source_key="no_show_rate", state="open")
        check(raised.count() == 1, "No issue was raised.")
    yield part
    hand.page.goto("/")
    with hand.stretch("16 to see") as seen:
        figure = hand.page.locator("#off-no_show_rate a.figure")
        check(figure.is_visible() and figure.inner_text().startswith("20"), "The rate is not on the home.")
    yield seen
    with hand.stretch("16") as part:
        hand.press(figure)
        rows = hand.page.locator("#drill, #rows")
        rows.get_by_text("Abel Sorrel").first.wait_for()
        for name in PEOPLE:
            check(rows.get_by_text(f"{name} Sorrel").count() > 0, f"{name} is not among the rows.")
    yield part
