"""What this service reads from its environment; only `app` looks at it."""

from lineside_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """The settings every service has; the floor needs no others yet."""
