"""Settings of this service: the chassis' own, and how patiently sales systems are called."""

from lineside_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """The bridge's settings.

    Attributes:
        callback_retry_seconds: Between a call to a sales system that failed and the next one; after
            the last of them it is given up.
        callback_timeout_seconds: How long a sales system may take to answer a call.
    """

    callback_retry_seconds: tuple[float, ...] = (5, 30, 120, 600, 3600, 21_600, 86_400)
    callback_timeout_seconds: float = 10
