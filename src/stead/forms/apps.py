from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "stead.forms"
    label = "forms"

    def ready(self) -> None:
        from stead.forms import actions, facts, mendings, permissions  # noqa: F401  they declare themselves
