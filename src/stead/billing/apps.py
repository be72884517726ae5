from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "stead.billing"
    label = "billing"

    def ready(self) -> None:
        from stead.billing import actions, copays, facts, handlers, jobs, mendings, navigation, permissions  # noqa: F401  they declare themselves
