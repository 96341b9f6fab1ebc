"""What the floor reported on operations, and which day earned how much of it.

A log says where each operation of its work order stands in all. What is kept is the highest version
of these totals; what a version adds (or, as a correction, takes back) happened when its log did. It
counts on that day as soon as the standard times of its run are known.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Totals:
    """Where an operation stands in all.

    Attributes:
        actual_minutes: Setup and run, of intervals that have ended.
    """

    good: Decimal = NOTHING
    scrap: Decimal = NOTHING
    rework: Decimal = NOTHING
    actual_minutes: Decimal = NOTHING
    is_completed: bool = False

    @property
    def processed(self) -> Decimal:
        """Pieces that went through, whatever became of them."""
        return self.good + self.scrap + self.rework

    @property
    def is_set_up(self) -> bool:
        """Whether its setup has been earned: something came of it."""
        return self.processed > 0 or self.is_completed


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one log added to an operation; negative where it took back."""

    happened_at: datetime
    pieces: Decimal
    actual_minutes: Decimal
    setups: int

    @property
    def is_nothing(self) -> bool:
        """Whether it changes no day."""
        return not (self.pieces or self.actual_minutes or self.setups)


@dataclass(frozen=True)
class OperationProgress:
    """An operation of a work order as far as it is reported.

    Attributes:
        version: Of the newest log known.
        uncounted: Contributions that no day has earned yet.
    """

    id: UUID
    production_order_id: UUID
    work_order_id: UUID
    run_id: UUID | None
    sequence_number: int | None
    version: int = 0
    totals: Totals = Totals()
    uncounted: tuple[Contribution, ...] = ()


def report(
    operation: OperationProgress, totals: Totals, *, version: int, happened_at: datetime
) -> OperationProgress:
    """Take over where an operation stands; what is not newer changes nothing.

    Args:
        operation: As known.
        totals: What the log says.
        version: Of the log.
        happened_at: When what it reports happened.
    """
    if version <= operation.version:
        return operation
    added = Contribution(
        happened_at=happened_at,
        pieces=totals.processed - operation.totals.processed,
        actual_minutes=totals.actual_minutes - operation.totals.actual_minutes,
        setups=totals.is_set_up - operation.totals.is_set_up,
    )
    uncounted = operation.uncounted if added.is_nothing else (*operation.uncounted, added)
    return replace(operation, version=version, totals=totals, uncounted=uncounted)
