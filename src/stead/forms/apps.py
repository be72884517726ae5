from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "stead.forms"
    label = "forms"
