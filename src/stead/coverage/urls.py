from django.urls import path

from stead.coverage import views

urlpatterns = [
    path("", views.eligibility, name="coverage_eligibility"),
    path("<uuid:coverage_id>/ask/", views.ask, name="coverage_ask"),
    path("<uuid:check_id>/answer/", views.write_answer, name="coverage_answer"),
]
