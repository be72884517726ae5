from django.urls import path

from stead.exchange import views

urlpatterns = [
    path("", views.mailbox, name="exchange_mailbox"),
    path("fetch/", views.fetch, name="exchange_fetch"),
    path("send/", views.send, name="exchange_send"),
    path("faults/<uuid:fault_id>/settle/", views.settle, name="exchange_settle"),
    path("faults/<uuid:fault_id>/read-again/", views.read_again, name="exchange_read_again"),
]
