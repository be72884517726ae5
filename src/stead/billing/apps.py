from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "stead.billing"
    label = "billing"
