from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "stead.practice"
    label = "practice"

    def ready(self) -> None:
        from stead.practice import mendings, navigation, permissions  # noqa: F401  # each declares itself
