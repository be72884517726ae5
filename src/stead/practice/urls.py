"""Addresses of the room Seats."""

from django.urls import path

from stead.practice import licences, locations, views

urlpatterns = [
    path("", views.seats, name="practice_seats"),
    path("absences/", views.absences, name="practice_absences"),
    path("absences/record/", views.record, name="practice_absence_record"),
    path("absences/<uuid:absence_id>/cancel/", views.cancel, name="practice_absence_cancel"),
    path("locations/", locations.locations, name="practice_locations"),
    path("people/<uuid:staff_id>/licences/", licences.licences, name="practice_licences"),
    path("people/<uuid:staff_id>/licences/add/", licences.add, name="practice_licence_add"),
    path("<uuid:seat_id>/", views.seat, name="practice_seat"),
    path("<uuid:seat_id>/assign/", views.assign, name="practice_seat_assign"),
    path("<uuid:seat_id>/vacate/", views.vacate, name="practice_seat_vacate"),
    path("<uuid:seat_id>/backup/", views.backup, name="practice_seat_backup"),
]
