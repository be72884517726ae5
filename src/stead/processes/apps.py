from django.apps import AppConfig


class ProcessesConfig(AppConfig):
    name = "stead.processes"
    label = "processes"

    def ready(self) -> None:
        from stead.processes import facts, gates, handlers, jobs, mendings, navigation, permissions  # noqa: F401  # declare
