"""Which day earned what the floor reported, once the standard times of the runs are known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from lineside_predictions.domain import runs
from lineside_predictions.domain.reports import Contribution, OperationProgress
from lineside_predictions.domain.runs import Run

TypeAndDay = tuple[str, date]
"""Operation type and local day."""


@dataclass(frozen=True, slots=True)
class EarnedDay:
    """What one operation type of a plant did on one day."""

    earned_minutes: Decimal = Decimal(0)
    pieces: Decimal = Decimal(0)
    actual_minutes: Decimal = Decimal(0)

    def plus(self, other: "EarnedDay") -> "EarnedDay":
        """Add up."""
        return EarnedDay(
            self.earned_minutes + other.earned_minutes,
            self.pieces + other.pieces,
            self.actual_minutes + other.actual_minutes,
        )


NOTHING_EARNED = EarnedDay()


def earned(
    planned: Sequence[Run],
    operations: Sequence[OperationProgress],
    *,
    local_date: Callable[[datetime], date],
) -> Mapping[TypeAndDay, EarnedDay]:
    """Give what was reported on an order's operations to the days on which it happened.

    Each piece counts on one run: of operations that claim to be the same run all count, since what
    each reported was worked.

    Args:
        planned: The order's runs; what belongs to none of them earns nothing.
        operations: With what is uncounted.
        local_date: The plant's date at an instant.
    """
    days: dict[TypeAndDay, EarnedDay] = {}
    for operation in operations:
        run = runs.run_of(operation, planned)
        if run is None:
            continue
        for each in operation.uncounted:
            key = (run.operation_type, local_date(each.happened_at))
            days[key] = days.get(key, NOTHING_EARNED).plus(_earned(run, each))
    return days


def _earned(run: Run, each: Contribution) -> EarnedDay:
    return EarnedDay(run.earned_minutes(each), each.pieces, each.actual_minutes)
