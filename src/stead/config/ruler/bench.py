"""`stead bench jobs`: the daily jobs counted in a real browser, the bar of docs/daily-jobs.md beside each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connections

from stead.config.ruler.chromium import browser
from stead.config.ruler.hand import Hand, HandOf, Stretch
from stead.config.ruler.house import House, open_house
from stead.config.ruler.jobs import BARS, JobNotDone, Story, clinic, desk, leaders, patients
from stead.config.ruler.keystrokes import seconds
from stead.config.ruler.serving import DrivenServer
from stead.platform import clock
from stead.platform.database.throwaway import throwaway_folder
from stead.platform.tenancy.standalone import Progress, own_database

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Who checks in comes within the hour: their time is taken before job 1 books the next that fits with the same person.
STORIES: tuple[Story, ...] = (
    desk.check_in, desk.book_known_patient, desk.see_why_not, clinic.write_and_sign, leaders.no_shows,
    patients.intake_on_a_phone, patients.pay_a_bill,
)  # fmt: skip


def bench_jobs(progress: Progress) -> dict[str, Any]:
    """Live through every job once. One above its bar is counted and said; one that did not happen makes `ok` false."""
    with browser() as chromium, own_database(progress), throwaway_folder() as state, open_house(state) as house:
        with DrivenServer(house.now) as server, clock.driven(house.at):
            progress("Counting in the browser")
            lived = [_live(story, house, chromium, server.address, progress) for story in STORIES]
        connections.close_all()
    parts = [part for found, _ in lived for part in found]
    return _said(parts, [words for _, words in lived if words])


def _live(story: Story, house: House, chromium: Browser, address: str, progress: Progress) -> tuple[list[Stretch], str]:
    """Return the stretches that were counted, and what went wrong if the story broke off. The others are still told."""
    from playwright.sync_api import Error

    found: list[Stretch] = []
    try:
        with _hands(house, chromium, address) as hand_of:
            for part in story(house, hand_of):
                found.append(part)
                told = _line(part)
                above = "" if told["bar_ok"] else ", above it"
                progress(f"Job {part.name}: {told['count']} in {told['seconds']} s; the bar is {told['bar']}{above}")
    except (JobNotDone, Error) as broken:
        words = f"{story.__name__}: {str(broken).splitlines()[0]}"
        progress(f"Not done: {words}")
        return found, words
    return found, ""


@contextmanager
def _hands(house: House, chromium: Browser, address: str) -> Iterator[HandOf]:
    """Give each person of a story a browser of their own, signed in, and close them all at its end."""
    opened: list[Hand] = []

    def make(name: str = "", *, session: str = "", phone: bool = False) -> Hand:
        key = house.session_of(name) if name else session
        opened.append(Hand(chromium, address, session=key, phone=phone))
        return opened[-1]

    try:
        yield make
    finally:
        for hand in opened:
            hand.close()


def _line(part: Stretch) -> dict[str, Any]:
    bar, said = BARS[part.name], part.counted
    return {
        "clicks": said.clicks,
        "fields": said.fields,
        "views": said.views,
        "loads": said.loads,
        "seconds": seconds(said, phone=part.phone),
        "count": f"{said.clicks}+{said.fields}/{said.views} [{said.loads}]",
        "bar": bar.words,
        "bar_ok": bar.holds(said, phone=part.phone),
    }


def _said(parts: list[Stretch], broken: list[str]) -> dict[str, Any]:
    table = {part.name: _line(part) for part in parts}
    held = {name.split()[0]: True for name in BARS}
    for name in BARS:
        held[name.split()[0]] &= name in table and table[name]["bar_ok"]
    return {
        "value": sum(held.values()),
        "unit": "jobs at or under their bar",
        "ratio": round(sum(held.values()) / len(held), 2),
        "against": "bars of docs/daily-jobs.md",
        "n": len(held),
        "jobs": table,
        "not_done": broken,
        "ok": not broken,
    }
