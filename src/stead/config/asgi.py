"""The application that granian's workers load."""

import os

from django.core.asgi import get_asgi_application

from stead.config.children import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stead.config.settings")
die_with_parent()
application = get_asgi_application()
