from django.urls import path

from stead.intake import views

urlpatterns = [
    path("", views.queue_page, name="intake_queue"),
    path("requests/<uuid:request_id>/", views.request_page, name="intake_request"),
    path("patients/<uuid:patient_id>/invite/", views.invite, name="intake_invite"),
    path("documents/", views.documents, name="intake_documents"),
    path("documents/<uuid:item_id>/", views.document, name="intake_document"),
    path("documents/<uuid:item_id>/accept/", views.accept, name="intake_accept"),
    path("documents/<uuid:item_id>/return/", views.send_back, name="intake_return"),
    path("messages/<uuid:message_id>/", views.message, name="intake_message"),
    path("files/<uuid:file_id>/", views.file, name="intake_file"),
]
