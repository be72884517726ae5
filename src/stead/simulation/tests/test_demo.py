"""The demo practice tells its story, holds every invariant, and its faults are there to be found."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from stead.billing.models import Claim, Denial
from stead.care.models import Encounter, Note
from stead.config.verifying import verify_all
from stead.coverage.models import Payer
from stead.forms.models import Signature
from stead.forms.rules import fingerprint
from stead.platform import actors
from stead.platform.accounts.models import Membership
from stead.platform.accounts.passwords import find_by_password
from stead.platform.actors import Actor
from stead.platform.tenancy import context
from stead.practice.models import Closure, Location, Seat, SeatHolding, StaffMember
from stead.processes.models import Case, Task
from stead.scheduling.models import Appointment
from stead.simulation.demo import create_demo_practice
from stead.simulation.demo.faults import OWNER_DECISIONS
from stead.simulation.demo.holidays import closed_days
from stead.simulation.demo.logins import LOGINS, PASSWORD
from stead.testing.clients import SeatClient, client_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
Count = Callable[[], int]


def inside(practice: UUID, question: Callable[[], Any]) -> Any:
    with context.acting(practice, actors.system(), kind="worker"):
        return question()


def test_the_demo_practice_tells_its_story_and_holds_every_invariant(tmp_path: Any, settings: Any) -> None:
    settings.STATE = tmp_path
    made = create_demo_practice()
    broken = {finding.name: finding.count for finding in verify_all() if finding.count}
    assert broken == {}
    for login in LOGINS:
        account = find_by_password(login.email, PASSWORD)
        assert account is not None
        assert Membership.objects.get(account=account).name == login.name
    inside(made.id, _look_for_the_story)
    inside(made.id, _look_for_the_faults)
    _every_fault_is_on_a_page(made.id)


def _every_fault_is_on_a_page(practice: UUID) -> None:
    """Each is told on Today, and the page that its line opens shows the very rows."""
    home = words_of(as_login("owner").get("/"))
    for told in (
        "Front desk, Bowling Green has no one", "Eleven notes without a signature", "Marcus Bell; the oldest visit",
        "Seven claims to Commonwealth Health Plan Denied for one cause, reason 16, credentialing",
        "Ten cases in New-patient intake At First visit booked", "Two claims to Tri-State Benefit without an answer",
    ):  # fmt: skip
        assert told in home, told
    # The blank seat and the nine decisions; a case of her own may be late on some days of the week.
    assert any(f"{count} are yours." in home for count in ("Ten", "Eleven", "Twelve"))
    seats = words_of(as_login("manager").get(reverse("practice_seats")))
    assert "Front desk, Bowling Green" in seats
    assert "No one" in seats
    bell = inside(practice, lambda: StaffMember.objects.get(name="Marcus Bell").id)
    due = words_of(as_login("owner").get(f"{reverse('care_due')}?practitioner={bell}"))
    assert "eleven over the limit" in due
    assert due.count("over its limit") == 11
    payers = inside(practice, lambda: dict(Payer.objects.values_list("name", "id")))
    biller = as_login("biller")
    denied = biller.get(f"{reverse('billing_denials')}?payer={payers['Commonwealth Health Plan']}&reason=16")
    assert denied.content.count(b'<tr id="denial-') == words_of(denied).count("CO 16 N255") == 7
    assert "Seven denials hold" in words_of(denied)
    silent = biller.get(f"{reverse('billing_claims')}?silent=1&payer={payers['Tri-State Benefit']}")
    assert silent.content.count(b'<tr id="claim-') == len(re.findall(r"silent for \d+ days", words_of(silent))) == 2
    assert "Two silent for too long." in words_of(silent)
    waiting = words_of(
        as_login("intake").get(f"{reverse('processes_cases')}?playbook=new_patient_intake&stage=booking")
    )
    assert waiting.count("over its limit") >= 10
    work = words_of(as_login("owner").get(reverse("processes_work")))
    for title, _ in OWNER_DECISIONS:
        assert title in work, title
    _more_and_more_waits_for_the_owner(words_of(as_login("owner").get(reverse("numbers_scorecard"))))


def _more_and_more_waits_for_the_owner(scorecard: str) -> None:
    told = re.search(r"Owner decisions waiting .* at most 4 ((?:\d+ ){13})", scorecard)
    assert told
    weeks = [int(value) for value in told[1].split()]
    assert max(weeks[:4]) <= 4 < min(weeks[-2:])
    assert 7 <= weeks[-1] <= 9


def as_login(role: str) -> SeatClient:
    """Return a client of the demo's own login of a role."""
    login = next(login for login in LOGINS if login.role == role)
    membership = Membership.objects.select_related("account", "practice").get(account__email=login.email)
    roles: frozenset[Any] = frozenset(membership.roles)
    return client_of(membership, Actor(id=membership.person_id, kind="staff", name=login.name, roles=roles))


def words_of(page: Any) -> str:
    assert page.status_code == 200
    text = re.sub(r"<(script|style|template|svg).*?</\1>|<[^>]+>", " ", page.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(text))


def _look_for_the_story() -> None:
    assert Location.objects.count() == 3
    assert len(set(Location.objects.values_list("time_zone", flat=True))) == 3
    assert StaffMember.objects.filter(is_practitioner=True).count() == 12
    now = timezone.now()
    working = next_working_day(now.date())
    visits = Appointment.objects.filter(starts_at__date=working, status__in=["booked", "confirmed", "arrived", "done"])
    assert 40 < visits.count() < 95
    closed = list(Closure.objects.values_list("closed_on_date", flat=True))
    assert len(closed) >= 3
    assert not Appointment.objects.filter(starts_at__date__in=closed).exists()
    assert not Appointment.objects.filter(starts_at__week_day=1).exists()  # 1 is Sunday, and UTC's day is theirs
    oldest = Appointment.objects.order_by("starts_at").values_list("starts_at", flat=True).first()
    assert oldest is not None
    assert now - oldest > timedelta(weeks=25)
    for signed in Signature.objects.select_related("agreement")[:20]:
        assert signed.text_sha256 == fingerprint(signed.agreement.title, signed.agreement.text)


def next_working_day(day: date) -> date:
    closed = closed_days(day, day + timedelta(days=10))
    return next(d for n in range(1, 10) if (d := day + timedelta(days=n)).weekday() < 5 and d not in closed)


def _look_for_the_faults() -> None:
    desk = Seat.objects.get(key="front_desk.bowling_green")
    assert not SeatHolding.objects.filter(seat_id=desk.id, until_date=None).exists()
    bell = StaffMember.objects.get(name="Marcus Bell")
    unwritten = Encounter.objects.filter(practitioner_id=bell.id).exclude(
        id__in=Note.objects.values_list("encounter_id", flat=True)
    )
    assert unwritten.exclude(ends_at=None).filter(due_at__lt=timezone.now()).count() == 11
    cluster = Denial.objects.filter(state="open", reason_code="16", remark_codes=["N255"])
    assert cluster.count() == 7
    assert set(cluster.values_list("claim__payer__name", flat=True)) == {"Commonwealth Health Plan"}
    forgotten = Case.objects.filter(playbook_key="new_patient_intake", state="open", stage_key="booking")
    assert forgotten.count() == 10
    month_ago = timezone.now() - timedelta(days=30)
    assert Claim.objects.filter(state="sent", sent_at__lt=month_ago).count() == 2
    assert Task.objects.filter(seat_key="owner", state="open", key__startswith="demo.").count() == 9
