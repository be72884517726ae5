from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "stead.portal"
    label = "portal"

    def ready(self) -> None:
        from stead.portal import permissions  # noqa: F401  it declares itself
