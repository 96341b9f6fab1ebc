"""What the floor reports of its days: work logs, production summaries, effectiveness, KPIs.

Shares are numbers with six decimals, 1 being all of it; nothing is ever averaged: a group's share
is the sum of its numerators over the sum of its denominators (RULES 30).
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.permissions import Permission
from lineside_contracts.values import (
    Actor,
    Amount,
    Code,
    Day,
    Frozen,
    Instant,
    OperationType,
    Request,
    Text,
)

UNSCHEDULED = "unscheduled"
"""In place of a shift's name: what happened while no shift ran."""


class CreateDailyWorkLog(Request):
    """What a shift says of itself at its end: who was there, hours, quantity."""

    work_date: Day = Field(description="Local date on which the shift started.")
    shift: Code = Field(description="morning, afternoon, night, or a shift of the calendar.")
    plant_code: Code
    lane_id: UUID | None = None
    lane_number: Code | None = Field(default=None, description="Instead of the lane's id.")
    work_order_id: UUID | None = None
    work_order_number: Code | None = Field(default=None, description="Instead of its id.")
    workers_present: Annotated[int, Field(ge=0, le=10_000)]
    hours_worked: Amount = Field(description="Of all workers together.")
    quantity: Amount = Decimal(0)
    notes: Text | None = None


class DailyWorkLog(Frozen):
    """A daily work log as it was written."""

    id: UUID
    work_date: Day
    shift: str
    plant_code: str
    lane_id: UUID | None = None
    lane_number: str | None = None
    work_order_id: UUID | None = None
    work_order_number: str | None = None
    workers_present: int
    hours_worked: Decimal
    quantity: Decimal
    notes: str | None = None
    logged_at: Instant
    logged_by: Actor
    logged_by_name: str


class ListDailyWorkLogs(Request):
    """Which work logs, the newest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    plant_code: Code | None = None
    lane_id: UUID | None = None
    work_order_id: UUID | None = None
    shift: Code | None = None
    from_date: Day | None = None
    to_date: Day | None = Field(default=None, description="Itself included.")


class GetDailyProductionSummary(Request):
    """What a plant produced on a date.

    With `basis` "shift" a shift and its logs belong to the date on which it starts, also beyond
    midnight; with "calendar" the plant's calendar day counts (RULES 28).
    """

    plant_code: Code
    date: Day
    basis: Literal["shift", "calendar"] = "shift"
    lane_id: UUID | None = None
    group_by: Literal["lane_shift", "lane", "shift", "operation_type", "plant"] = "lane_shift"


class ProductionTotals(Frozen):
    """What was produced in one group; fields that the group does not fix are null.

    Minutes are those of work (two orders at a time count twice). `good_quantity` and
    `scrap_quantity` include what came out of rework, which the `reworked_…` fields tell apart.
    """

    shift: str | None = None
    lane_id: UUID | None = None
    lane_number: str | None = None
    operation_type: OperationType | None = None
    good_quantity: Decimal = Decimal(0)
    scrap_quantity: Decimal = Decimal(0)
    rework_quantity: Decimal = Decimal(0)
    reworked_good_quantity: Decimal = Decimal(0)
    reworked_scrap_quantity: Decimal = Decimal(0)
    run_minutes: Decimal = Decimal(0)
    setup_minutes: Decimal = Decimal(0)
    downtime_minutes: Decimal = Decimal(0)
    log_count: int = 0
    completed_work_order_count: int = 0


class DailyProductionSummary(Frozen):
    """A date of a plant; running work counts up to `calculated_at`."""

    plant_code: str
    date: Day
    basis: Literal["shift", "calendar"]
    items: tuple[ProductionTotals, ...]
    total: ProductionTotals
    calculated_at: Instant | None = Field(
        default=None, description="Of the newest figure in it; null where nothing happened."
    )


class OeeFlag(StrEnum):
    """What a reader of an effectiveness must know besides its figures."""

    OPEN_INTERVAL = "open_interval"
    PERFORMANCE_ABOVE_ONE = "performance_above_one"
    SCRAP_ABOVE_GOOD = "scrap_above_good"
    WITHOUT_STANDARD = "without_standard"
    PIECES_WITHOUT_RUN = "pieces_without_run"


class OeeFigures(Frozen):
    """Effectiveness and what it was computed from (RULES 30).

    Null says that a factor has no meaning: all of them without planned time, performance and
    quality without run time, quality where nothing was counted. Setup and stops are availability
    loss. Pieces out of rework count neither as good nor again.
    """

    planned_minutes: Decimal = Decimal(0)
    run_minutes: Decimal = Field(
        default=Decimal(0), description="Planned time in which at least one work order ran."
    )
    setup_minutes: Decimal = Decimal(0)
    stopped_minutes: Decimal = Decimal(0)
    ideal_minutes: Decimal = Field(
        default=Decimal(0), description="What the pieces take at the standard times."
    )
    good_quantity: Decimal = Decimal(0)
    scrap_quantity: Decimal = Decimal(0)
    rework_quantity: Decimal = Decimal(0)
    availability: Decimal | None = None
    performance: Decimal | None = None
    quality: Decimal | None = None
    oee: Decimal | None = None
    flags: tuple[OeeFlag, ...] = ()


class OeeCalculation(OeeFigures, AggregateState):
    """The effectiveness of a lane in one shift, as of `calculated_at`."""

    plant_code: str
    lane_id: UUID
    lane_number: str
    production_date: Day = Field(description="Local date on which the shift starts.")
    shift: str
    starts_at: Instant
    ends_at: Instant
    is_final: bool = Field(description="The shift has ended; late logs still change it.")
    calculated_at: Instant


class OeeCalculated(EventPayload):
    """The effectiveness of a lane in a shift was calculated, or is other than before."""

    EVENT: ClassVar[EventType] = EventType("oee", "calculated", "oee")
    oee: OeeCalculation


class GetOee(Request):
    """The effectiveness of a plant between two dates, both included."""

    plant_code: Code
    from_date: Day
    to_date: Day
    group_by: Literal["lane", "shift", "day", "plant"] = "lane"
    lane_id: UUID | None = None


class OeeGroup(OeeFigures):
    """The effectiveness of one group of shifts; fields that the group does not fix are null."""

    lane_id: UUID | None = None
    lane_number: str | None = None
    shift: str | None = None
    production_date: Day | None = None
    shift_count: int = 0


class OeeReport(Frozen):
    """Effectiveness by group, and of all together."""

    plant_code: str
    from_date: Day
    to_date: Day
    items: tuple[OeeGroup, ...]
    total: OeeGroup


class GetLaneOee(Request):
    """The shifts of one lane between two dates, both included; the last seven days by default."""

    lane_id: UUID
    from_date: Day | None = None
    to_date: Day | None = None


class LaneOee(Frozen):
    """The effectiveness of a lane, shift by shift, and of all together."""

    lane_id: UUID
    lane_number: str
    plant_code: str
    from_date: Day
    to_date: Day
    items: tuple[OeeCalculation, ...]
    total: OeeGroup


class GetKpis(Request):
    """The key figures of a plant between two dates of the plant, both included."""

    plant_code: Code
    from_date: Day
    to_date: Day


class KpiShare(Frozen):
    """A share in percent with what it is made of; null where there is nothing to divide by."""

    percentage: Decimal | None = None
    target_percentage: Decimal
    is_met: bool | None = None
    numerator: Decimal
    denominator: Decimal


class Throughput(Frozen):
    """What was finished; `units` mixes units of measure where the work orders do."""

    completed_work_order_count: int
    completed_units: Decimal
    day_count: int = Field(description="Dates on which something was finished.")
    work_orders_per_day: Decimal | None = None
    units_per_day: Decimal | None = None


class Kpis(Frozen):
    """Key figures against their targets (RULES 36).

    `on_time_delivery`: work orders completed by their planned end; those without one are counted
    in `without_planned_end_count`. `lane_occupancy`: running and setup minutes of planned minutes.
    `planned_hours_share`: planned hours over actual ones, of what was completed.
    """

    plant_code: str
    from_date: Day
    to_date: Day
    on_time_delivery: KpiShare
    without_planned_end_count: int
    lane_occupancy: KpiShare
    planned_hours_share: KpiShare
    without_actual_hours_count: int
    throughput: Throughput


class GetYields(Request):
    """Planned against measured yield per operation, of work completed in the last 90 days."""

    plant_code: Code | None = None


class OperationYield(Frozen):
    """The yield of an operation of the catalogue; flagged when over two points off its plan."""

    operation_code: str | None = None
    operation_name: str
    planned_yield_percentage: Decimal
    measured_yield_percentage: Decimal
    difference_points: Decimal = Field(description="Measured less planned.")
    is_flagged: bool
    good_quantity: Decimal
    reported_quantity: Decimal
    work_order_count: int


class Yields(Frozen):
    """Yields of a plant (or of all), the largest difference first."""

    plant_code: str | None = None
    since: Instant
    items: tuple[OperationYield, ...]


CREATE_DAILY_WORK_LOG = Endpoint(
    "shopfloor",
    "daily_work_log",
    "create",
    CreateDailyWorkLog,
    DailyWorkLog,
    Permission.PRODUCTION_LOG,
    "write",
    201,
)
LIST_DAILY_WORK_LOGS = Endpoint(
    "shopfloor",
    "daily_work_log",
    "list",
    ListDailyWorkLogs,
    Page[DailyWorkLog],
    Permission.PRODUCTION_READ,
)
GET_DAILY_PRODUCTION_SUMMARY = Endpoint(
    "shopfloor",
    "daily_production_summary",
    "get",
    GetDailyProductionSummary,
    DailyProductionSummary,
    Permission.PRODUCTION_READ,
)
GET_OEE = Endpoint("shopfloor", "oee", "get", GetOee, OeeReport, Permission.PRODUCTION_READ)
GET_LANE_OEE = Endpoint(
    "shopfloor", "lane_oee", "get", GetLaneOee, LaneOee, Permission.PRODUCTION_READ
)
GET_KPIS = Endpoint("shopfloor", "kpis", "get", GetKpis, Kpis, Permission.PRODUCTION_READ)
GET_YIELDS = Endpoint("shopfloor", "yields", "get", GetYields, Yields, Permission.PRODUCTION_READ)
