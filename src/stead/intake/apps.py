from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "stead.intake"
    label = "intake"

    def ready(self) -> None:
        from stead.intake import (  # noqa: F401  they declare themselves
            actions,
            facts,
            handlers,
            jobs,
            mendings,
            navigation,
            permissions,
            record,
        )
        from stead.platform import rotation

        rotation.declare("intake.IntakeRequest", "need_encrypted", "need")
        rotation.declare("intake.PatientMessage", "text_encrypted", "text")
