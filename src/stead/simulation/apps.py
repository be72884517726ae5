from django.apps import AppConfig
from django.conf import settings


class SimulationConfig(AppConfig):
    name = "stead.simulation"
    label = "simulation"

    def ready(self) -> None:
        if settings.STEAD_DEMO:
            from stead.billing.ports import provide
            from stead.simulation.cards import SandboxCards

            provide(SandboxCards)
