"""What planning reads from its environment: nothing beyond what every service has."""

from lineside_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Planning's settings."""
