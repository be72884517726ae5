from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "stead.care"
    label = "care"

    def ready(self) -> None:
        from stead.care import actions, facts, handlers, navigation, permissions  # noqa: F401  they declare themselves
