"""What this service reads from its environment; only `app` looks at it."""

from pathlib import Path

from lineside_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """The chassis' settings, and what becomes of old production logs.

    Attributes:
        archive_directory: Where months of production logs are archived; all replicas see the same
            one, and it is kept. None: months are made ahead, and nothing is archived or dropped.
        retention_months: For how many months logs stay in the database.
        archive_check_seconds: How often months are looked after.
        oee_poll_seconds: How often somebody asks whether a shift has ended.
        oee_refresh_seconds: How old the effectiveness of running work may become; 0: until its
            shift ends.
    """

    archive_directory: Path | None = None
    retention_months: int = 24
    archive_check_seconds: float = 3600
    oee_poll_seconds: float = 2
    oee_refresh_seconds: float = 300
