"""What planning reads from its environment: the chassis' settings, and MRP's intervals."""

from lineside_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Planning's settings.

    Attributes:
        mrp_poll_seconds: How often a replica looks for MRP runs to do.
        mrp_check_seconds: How often net change is proven equal to a regeneration; 0: never.
    """

    mrp_poll_seconds: float = 1
    mrp_check_seconds: float = 300
