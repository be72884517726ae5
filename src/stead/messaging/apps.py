from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "stead.messaging"
    label = "messaging"
