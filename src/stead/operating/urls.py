"""Addresses of Today, Numbers, Rhythm and What would stall."""

from django.urls import path, register_converter

from stead.operating.views import absence, home, numbers, rhythm
from stead.operating.weeks_in_urls import MondayConverter

register_converter(MondayConverter, "monday")

urlpatterns = [
    path("", home.today, name="today"),
    path("numbers/", numbers.scorecard, name="numbers_scorecard"),
    path("numbers/definitions/", numbers.definitions, name="numbers_definitions"),
    path("numbers/definitions/<slug:key>/", numbers.definition, name="numbers_definition"),
    path("numbers/<slug:key>/<monday:week>/", numbers.figure, name="numbers_figure"),
    path("numbers/<slug:key>/<monday:week>/raise/", numbers.raise_number, name="numbers_raise"),
    path("rhythm/", rhythm.meeting, name="rhythm_meeting"),
    path("rhythm/open/", rhythm.open_meeting, name="rhythm_open"),
    path("rhythm/meetings/<uuid:meeting_id>/", rhythm.minutes, name="rhythm_minutes"),
    path("rhythm/meetings/<uuid:meeting_id>/hold/", rhythm.hold_meeting, name="rhythm_hold"),
    path("rhythm/issues/", rhythm.issues, name="rhythm_issues"),
    path("rhythm/issues/raise/", rhythm.raise_issue, name="rhythm_raise"),
    path("rhythm/issues/<uuid:issue_id>/", rhythm.issue, name="rhythm_issue"),
    path("rhythm/issues/<uuid:issue_id>/settle/", rhythm.settle, name="rhythm_settle"),
    path("rhythm/decisions/", rhythm.decisions, name="rhythm_decisions"),
    path("rhythm/todos/", rhythm.todo_list, name="rhythm_todos"),
    path("rhythm/todos/make/", rhythm.make_todo, name="rhythm_todo_make"),
    path("rhythm/todos/<uuid:todo_id>/finish/", rhythm.finish_todo, name="rhythm_todo_finish"),
    path("seats/absence/", absence.preview, name="seats_absence"),
]
