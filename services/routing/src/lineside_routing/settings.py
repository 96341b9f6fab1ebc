"""What routing reads from its environment; `app` alone reads it."""

from lineside_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """The settings every service has, and how much of the templates is kept in memory.

    Attributes:
        cached_operations: Operations of active templates kept parsed (about 5 KB each).
    """

    cached_operations: int = 10_000
