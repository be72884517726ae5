from django.apps import AppConfig


class ProcessesConfig(AppConfig):
    name = "stead.processes"
    label = "processes"
