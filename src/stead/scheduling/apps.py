from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "stead.scheduling"
    label = "scheduling"
