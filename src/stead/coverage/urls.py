from django.urls import path

from stead.coverage import payer_views, views

urlpatterns = [
    path("", views.eligibility, name="coverage_eligibility"),
    path("payers/", payer_views.payers, name="coverage_payers"),
    path("payers/add/", payer_views.add_payer, name="coverage_payer_add"),
    path("<uuid:coverage_id>/ask/", views.ask, name="coverage_ask"),
    path("<uuid:check_id>/answer/", views.write_answer, name="coverage_answer"),
]
