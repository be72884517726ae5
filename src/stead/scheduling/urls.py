from datetime import date

from django.urls import path, register_converter

from stead.platform.web.days import read_day
from stead.scheduling import setup_views, views


class DayConverter:
    """A calendar day in an address: 2026-11-24."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return read_day(value)  # a ValueError means: no such address

    def to_url(self, value: date | str) -> str:
        return str(value)


register_converter(DayConverter, "calendar_day")

urlpatterns = [
    path("", views.today, name="calendar_today"),
    path("day/<calendar_day:day>/", views.day_page, name="calendar_day"),
    path("list/", views.visit_list, name="calendar_list"),
    path("book/", views.book, name="calendar_book"),
    path("hold/", views.hold, name="calendar_hold"),
    path("services/", setup_views.services, name="calendar_services"),
    path("services/add/", setup_views.add_service, name="calendar_service_add"),
    path("services/<uuid:service_id>/offer/", setup_views.offer_service, name="calendar_service_offer"),
    path("services/<uuid:service_id>/retire/", setup_views.retire_service, name="calendar_service_retire"),
    path("hours/", setup_views.hours, name="calendar_hours"),
    path("hours/add/", setup_views.add_hours, name="calendar_hours_add"),
    path("hours/<uuid:pattern_id>/end/", setup_views.end_hours, name="calendar_hours_end"),
    path("visits/<uuid:appointment_id>/", views.visit, name="calendar_visit"),
    path("visits/<uuid:appointment_id>/move/", views.move, name="calendar_move"),
    path("visits/<uuid:appointment_id>/cancel/", views.cancel, name="calendar_cancel"),
    path("visits/<uuid:appointment_id>/held/", views.record_late, name="calendar_late"),
    path("visits/<uuid:appointment_id>/<slug:step>/", views.step, name="calendar_step"),
]
