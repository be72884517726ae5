from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "stead.exchange"
    label = "exchange"

    def ready(self) -> None:
        from stead.exchange import actions, claims, handlers, jobs, navigation, permissions, reminders, smtp  # noqa: F401  they declare themselves
        from stead.messaging.ports import register

        register("email", smtp.find_carrier)
