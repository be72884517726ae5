"""Settings: everything a deployment may change comes from the environment; `stead doctor` says what is missing.

`STEAD_RUNTIME_URL` is what web and workers connect with (the login role); `DATABASE_URL` is the administrator's and is
only known to `stead migrate` and its like.
"""

import os
from pathlib import Path
from typing import Any

from stead.platform.database.urls import DatabaseUrl
from stead.platform.tenancy.roles import RUNTIME

BASE = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("STEAD_STATE", ".stead")).resolve()

SECRET_KEY = os.environ.get("STEAD_SECRET_KEY", "insecure-only-for-commands-that-serve-nobody")  # asgi.py refuses it
DEBUG = False
ALLOWED_HOSTS = os.environ.get("STEAD_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("STEAD_ORIGINS", "").split(",") if o]
STEAD_TRUSTED_PROXIES = os.environ.get("STEAD_TRUSTED_PROXIES", "")
"""Networks of the proxies in front, whose X-Forwarded-For and X-Forwarded-Proto are believed; none by default."""
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
STEAD_DEMO = os.environ.get("STEAD_DEMO") == "1"
STEAD_DESIGN_PAGES = STEAD_DEMO or os.environ.get("STEAD_DESIGN_PAGES") == "1"
STEAD_ROLES = RUNTIME

ROOMS = [
    "platform", "practice", "patients", "processes", "messaging", "forms", "coverage", "scheduling", "care", "intake",
    "billing", "operating", "setup", "exchange", "fhir", "portal", "simulation",
]  # fmt: skip

INSTALLED_APPS = [
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    *(f"stead.{room}.apps.{room.capitalize()}Config" for room in ROOMS),
]

MIDDLEWARE = [
    "stead.platform.web.proxy.only_from_trusted_proxies",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "stead.platform.web.answers.without_page",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "stead.platform.accounts.session.account_middleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "stead.config.urls"
ASGI_APPLICATION = "stead.config.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "stead.platform.web.navigation.context",
            ],
            "builtins": ["django.templatetags.i18n", "stead.platform.templatetags.stead"],
        },
    }
]

_RUNTIME_URL = os.environ.get("STEAD_RUNTIME_URL", "postgresql://stead_login@localhost/stead")
_OWNER_URL = os.environ.get("DATABASE_URL", "")
_POOL = {"pool": {"min_size": 1, "max_size": int(os.environ.get("STEAD_POOL", "8")), "timeout": 10}}


def _database(url: str, options: dict[str, Any]) -> dict[str, Any]:
    said = DatabaseUrl.parse(url).as_django()
    return said | {"OPTIONS": said["OPTIONS"] | options}


DATABASES: dict[str, Any] = {
    "default": _database(_RUNTIME_URL, _POOL if os.environ.get("STEAD_SERVING") else {})
    # A pooled connection may be older than the server: ask before use, so that a restart costs nobody an error page.
    | {"CONN_HEALTH_CHECKS": True},
    # Migrations, verify, backup and loads: tables belong to stead_owner, whoever the administrator is.
    "owner": _database(_OWNER_URL or _RUNTIME_URL, {"options": "-c role=stead_owner"}),
}
DATABASE_ROUTERS = ["stead.config.router.RuntimeRouter"]

AUTH_USER_MODEL = "platform.Account"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "/sign-in/"
STEAD_SECOND_STEP_ROLES = frozenset(
    os.environ.get("STEAD_SECOND_STEP_ROLES", "" if STEAD_DEMO else "owner,manager").replace(",", " ").split()
)
"""Staff of these roles come in by passkey or with a second step only; every staff role may be named, or none."""

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
_SECURE = os.environ.get("STEAD_INSECURE_COOKIES") != "1" and not STEAD_DEMO
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "manifest-src": ["'self'"],
}

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = STATE / "static"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

PROCRASTINATE_DATABASE_ALIAS = "default"
PROCRASTINATE_ON_APP_READY = "stead.platform.jobs.retries.install"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = [
    "fields.W342",
    "models.W042",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "stead.platform.logs.QuietFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("STEAD_LOG", "WARNING")},
}
