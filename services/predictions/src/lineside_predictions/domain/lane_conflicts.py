"""Which lanes an order shares with more released work than they take at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

INACTIVE = "inactive"

PoolKey = tuple[str, str, str | None]
"""Plant, lane type, work center: lanes of one pool stand in for each other."""


@dataclass(frozen=True, slots=True)
class FloorLane:
    """A lane and what is on it."""

    plant_code: str
    lane_type: str
    work_center_code: str | None
    capacity: int
    work_order_ids: tuple[UUID, ...]

    @property
    def pool(self) -> PoolKey:
        """Which lanes it is one of."""
        return (self.plant_code, self.lane_type, self.work_center_code)


@dataclass(frozen=True, slots=True)
class LiveWork:
    """A work order that is released or in progress.

    Attributes:
        work_center_codes: Where its runs may go, alternates included; empty: anywhere.
    """

    id: UUID
    production_order_id: UUID
    plant_code: str
    operation_type: str
    work_center_codes: frozenset[str]

    def fits(self, pool: PoolKey) -> bool:
        """Whether it may run there; a lane of no work center takes any work of its type."""
        plant_code, lane_type, work_center_code = pool
        is_place = (plant_code, lane_type) == (self.plant_code, self.operation_type)
        is_free = work_center_code is None or not self.work_center_codes
        return is_place and (is_free or work_center_code in self.work_center_codes)


@dataclass
class _Pool:
    lane_count: int = 0
    capacity: int = 0
    competing: set[UUID] = field(default_factory=set)

    @property
    def is_contested(self) -> bool:
        return len(self.competing) > self.capacity


def count_by_order(lanes: Sequence[FloorLane], work: Iterable[LiveWork]) -> Mapping[UUID, int]:
    """Count the contested lanes of each order that has live work.

    Work on a lane competes there, work that waits competes wherever it fits. Lanes are contested
    together where more work competes for a pool than its lanes take at once.

    Args:
        lanes: Those that are not inactive.
        work: Live work orders of the same plants.
    """
    pools: dict[PoolKey, _Pool] = {}
    placed: dict[UUID, PoolKey] = {}
    for lane in lanes:
        pool = pools.setdefault(lane.pool, _Pool())
        pool.lane_count += 1
        pool.capacity += lane.capacity
        pool.competing.update(lane.work_order_ids)
        placed |= dict.fromkeys(lane.work_order_ids, lane.pool)
    of_order: dict[UUID, set[PoolKey]] = {}
    for each in work:
        place = placed.get(each.id)
        keys = [place] if place else [key for key in pools if each.fits(key)]
        for key in keys:
            pools[key].competing.add(each.id)
        of_order.setdefault(each.production_order_id, set()).update(keys)
    return {
        order: sum(pools[key].lane_count for key in keys if pools[key].is_contested)
        for order, keys in of_order.items()
    }
