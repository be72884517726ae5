from django.urls import path

from stead.patients import views

urlpatterns = [
    path("", views.patient_list, name="patients_list"),
    path("new/", views.new_patient, name="patients_new"),
    path("<uuid:patient_id>/", views.patient_record, name="patients_record"),
    path("<uuid:patient_id>/edit/", views.edit_patient, name="patients_edit"),
    path("<uuid:patient_id>/consents/", views.record_consent, name="patients_consent"),
    path("<uuid:patient_id>/people/", views.add_related, name="patients_related"),
    path("<uuid:patient_id>/people/<uuid:related_id>/end/", views.end_related, name="patients_related_end"),
]
