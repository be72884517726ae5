from django.apps import AppConfig
from django.db.backends.signals import connection_created


class PlatformConfig(AppConfig):
    name = "stead.platform"
    label = "platform"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from stead.platform import checks, rights, rotation  # noqa: F401  start-up checks, permissions
        from stead.platform.journal import jobs  # noqa: F401  declares the sealing job
        from stead.platform.tenancy import context
        from stead.platform.ui import form_words

        form_words.use()
        connection_created.connect(context.watch, dispatch_uid="stead.context")
        rotation.declare("platform.Totp", "secret_encrypted", "totp", record="account_id", of_practice=False)
