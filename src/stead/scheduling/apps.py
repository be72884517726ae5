from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "stead.scheduling"
    label = "scheduling"

    def ready(self) -> None:
        from stead.scheduling import (  # noqa: F401  # each declares itself
            actions,
            facts,
            handlers,
            jobs,
            mendings,
            navigation,
            permissions,
            record,
            setup,
        )
