from django.apps import AppConfig


class FhirConfig(AppConfig):
    name = "stead.fhir"
    label = "fhir"
