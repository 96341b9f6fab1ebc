"""What a work order's logs are measured against: its operations and the quantity ordered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from lineside_contracts.shopfloor import OperationStatus, WorkOrder
from lineside_manufacturing import quantities
from lineside_shopfloor.work_orders.domain import operations, transitions
from lineside_shopfloor.work_orders.domain.operations import FloorOperation

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Departure:
    """A work order left a lane: what went on there ended."""

    at: datetime
    lane_id: UUID


@dataclass(frozen=True, slots=True)
class Plan:
    """The operations of a work order that are to be done, by number.

    Attributes:
        quantity_ordered: Of the work order, in the unit of its last operation.
        tolerance_percentage: How much over-production the tenant accepts.
        ended_at: When the work order ended, where it did.
        closed_at: When somebody ended it before its quantity was reached; nothing happens later.
        departures: When it left lanes before that.
    """

    operations: Mapping[int, FloorOperation]
    quantity_ordered: Decimal
    tolerance_percentage: Decimal = Decimal(0)
    ended_at: datetime | None = None
    closed_at: datetime | None = None
    departures: tuple[Departure, ...] = field(default=())

    @classmethod
    def of(
        cls,
        work_order: WorkOrder,
        *,
        tolerance_percentage: Decimal = Decimal(0),
        departures: Iterable[Departure] = (),
    ) -> "Plan":
        """Read it from a work order; cancelled operations are not to be done."""
        final = transitions.is_final(work_order.status)
        is_short = work_order.quantity_completed < work_order.quantity_ordered
        ended_at = work_order.actual_end_at if final else None
        return cls(
            operations={
                o.operation_number: o
                for o in operations.operations_of(work_order)
                if final or o.status is not OperationStatus.CANCELLED
            },
            quantity_ordered=work_order.quantity_ordered,
            tolerance_percentage=tolerance_percentage,
            ended_at=ended_at,
            closed_at=ended_at if is_short else None,
            departures=tuple(departures),
        )

    @property
    def ends(self) -> tuple[FloorOperation, ...]:
        """The operations that no other one follows: what they give is the work order's."""
        followed = {p for o in self.operations.values() for p in o.predecessor_operation_numbers}
        return tuple(o for number, o in self.operations.items() if number not in followed)

    @property
    def ceiling(self) -> Decimal:
        """The most good pieces of the work order: ordered, and the tolerance."""
        share = 1 + quantities.exact(self.tolerance_percentage) / _HUNDRED
        return plain(quantities.exact(self.quantity_ordered) * share)

    def before(self, number: int) -> set[int]:
        """Everything within the work order that comes before an operation."""
        found: set[int] = set()
        open_numbers = [number]
        while open_numbers:
            operation = self.operations.get(open_numbers.pop())
            new = {
                n
                for n in (operation.predecessor_operation_numbers if operation else ())
                if n in self.operations and n not in found
            }
            found |= new
            open_numbers.extend(new)
        return found


def converted(
    quantity: Decimal, source: FloorOperation | None, target: FloorOperation | None
) -> Fraction:
    """Say a quantity of one operation in the unit of another, exactly."""
    if source is None or target is None:
        return quantities.exact(quantity)
    exact = quantities.exact(quantity)
    return exact * target.units_per_product / source.units_per_product


def floored(value: Fraction, decimals: int) -> Decimal:
    """Round down to so many decimals: what is not whole has not arrived."""
    return quantities.trimmed(value.numerator * 10**decimals // value.denominator, decimals)


def plain(value: Fraction) -> Decimal:
    """Write a quantity with no more decimals than messages carry, never above its value."""
    return floored(value, quantities.MAX_WRITTEN_DECIMALS)
