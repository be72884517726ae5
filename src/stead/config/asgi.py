"""The ASGI application: Django, whose live streams end by themselves when the server stops (`web/stopping.py`)."""

import os

from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

from stead.config.children import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stead.config.settings")
die_with_parent()  # granian's workers load this module; they do not notice by themselves that granian was killed
if "STEAD_SECRET_KEY" not in os.environ:
    raise ImproperlyConfigured("STEAD_SECRET_KEY is not set. Everybody knows the key that stands in for it.")
application = get_asgi_application()
