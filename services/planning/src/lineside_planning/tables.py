"""Every table of planning, for migrations and checks; the service itself reads its packages'."""

from lineside_planning.capacity import tables as _capacity  # noqa: F401 -- registers
from lineside_planning.columns import metadata
from lineside_planning.costing import tables as _costing  # noqa: F401 -- registers
from lineside_planning.master_data import tables as _master_data  # noqa: F401 -- registers
from lineside_planning.materials import tables as _materials  # noqa: F401 -- registers
from lineside_planning.mrp import tables as _mrp  # noqa: F401 -- registers
from lineside_planning.orders import tables as _orders  # noqa: F401 -- registers

__all__ = ["metadata"]
