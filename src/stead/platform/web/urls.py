"""Addresses of the platform's own pages."""

from django.urls import path

from stead.platform.access import views as access
from stead.platform.accounts import security_views, token_views
from stead.platform.jobs import dead
from stead.platform.web import health, language, live, palette

urlpatterns = [
    path("healthz", health.health, name="health"),
    path("language/", language.language, name="language"),
    path("search/", palette.search, name="search"),
    path("events/", live.events, name="events"),
    path("platform/jobs/dead", dead.dead, name="jobs_dead"),
    path("platform/jobs/<int:job_id>/retry", dead.retry, name="jobs_retry"),
    path("platform/reads/<uuid:patient_id>", access.reads_of_patient, name="access_reads"),
    path("platform/tokens/", token_views.api_tokens, name="api_tokens"),
    path("platform/tokens/<uuid:api_token_id>/revoke", token_views.revoke, name="api_token_revoke"),
    path("platform/security/", security_views.security, name="security"),
    path("platform/glass/", access.break_glass, name="glass"),
    path("platform/glass/end", access.end_glass, name="glass_end"),
    path("platform/glass/reviews", access.reviews, name="glass_reviews"),
    path("platform/glass/<uuid:glass_id>/review", access.review, name="glass_review"),
]
