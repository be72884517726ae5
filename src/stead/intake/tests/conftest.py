"""Linden Street with its playbooks and agreements published, ready for requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from stead.platform import actors
from stead.platform.actors import Actor


@pytest.fixture
def house(practice_row: Any, inside: UUID, olu: Actor, at: datetime) -> Any:
    from stead.forms.actions import publish_sample_agreements
    from stead.practice.tests.cast import found
    from stead.processes.actions import publish_library

    linden = found(inside, olu, at)
    publish_library(practice=inside, by=olu, at=at)
    publish_sample_agreements(practice=inside, by=olu, at=at)
    return linden


@pytest.fixture
def asked() -> Callable[..., Any]:
    """Return a function that makes a request, changed as wanted."""
    from stead.intake.terms import IntakeDetails

    def make(**changed: Any) -> IntakeDetails:
        said: dict[str, Any] = {
            "first_name": "Dee",
            "last_name": "Marsh",
            "birth_date": date(1991, 3, 14),
            "need": "I cannot sleep since the spring.",
            "phone": "(502) 555-0143",
            "email": "dee.marsh@example.test",
            "visit_state": "KY",
            "payer_words": "Bluegrass Mutual",
            "preferred_times": "Mondays",
            "source": "doctor",
            "may_text": True,
            "may_email": True,
        }
        return IntakeDetails(**(said | changed))

    return make


@pytest.fixture
def received(house: Any, inside: UUID, at: datetime, asked: Callable[..., Any]) -> Any:
    """Dee's request, as the website sent it."""
    from stead.intake.actions import receive_request

    return receive_request(
        practice=inside, by=actors.public(), at=at, request=asked(), base_url="https://linden.example.test/"
    )


@pytest.fixture
def on_call(house: Any, inside: UUID, olu: Actor, at: datetime) -> Any:
    """An on-call seat under the clinical director's under the owner's: Cho on call with Kim as backup, Lee directs, and
    Olu owns. Returns the people and seats by name."""
    from types import SimpleNamespace

    from stead.practice.actions import assign_seat, create_seat, create_staff_member, name_backup
    from stead.practice.terms import SeatDetails, StaffDetails

    door: dict[str, Any] = {"practice": inside, "by": olu, "at": at}

    def person(name: str, role: str, email: str = "") -> Any:
        address = email or f"{name.split()[0].lower()}@linden.example.test"
        return create_staff_member(**door, details=StaffDetails(name, [role], email=address if email != "-" else ""))

    def seat(key: str, name: str, above: str = "", who: Any = None) -> Any:
        made = create_seat(**door, details=SeatDetails(key, name, ("Risk",), above))
        if who:
            assign_seat(**door, seat_id=made.id, staff_id=who.id, from_date=date(2026, 1, 5))
        return made

    cho, kim = person("Cho Grace", "clinician"), person("Kim Day", "clinician")
    lee, own = person("Lee Hart", "clinician"), person("Olu Adeyemi", "owner")
    owner = seat("owner", "Owner", who=own)
    director = seat("clinical_director", "Clinical director", "owner", lee)
    call = seat("on_call", "On-call clinician", "clinical_director", cho)
    name_backup(**door, seat_id=call.id, staff_id=kim.id)
    return SimpleNamespace(
        cho=cho, kim=kim, lee=lee, own=own, owner=owner, director=director, call=call, person=person, door=door
    )
