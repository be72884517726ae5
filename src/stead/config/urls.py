"""Every address. Each room's pages are one include; each view declares its access (platform.web.door)."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
