"""Settings of this service: the chassis' own, and how often an order is predicted again."""

from lineside_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """What predictions read from their environment.

    Attributes:
        recalculation_seconds: Under a stream of reports an order is predicted again at most once
            in so many seconds; above 0.
    """

    recalculation_seconds: float = 3
