from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "stead.intake"
    label = "intake"
