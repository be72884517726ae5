from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "stead.care"
    label = "care"

    def ready(self) -> None:
        from stead.care import actions, facts, handlers, navigation, permissions  # noqa: F401  they declare themselves
        from stead.care.text import AMENDMENT, BODY
        from stead.platform import rotation

        rotation.declare("care.Note", "body_encrypted", BODY)
        rotation.declare("care.NoteAmendment", "body_encrypted", AMENDMENT)
