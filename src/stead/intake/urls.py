from django.urls import path

from stead.intake.views import requests, safety

urlpatterns = [
    path("", requests.queue_page, name="intake_queue"),
    path("requests/<uuid:request_id>/", requests.request_page, name="intake_request"),
    path("patients/<uuid:patient_id>/invite/", requests.invite, name="intake_invite"),
    path("requests/<uuid:request_id>/urgent/", safety.urgent, name="intake_urgent"),
    path("safety/", safety.alarms, name="intake_safety"),
    path("safety/minutes/", safety.set_minutes, name="intake_safety_minutes"),
    path("safety/<uuid:alarm_id>/", safety.alarm, name="intake_safety_alarm"),
    path("safety/<uuid:alarm_id>/take/", safety.take, name="intake_safety_take"),
    path("safety/<uuid:alarm_id>/pass/", safety.pass_on, name="intake_safety_pass"),
    path("safety/<uuid:alarm_id>/settle/", safety.settle, name="intake_safety_settle"),
    path("documents/", requests.documents, name="intake_documents"),
    path("documents/<uuid:item_id>/", requests.document, name="intake_document"),
    path("documents/<uuid:item_id>/accept/", requests.accept, name="intake_accept"),
    path("documents/<uuid:item_id>/return/", requests.send_back, name="intake_return"),
    path("messages/<uuid:message_id>/", requests.message, name="intake_message"),
    path("files/<uuid:file_id>/", requests.file, name="intake_file"),
]
