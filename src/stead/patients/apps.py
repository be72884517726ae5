from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "stead.patients"
    label = "patients"
