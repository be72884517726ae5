from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "stead.patients"
    label = "patients"

    def ready(self) -> None:
        from stead.patients import facts, mendings, navigation, palette, permissions  # noqa: F401  # declare themselves
        from stead.platform import rotation

        rotation.declare("patients.Patient", "ssn_encrypted", "ssn")
