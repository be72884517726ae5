from django.urls import path

from stead.intake import public

urlpatterns = [
    path("<slug:slug>/ask/", public.ask, name="intake_ask"),
    path("<slug:slug>/ask/sent/", public.sent, name="intake_sent"),
    path("<slug:slug>/ask/urgent/", public.sent_urgent, name="intake_sent_urgent"),
    path("<slug:slug>/enter/<str:token>/", public.enter, name="intake_enter"),
    path("<slug:slug>/enter/<str:token>/again/", public.again, name="intake_again"),
    path("<slug:slug>/keep/", public.keep, name="intake_keep"),
]
