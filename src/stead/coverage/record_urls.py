"""Addresses of a patient's policies, under the record."""

from django.urls import path

from stead.coverage import policy_views as views

urlpatterns = [
    path("<uuid:patient_id>/coverage/new/", views.new_policy, name="coverage_new"),
    path("coverage/<uuid:coverage_id>/", views.policy, name="coverage_policy"),
    path("coverage/<uuid:coverage_id>/card/", views.attach, name="coverage_attach"),
    path("coverage/<uuid:coverage_id>/card/<str:side>/", views.card, name="coverage_card"),
    path("coverage/<uuid:coverage_id>/verify/", views.verify, name="coverage_verify"),
    path("coverage/<uuid:coverage_id>/retire/", views.retire, name="coverage_retire"),
    path("coverage/<uuid:coverage_id>/authorizations/", views.authorize, name="coverage_authorize"),
]
