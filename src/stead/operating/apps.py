from django.apps import AppConfig


class OperatingConfig(AppConfig):
    name = "stead.operating"
    label = "operating"

    def ready(self) -> None:
        from stead.operating import actions, emergencies, handlers, jobs, navigation, permissions  # noqa: F401  each registers itself
