"""Settings for the design system's own tests while the other rooms are missing: only the platform is installed."""

from stead.config.settings import *  # noqa: F403

SECRET_KEY = "only-for-tests-only-for-tests-only-for-tests-only-for-tests"
INSTALLED_APPS = [
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "stead.platform.apps.PlatformConfig",
]
ROOT_URLCONF = "stead.platform.ui.urls"
STEAD_DESIGN_PAGES = True
ALLOWED_HOSTS = ["*"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
SECURE_HSTS_SECONDS = 0
MIDDLEWARE = [m for m in MIDDLEWARE if "auth" not in m]  # noqa: F405
