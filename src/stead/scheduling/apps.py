from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "stead.scheduling"
    label = "scheduling"

    def ready(self) -> None:
        from stead.scheduling import actions, facts, handlers, jobs, navigation, permissions, record, setup  # noqa: F401  # declare
