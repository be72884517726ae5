from django.urls import path

from stead.care import views

urlpatterns = [
    path("", views.day, name="care_day"),
    path("due/", views.due, name="care_due"),
    path("visits/<uuid:encounter_id>/note/", views.start, name="care_start_note"),
    path("notes/<uuid:note_id>/", views.note, name="care_note"),
    path("notes/<uuid:note_id>/keep/", views.keep, name="care_keep_note"),
    path("notes/<uuid:note_id>/amend/", views.amend, name="care_amend_note"),
]
