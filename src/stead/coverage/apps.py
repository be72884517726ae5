from django.apps import AppConfig


class CoverageConfig(AppConfig):
    name = "stead.coverage"
    label = "coverage"
