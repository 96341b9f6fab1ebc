"""What a piece takes at its standard, and for how long planned maintenance stops a lane."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lineside_manufacturing.time_spans import Span

PER_UNIT = "per_unit"


@dataclass(frozen=True, slots=True)
class Standard:
    """The standard times of an operation, as routing or a person gave them."""

    time_basis: str
    run_seconds_per_unit: Decimal
    run_minutes: Decimal
    planned_input: Decimal

    @property
    def minutes_per_piece(self) -> Fraction | None:
        """Ideal minutes of one piece: per unit as stated, else the whole run over all its pieces.

        None where nothing was stated.
        """
        if self.time_basis == PER_UNIT and self.run_seconds_per_unit > 0:
            return Fraction(self.run_seconds_per_unit) / 60
        if self.run_minutes > 0 and self.planned_input > 0:
            return Fraction(self.run_minutes) / Fraction(self.planned_input)
        return None


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned maintenance of a lane: when it was planned, and when it was done.

    Instants in microseconds since 1970.
    """

    planned_start: int | None = None
    planned_end: int | None = None
    actual_start: int | None = None
    actual_end: int | None = None

    def span(self, *, now: int) -> Span | None:
        """Say when the lane was not planned to work.

        Args:
            now: Until which maintenance that goes on has lasted.

        Returns:
            The planned span before it begins; then the actual one, at most as long as was planned
            (what it takes longer is availability loss). None where no time is known.

        Raises:
            Nothing.
        """
        if self.actual_start is None:
            if self.planned_start is None or self.planned_end is None:
                return None
            return self.planned_start, self.planned_end
        end = now if self.actual_end is None else self.actual_end
        if self.planned_start is not None and self.planned_end is not None:
            end = min(end, self.actual_start + self.planned_end - self.planned_start)
        return self.actual_start, max(end, self.actual_start)
