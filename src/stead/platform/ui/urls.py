"""Addresses of /design: present only where STEAD_DESIGN_PAGES is true (the demo, development, tests)."""

from django.conf import settings
from django.urls import URLPattern, path

from stead.platform.ui import views

DESIGN: list[URLPattern] = [
    path("design/", views.design, name="design"),
    path("design/home", views.home, name="design_home"),
    path("design/booking", views.booking, name="design_booking"),
    path("design/portal", views.portal, name="design_portal"),
    path("design/search", views.search, name="design_search"),
    path("design/press", views.press, name="design_press"),
    path("design/language", views.language, name="design_language"),
]
urlpatterns: list[URLPattern] = DESIGN if getattr(settings, "STEAD_DESIGN_PAGES", False) else []
