from django.urls import path

from stead.messaging import views

urlpatterns = [
    path("", views.outbox, name="messaging_outbox"),
    path("<uuid:message_id>/", views.message, name="messaging_message"),
    path("<uuid:message_id>/send-again/", views.send_again, name="messaging_send_again"),
    path("<uuid:message_id>/stop/", views.stop, name="messaging_stop"),
]
