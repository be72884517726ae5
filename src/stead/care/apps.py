from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "stead.care"
    label = "care"
