"""Figures of closed weeks are kept, and an event that reaches back makes one week be counted again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stead.care.models import Encounter
from stead.operating import figures, queries, rules
from stead.operating.measures import BY_KEY, CATALOGUE
from stead.operating.models import WeekFigure
from stead.operating.tests.conftest import LOUISVILLE, Hand
from stead.platform.actors import Actor
from stead.platform.journal.write import write

pytestmark = pytest.mark.django_db


def kept(hand: Hand) -> figures.Kept:
    weeks = rules.closed_weeks(hand.at, LOUISVILLE, 13)
    found = figures.of_weeks(CATALOGUE, weeks, LOUISVILLE)
    figures.keep(found, weeks, hand.at)
    return found


def value(hand: Hand, key: str) -> Any:
    return kept(hand).figures[key, hand.week.start_date].value


def test_closed_weeks_are_counted_once_in_one_statement(hand: Hand) -> None:
    hand.visit(hand.patient(), hand.local(17))
    with CaptureQueriesContext(
        connection,
    ) as first:
        assert len(kept(hand).fresh) == 13 * len(CATALOGUE)
    assert len([q for q in first if "with w as" in q["sql"]]) == 1
    with CaptureQueriesContext(connection) as second:
        again = kept(hand)
    assert (again.fresh, len(second)) == ({}, 1)
    assert again.figures["visits_kept", hand.week.start_date].value == 1


def test_late_outcome_recounts_only_its_own_weeks(hand: Hand, ana: Actor) -> None:
    patient = hand.patient()
    hand.visit(patient, hand.local(3))
    visit = hand.visit(patient, hand.local(17), "booked")
    assert value(hand, "visits_kept") == 0
    visit.status = "no_show"
    visit.save()
    write("appointment.no_show", by=ana, at=hand.at, subject=visit, patient_id=patient.id)
    again = kept(hand)
    first_visit_week = hand.week.start_date - timedelta(days=14)
    assert set(again.fresh) == {
        ("visits_kept", hand.week.start_date),
        ("no_show_rate", hand.week.start_date),
        ("new_patients", hand.week.start_date),
        ("new_patients", first_visit_week),
    }
    assert again.figures["no_show_rate", hand.week.start_date].value == 100
    assert kept(hand).fresh == {}


def test_outcome_of_this_week_marks_nothing(hand: Hand, ana: Actor) -> None:
    visit = hand.visit(hand.patient(), hand.local(24, 9), "done")
    kept(hand)
    write("appointment.finished", by=ana, at=hand.at, subject=visit)
    assert kept(hand).fresh == {}


def test_sunday_visit_finished_on_monday_is_counted_again(hand: Hand, ana: Actor) -> None:
    visit = hand.visit(hand.patient(), hand.local(22, 20), "in_session")
    assert value(hand, "visits_kept") == 0
    visit.status = "done"
    visit.save()
    write("appointment.finished", by=ana, at=hand.local(23, 9), subject=visit)
    assert value(hand, "visits_kept") == 1


def test_visit_imported_later_makes_a_patient_not_new(hand: Hand, ana: Actor) -> None:
    patient = hand.patient()
    hand.visit(patient, hand.local(17))
    assert value(hand, "new_patients") == 1
    before = Encounter.objects.create(
        patient_id=patient.id, practitioner_id=hand.cho.id, starts_at=hand.local(2), service_date=hand.local(2).date(),
        source="fhir",
    )  # fmt: skip
    write("encounter.imported", by=ana, at=hand.at, subject=before, patient_id=patient.id)
    assert value(hand, "new_patients") == 0


def test_encounter_written_down_late_recounts_the_week_of_its_72_hours(hand: Hand, ana: Actor) -> None:
    kept(hand)
    late = Encounter.objects.create(
        patient_id=hand.patient().id, practitioner_id=hand.cho.id, starts_at=hand.local(14), ends_at=hand.local(14, 11),
        service_date=hand.local(14).date(),
    )  # fmt: skip
    write("encounter.opened", by=ana, at=hand.at, subject=late)
    again = kept(hand)
    assert set(again.fresh) == {("notes_72h", hand.week.start_date)}
    assert again.figures["notes_72h", hand.week.start_date].value == 0


def test_count_that_missed_an_event_is_not_kept(hand: Hand) -> None:
    """A reader counts, an event arrives, the reader keeps: the keeping must give way."""
    weeks = [hand.week]
    found = figures.of_weeks([BY_KEY["visits_kept"]], weeks, LOUISVILLE)
    figures.mark_stale([("visits_kept", hand.local(17))], hand.at)
    figures.keep(found, weeks, hand.at)
    row = WeekFigure.objects.get(measure_key="visits_kept")
    assert (row.events, row.counted_events) == (1, None)
    assert figures.of_weeks([BY_KEY["visits_kept"]], weeks, LOUISVILLE).fresh


def test_week_is_not_kept_in_its_first_hour_after_midnight(hand: Hand) -> None:
    midnight = hand.week.ends_at
    found = figures.of_weeks([BY_KEY["visits_kept"]], [hand.week], LOUISVILLE)
    assert figures.keep(found, [hand.week], midnight + timedelta(minutes=59)) == 0
    assert figures.keep(found, [hand.week], midnight + timedelta(minutes=60)) == 1


def test_history_loaded_past_the_journal_is_counted_again(hand: Hand) -> None:
    assert value(hand, "visits_kept") == 0
    hand.visit(hand.patient(), hand.local(17))
    assert value(hand, "visits_kept") == 0
    assert figures.forget(hand.local(17).date(), hand.local(18).date()) == len(CATALOGUE)
    assert value(hand, "visits_kept") == 1


def test_scorecard_has_no_figures_from_before_the_book_begins(hand: Hand) -> None:
    hand.visit(hand.patient(), hand.local(17))
    row = queries.scorecard(at=hand.at).row("visits_kept")
    assert row is not None
    assert [cell.value for cell in row.cells] == [None] * 12 + [1]


def test_owner_of_a_measure_is_whoever_holds_its_seat(hand: Hand) -> None:
    hand.seat("front_desk.linden", "Front desk, Linden Street", hand.priya)
    hand.seat("revenue_lead", "Billing lead")
    card = queries.scorecard(at=hand.at)
    owners = {row.measure.key: row.judged.owner.holder for row in card.rows}
    assert owners["no_show_rate"] == "Priya Nair"
    assert owners["collections"] == ""


def test_another_practice_keeps_its_own_figures(
    hand: Hand, in_practice: Callable[..., Any], practice_row: object, elsewhere: UUID, eve: Actor
) -> None:
    from stead.testing.clients import enter_practice, outside

    hand.visit(hand.patient(), hand.local(17))
    assert value(hand, "visits_kept") == 1
    with outside():
        enter_practice(elsewhere, "Elsewhere Therapy", "elsewhere")
    with in_practice(eve, elsewhere):
        assert value(hand, "visits_kept") == 0
    assert value(hand, "visits_kept") == 1
