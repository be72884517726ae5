from django.apps import AppConfig


class CoverageConfig(AppConfig):
    name = "stead.coverage"
    label = "coverage"

    def ready(self) -> None:
        from stead.coverage import actions, facts, mendings, navigation, permissions  # noqa: F401  they declare themselves
