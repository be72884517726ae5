"""When an invitation or a link still holds, and what a practice still lacks: pure functions.

Worked case: a practice was founded a minute ago. It has one location without an address, one person, one seat. The
first booking waits for a practitioner with weekly hours and a service; the first claim also for the profile (name, NPI,
tax number), the practitioner's NPI, a service with a code, and a payer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from stead.platform.refusals import Conflict, InvalidInput, Refusal
from stead.setup.terms import Facts, Goal, Step


class LinkOver(Refusal):
    words = "This link no longer works: it was used, it is too old, or there is a newer one."


class InvitedAlready(Conflict):
    words = "Somebody with this e-mail address was invited already. Send that invitation again, or withdraw it."


class WorksHereAlready(Conflict):
    words = "Somebody who works here has this e-mail address already."


class EmailNeeded(InvalidInput):
    words = "There is no e-mail address on record, so no link can be sent."


class SignsInAlready(Conflict):
    words = "This person signs in already. An invitation is for whoever does not yet."


class OtherAccount(Refusal):
    words = "You are signed in as somebody else. Sign out, then open the link again."


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def holds(*, used_at: datetime | None, ended_at: datetime | None, expires_at: datetime, at: datetime) -> bool:
    """Answer whether a link still opens something. It works once, until it expires or a newer one is sent."""
    return used_at is None and ended_at is None and at < expires_at


def steps(facts: Facts) -> tuple[Step, ...]:
    """Return everything there is to set up, in the order in which it is done best."""
    return tuple(_steps(facts))


def missing(found: tuple[Step, ...], goal: Goal) -> tuple[Step, ...]:
    """Return what the first booking, or the first claim, still waits for. A claim needs a visit, so both lists."""
    goals = ("booking",) if goal == "booking" else ("booking", "claim")
    return tuple(step for step in found if step.state == "missing" and step.needed_for in goals)


def _steps(facts: Facts) -> Iterator[Step]:
    yield _step(
        "profile",
        "Practice profile",
        facts.has_profile,
        "claim",
        "Name, NPI and tax number are on record.",
        "Payers do not know who asks for money: legal name, NPI, tax number and address.",
    )
    yield _counted(
        "locations",
        "Locations",
        facts.locations,
        "booking",
        "place where patients are seen",
        "places where patients are seen",
        "There is no place where patients are seen.",
        facts.locations_without_address,
        "without an address",
    )
    yield _step(
        "mail",
        "E-mail",
        facts.can_send_mail,
        None,
        "Invitations, links and reminders can leave.",
        "No mail server is set: invitations and reminders wait. Whoever runs the server sets STEAD_SMTP_HOST.",
        weak=True,
    )
    yield _step(
        "people",
        "People",
        facts.people_who_sign_in > 1,
        None,
        f"{facts.people_who_sign_in} people can sign in.",
        "Only one person can sign in. A second owner opens the door when the first cannot.",
        weak=True,
    )
    yield from _practitioners(facts)
    yield _counted(
        "services",
        "Services",
        facts.services,
        "booking",
        "service can be booked",
        "services can be booked",
        "There is nothing to book: a name, a length and a price.",
        facts.services_without_practitioner,
        "that nobody offers",
    )
    yield _step(
        "codes",
        "Service codes",
        facts.services > facts.services_without_code,
        "claim",
        "Services have codes for claims.",
        "No service has the procedure code that a claim line needs.",
    )
    yield _counted(
        "payers",
        "Payers",
        facts.payers,
        "claim",
        "payer is known",
        "payers are known",
        "No payer is known to send a claim to.",
        0,
        "",
    )
    yield _seats(facts)
    yield _step(
        "agreements",
        "Agreements",
        facts.agreements > 0,
        None,
        f"{facts.agreements} wordings are in force.",
        "No agreement is in force, so patients sign nothing before their first visit.",
        weak=True,
    )
    yield _step(
        "playbooks",
        "Playbooks",
        facts.playbooks > 0,
        None,
        f"{facts.playbooks} playbooks run.",
        "No playbook runs: requests for care open no case.",
        weak=True,
    )


def _practitioners(facts: Facts) -> Iterator[Step]:
    yield _step(
        "practitioners",
        "Practitioners",
        facts.practitioners > 0,
        "booking",
        f"{_count(facts.practitioners, 'person treats', 'people treat')} patients here.",
        "Nobody who treats patients is on record. Invite one, with the role of clinician.",
    )
    some = facts.practitioners
    yield _lacking(
        "hours",
        "Weekly hours",
        some,
        facts.practitioners_without_hours,
        "booking",
        "Everybody who treats patients has weekly hours.",
        "no weekly hours",
    )
    yield _lacking(
        "npi",
        "Practitioners' NPIs",
        some,
        facts.practitioners_without_npi,
        "claim",
        "Every practitioner has an NPI.",
        "no NPI",
    )
    yield _lacking(
        "licenses",
        "Licenses",
        some,
        facts.practitioners_without_license,
        None,
        "Every practitioner has a license on record.",
        "no license in force",
    )


def _lacking(key: str, name: str, some: int, lacking: int, goal: Goal | None, good: str, what: str) -> Step:
    """Missing where all lack it, to be looked at where some do: one practitioner is enough to begin."""
    if some and not lacking:
        return Step(key, name, "done", good, goal)
    if not some:
        words = f"Nobody who treats patients is on record yet, so nobody has {what.removeprefix('no ')}."
    elif lacking == some:
        words = f"{'The only practitioner has' if some == 1 else f'All {some} practitioners have'} {what}."
    else:
        words = f"{lacking} of {some} practitioners {'has' if lacking == 1 else 'have'} {what}."
    return Step(key, name, "missing" if lacking == some and goal else "look", words, goal)


def _seats(facts: Facts) -> Step:
    if facts.seats <= 1:
        return Step("seats", "Seats", "look", "Only the owner's seat is there. Begin with a preset of seats.", None)
    if facts.blank_seats:
        return Step("seats", "Seats", "look", f"{facts.blank_seats} of {facts.seats} seats without a holder.", None)
    return Step("seats", "Seats", "done", f"Every one of the {facts.seats} seats has a name.", None)


def _step(key: str, name: str, done: bool, goal: Goal | None, good: str, bad: str, *, weak: bool = False) -> Step:
    return Step(key, name, "done", good, goal) if done else Step(key, name, "look" if weak else "missing", bad, goal)


def _counted(
    key: str, name: str, count: int, goal: Goal, one: str, many: str, none: str, lacking: int, what: str
) -> Step:
    """There or not; to be looked at where some of the rows lack something. A service that nobody offers is none."""
    if not count:
        return Step(key, name, "missing", none, goal)
    said = f"{_count(count, one, many)}."
    if lacking:
        all_useless = lacking == count and key == "services"
        return Step(key, name, "missing" if all_useless else "look", f"{said} {lacking} {what}.", goal)
    return Step(key, name, "done", said, goal)


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
