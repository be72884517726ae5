from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from stead.platform.actors import Actor
from stead.practice import actions as practice
from stead.practice.models import StaffMember
from stead.practice.terms import StaffDetails
from stead.setup import actions
from stead.testing import clients, matrix  # noqa: F401  the matrix says what rows of other rooms need

SITE = "https://stead.test"
Enter = Callable[..., StaffMember]


@pytest.fixture
def door(inside: UUID, olu: Actor, at: datetime, practice_row: Any) -> dict[str, Any]:
    """What every action takes, as Olu the owner, who can sign in."""
    with clients.outside():
        clients.enter_person(practice_row, olu)
    return {"practice": inside, "by": olu, "at": at}


@pytest.fixture
def enter(door: dict[str, Any], practice_row: Any) -> Enter:
    """Return a function that lets one of the cast work here and sign in."""

    def make(actor: Actor) -> StaffMember:
        with clients.outside():
            clients.enter_person(practice_row, actor)
        return StaffMember.objects.get(id=actor.id)

    return make


@pytest.fixture
def teo(door: dict[str, Any]) -> StaffMember:
    """Somebody invited as a clinician, who has not come in yet."""
    details = StaffDetails("Teo Lindqvist", ["clinician"], email="Teo@Example.test", is_practitioner=True)
    return actions.invite_staff_member(**door, details=details, site=SITE)


@pytest.fixture
def seat(door: dict[str, Any]) -> Any:
    from stead.practice.terms import SeatDetails

    return practice.create_seat(**door, details=SeatDetails("front_desk", "Front desk"))
