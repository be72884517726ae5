from django.apps import AppConfig


class OperatingConfig(AppConfig):
    name = "stead.operating"
    label = "operating"
