from django.apps import AppConfig


class SetupConfig(AppConfig):
    name = "stead.setup"
    label = "setup"

    def ready(self) -> None:
        from stead.platform import rotation
        from stead.setup import actions, handlers, jobs, navigation, permissions  # noqa: F401  they declare themselves

        rotation.declare("setup.ResetRequest", "email_encrypted", "email", of_practice=False)
