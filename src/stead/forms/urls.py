from django.urls import path

from stead.forms import views

urlpatterns = [
    path("", views.agreements, name="forms_agreements"),
    path("wordings/<uuid:agreement_id>/", views.wording, name="forms_wording"),
    path("publish/", views.publish, name="forms_publish"),
    path("signatures/<uuid:signature_id>/", views.signature, name="forms_signature"),
    path("signatures/<uuid:signature_id>/paper/", views.paper, name="forms_paper"),
    path("patients/<uuid:patient_id>/", views.of_patient, name="forms_patient"),
    path("patients/<uuid:patient_id>/sign/", views.sign, name="forms_sign"),
    path("patients/<uuid:patient_id>/revoke/", views.revoke, name="forms_revoke"),
]
