from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "stead.messaging"
    label = "messaging"

    def ready(self) -> None:
        from stead.messaging import actions, jobs, navigation, permissions  # noqa: F401  they declare themselves
        from stead.platform import rotation

        rotation.declare("messaging.OutboxMessage", "secret_encrypted", "secret")
