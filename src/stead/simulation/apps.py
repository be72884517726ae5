from django.apps import AppConfig


class SimulationConfig(AppConfig):
    name = "stead.simulation"
    label = "simulation"
