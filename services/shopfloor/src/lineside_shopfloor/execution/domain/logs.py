"""A log as it is kept, and the order in which logs count: that in which things happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple
from uuid import UUID

from lineside_contracts.shopfloor import LogKind
from lineside_contracts.values import Actor

Activity = Literal["setup", "run"]

NO_OPERATION = 0
NO_LANE = UUID(int=0)
_ZERO = Decimal(0)


class TrackKey(NamedTuple):
    """Where a report belongs within its work order: an operation, on a lane."""

    operation_number: int
    lane_id: UUID


@dataclass(frozen=True, slots=True)
class FloorLog:
    """A log; its fields are the columns it is kept in.

    Quantities are in the operation's unit. `rework_quantity` is opened here; good and scrap
    `is_from_rework` resolve what was opened at `rework_operation_number`.
    """

    id: UUID
    logged_at: datetime
    happened_at: datetime
    kind: LogKind
    activity: Activity
    work_order_id: UUID
    work_order_number: str
    logged_by: Actor
    log_version: int = 0
    production_order_id: UUID | None = None
    product_code: str | None = None
    plant_code: str | None = None
    operation_id: UUID | None = None
    operation_number: int | None = None
    lane_id: UUID | None = None
    lane_number: str | None = None
    good_quantity: Decimal = _ZERO
    scrap_quantity: Decimal = _ZERO
    rework_quantity: Decimal = _ZERO
    input_added_quantity: Decimal = _ZERO
    is_from_rework: bool = False
    rework_operation_number: int | None = None
    completes_operation: bool = False
    reason_code: str | None = None
    stops_production: bool = False
    stated_hours: Decimal | None = None
    worker_count: int = 1
    lot_number: str | None = None
    serial_numbers: tuple[str, ...] = ()
    inspection_reference: str | None = None
    nonconformance_reference: str | None = None
    corrects_log_id: UUID | None = None
    is_void: bool = False
    notes: str | None = None

    @property
    def key(self) -> TrackKey:
        """The track it is about."""
        return TrackKey(self.operation_number or NO_OPERATION, self.lane_id or NO_LANE)

    @property
    def turn(self) -> tuple[datetime, datetime, UUID]:
        """When its turn is: by when it happened, then when it was recorded."""
        return (self.happened_at, self.logged_at, self.id)

    @property
    def pauses(self) -> bool:
        """Production stops with it."""
        return self.kind is LogKind.PAUSE or (self.kind is LogKind.ISSUE and self.stops_production)

    @property
    def resolves_at(self) -> int:
        """At which operation the rework was opened that it resolves."""
        return self.rework_operation_number or self.key.operation_number


def effective(logs: Iterable[FloorLog]) -> list[FloorLog]:
    """Put the logs that count in order: corrected ones are replaced, void ones vanish."""
    known = list(logs)
    corrected = {log.corrects_log_id for log in known if log.corrects_log_id is not None}
    counting = (log for log in known if log.id not in corrected and not log.is_void)
    return sorted(counting, key=lambda log: log.turn)


def newest_of_chain(logs: Iterable[FloorLog], log_id: UUID) -> UUID:
    """Follow the corrections of a log to the newest one."""
    by_corrected = {log.corrects_log_id: log.id for log in logs if log.corrects_log_id is not None}
    while (later := by_corrected.get(log_id)) is not None:
        log_id = later
    return log_id
