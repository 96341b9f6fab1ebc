"""Waiting work orders and free lanes: who gets which (SPEC 10).

The queue's order is priority, due date (work without one last), then least changeover against what
a lane made last, then id. Changeover decides between equals in priority and due date alone, and
which of several free lanes a work order gets. Work that just left a lane does not go back there by
itself: a person took it off.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from lineside_contracts.values import OperationType, Priority
from lineside_shopfloor.lanes.domain import fitting
from lineside_shopfloor.lanes.domain.fitting import WorkNeeds

_RANKS = {Priority.URGENT: 1, Priority.HIGH: 2, Priority.MEDIUM: 3, Priority.LOW: 4}
"""As the database's function `priority_rank` ranks them: the index of the queue is by it."""


class Changeover(StrEnum):
    """What a lane must be changed over from, the least first."""

    SAME_PRODUCT = "same_product"
    SAME_FAMILY = "same_family"
    OTHER = "other"


_COST = {kind: cost for cost, kind in enumerate(Changeover)}


@dataclass(frozen=True, slots=True)
class Making:
    """What is made, or was made last: a product, and the category that is its family."""

    product_code: str | None = None
    product_category: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A released work order without a lane."""

    id: UUID
    work_order_number: str
    needs: WorkNeeds
    priority: Priority
    due_date: date | None
    making: Making

    @property
    def urgency(self) -> tuple[int, date]:
        """Its place in the queue; lower goes first, and equals are decided by changeover."""
        return _RANKS[self.priority], self.due_date or date.max


@dataclass(frozen=True, slots=True)
class OpenLane:
    """A lane with room.

    Attributes:
        room: How many tracks are free.
        last_work_order_id: What left it last.
        made: What that work order made.
    """

    id: UUID
    lane_number: str
    plant_code: str
    lane_type: OperationType
    work_center_code: str | None
    room: int
    last_work_order_id: UUID | None
    made: Making


@dataclass(frozen=True, slots=True)
class Match:
    """A work order and the lane it gets."""

    waiting: Waiting
    lane: OpenLane
    changeover: Changeover


def match(lanes: Sequence[OpenLane], queue: Iterable[Waiting]) -> list[Match]:
    """Give the lanes to those that wait, in the queue's order."""
    room = {lane.id: lane.room for lane in lanes}
    matches: list[Match] = []
    for _, equals in groupby(ordered(queue), key=lambda one: one.urgency):
        open_lanes = [lane for lane in lanes if room[lane.id] > 0]
        if not open_lanes:
            break
        matches += _among(open_lanes, list(equals), room)
    return matches


def ordered(queue: Iterable[Waiting]) -> list[Waiting]:
    """Put those that wait in the order lanes take them, as far as no changeover decides."""
    return sorted(queue, key=lambda one: (*one.urgency, one.id))


def may_take(lane: OpenLane, waiting: Waiting) -> bool:
    """Say whether automation may put a work order on a lane."""
    return fits(lane, waiting.needs) and lane.last_work_order_id != waiting.id


def fits(lane: OpenLane, needs: WorkNeeds) -> bool:
    """Say whether a lane can do some work."""
    return (lane.plant_code, lane.lane_type) == (
        needs.plant_code,
        needs.operation_type,
    ) and fitting.fits_work_center(lane.work_center_code, needs.work_center_codes)


def changeover(made: Making, next_made: Making) -> Changeover:
    """Tell what a lane must be changed over from; one that made nothing yet starts from other."""
    if made.product_code is not None and made.product_code == next_made.product_code:
        return Changeover.SAME_PRODUCT
    family = made.product_category
    if family is not None and family == next_made.product_category:
        return Changeover.SAME_FAMILY
    return Changeover.OTHER


def _among(
    lanes: Sequence[OpenLane], equals: Sequence[Waiting], room: dict[UUID, int]
) -> Iterator[Match]:
    """Yield who of some equals gets which lane, the least changeover first; room is used up."""
    pairs = [
        Match(waiting, lane, changeover(lane.made, waiting.making))
        for waiting in equals
        for lane in lanes
        if may_take(lane, waiting)
    ]
    placed: set[UUID] = set()
    for pair in sorted(pairs, key=_preference):
        if pair.waiting.id not in placed and room[pair.lane.id] > 0:
            placed.add(pair.waiting.id)
            room[pair.lane.id] -= 1
            yield pair


def _preference(pair: Match) -> tuple[int, UUID, bool, str, UUID]:
    """Prefer a lane of a work center: one of none is left to whoever fits no other."""
    lane = pair.lane
    is_general = lane.work_center_code is None
    return _COST[pair.changeover], pair.waiting.id, is_general, lane.lane_number, lane.id
