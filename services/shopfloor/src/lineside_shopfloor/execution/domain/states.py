"""Everything a decision on a report needs to know of its work order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

from lineside_contracts.shopfloor import LaneStatus, OperationStatus, WorkOrder, WorkOrderStatus
from lineside_contracts.values import OperationType
from lineside_shopfloor.execution.domain.logs import NO_OPERATION, TrackKey
from lineside_shopfloor.execution.domain.plans import Plan
from lineside_shopfloor.execution.domain.progress import Completion, Progress, Totals
from lineside_shopfloor.execution.domain.tracks import Track
from lineside_shopfloor.work_orders.domain import operations
from lineside_shopfloor.work_orders.domain.operations import FloorOperation

_NEXT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class LaneFact:
    """A lane as reports name it."""

    id: UUID
    lane_number: str
    plant_code: str
    lane_type: OperationType
    status: LaneStatus


@dataclass(frozen=True, slots=True)
class FloorRules:
    """The rules of the tenant and the plant that bound what may be reported."""

    tolerance_percentage: Decimal = Decimal(0)
    is_strict: bool = True
    assigns_at_start: bool = True
    time_zone: str = "UTC"

    def day_of(self, at: datetime) -> date:
        """Tell the local date of an instant."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An operation of another work order of the same production order.

    Attributes:
        good: What it gave.
        used: What it has reported as anything.
        predecessor_numbers: Whose pieces it takes.
    """

    operation_number: int
    good: Decimal
    used: Decimal
    units_per_product: Fraction
    unit_decimals: int
    predecessor_numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkState:
    """A work order with what is known of it on the floor.

    Attributes:
        work_order: With its operations.
        log_version: How many logs it has had.
        progress: Where it stands.
        plan: What its logs are measured against.
        lanes: Those it holds, those it has tracks on, and the one a report names, by id.
        held: The lanes it holds.
        named: The lane the report names, where it exists.
        fitting: Numbers of the lanes its work could go to; asked for where a start names none.
        before: Operations elsewhere whose pieces it takes, by number.
        following: Operations elsewhere that take its pieces; asked for by corrections.
    """

    work_order: WorkOrder
    log_version: int
    progress: Progress
    plan: Plan
    rules: FloorRules = FloorRules()
    lanes: Mapping[UUID, LaneFact] = field(default_factory=dict)
    held: tuple[UUID, ...] = ()
    named: UUID | None = None
    fitting: tuple[str, ...] = ()
    before: Mapping[int, Elsewhere] = field(default_factory=dict)
    following: tuple[Elsewhere, ...] = ()

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Its tracks, by operation."""
        return tuple(track for _, track in sorted(self.progress.tracks.items()))

    @property
    def operations(self) -> tuple[FloorOperation, ...]:
        """Its operations as the floor keeps them."""
        return operations.operations_of(self.work_order)

    def happens_at(self, now: datetime) -> datetime:
        """Tell when what is done now takes effect: after everything that was reported.

        Who waited for the work order took its `now` before what was reported meanwhile; of two
        things at one instant that would count as the first.
        """
        last = self.progress.last_at
        return max(now, last + _NEXT) if last is not None else now

    def operation(self, number: int) -> FloorOperation | None:
        """Find an operation by its number."""
        return next((o for o in self.operations if o.operation_number == number), None)

    def lane_number(self, lane_id: UUID | None) -> str | None:
        """Tell the number of a lane it has to do with."""
        lane = self.lanes.get(lane_id) if lane_id is not None else None
        return lane.lane_number if lane else None


def stored_progress(work_order: WorkOrder, tracks: Mapping[TrackKey, Track]) -> Progress:
    """Read where a work order stands from what is kept of it."""
    own = operations.operations_of(work_order)
    totals = {o.operation_number: totals_of(o) for o in own}
    if not own:
        totals[NO_OPERATION] = Totals(good=work_order.quantity_completed)
    done = Completion(work_order.actual_end_at or work_order.updated_at, work_order.updated_by)
    return Progress(
        tracks=dict(tracks),
        totals=totals,
        completions={
            o.operation_number: Completion(
                o.completed_at or work_order.updated_at, o.completed_by or work_order.updated_by
            )
            for o in own
            if o.status is OperationStatus.COMPLETED
        },
        completion=done if work_order.status is WorkOrderStatus.COMPLETED else None,
        started_at=work_order.actual_start_at,
    )


def totals_of(operation: FloorOperation) -> Totals:
    """Read what has been reported on an operation."""
    return Totals(
        good=operation.good_quantity,
        scrap=operation.scrap_quantity,
        rework=operation.rework_quantity,
        rework_in=operation.rework_in_quantity,
        rework_out=operation.rework_out_quantity,
        input_added=operation.input_added_quantity,
        setup_minutes=operation.actual_setup_minutes,
        run_minutes=operation.actual_run_minutes,
        labour_minutes=operation.actual_labour_minutes,
        stated_hours=operation.stated_hours,
    )
