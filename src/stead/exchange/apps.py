from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "stead.exchange"
    label = "exchange"
