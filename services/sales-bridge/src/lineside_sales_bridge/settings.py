"""Settings of this service: the chassis' own."""

from lineside_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Nothing beyond what every service has."""
