from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "stead.practice"
    label = "practice"
