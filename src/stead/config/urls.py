"""Every address. Each room's pages are one include; each view declares its access (platform.web.door)."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("stead.operating.urls")),
    path("", include("stead.setup.urls")),
    path("seats/", include("stead.practice.urls")),
    path("", include("stead.processes.urls")),
    path("", include("stead.platform.accounts.urls")),
    path("", include("stead.platform.web.urls")),
    path("api/v1/", include("stead.config.api")),
    path("", include("stead.platform.ui.urls")),
    path("billing/", include("stead.billing.urls")),
    path("care/", include("stead.care.urls")),
    path("forms/", include("stead.forms.urls")),
    path("patients/", include("stead.patients.urls")),
    path("patients/", include("stead.coverage.record_urls")),
    path("billing/eligibility/", include("stead.coverage.urls")),
    path("billing/mailbox/", include("stead.exchange.urls")),
    path("calendar/", include("stead.scheduling.urls")),
    path("messages/", include("stead.messaging.urls")),
    path("intake/", include("stead.intake.urls")),
    path("p/", include("stead.intake.public_urls")),
    path("", include("stead.portal.urls")),
]

handler403 = "stead.platform.ui.errors.forbidden"
handler404 = "stead.platform.ui.errors.not_found"
handler500 = "stead.platform.ui.errors.broken"
