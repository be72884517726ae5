from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "stead.portal"
    label = "portal"
