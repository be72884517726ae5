from django.apps import AppConfig


class SetupConfig(AppConfig):
    name = "stead.setup"
    label = "setup"

    def ready(self) -> None:
        from stead.setup import actions, handlers, jobs, navigation, permissions  # noqa: F401  they declare themselves
