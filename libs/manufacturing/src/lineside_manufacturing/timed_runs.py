"""One run as timing sees it: its work, its waiting, its transfer batches (RULES 24 and 25).

Made from a routing's expansion, or before there is an order; `run_timing` places it.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from lineside_manufacturing import durations, quantities
from lineside_manufacturing.calendars import WorkingCalendar
from lineside_manufacturing.durations import TimeBasis
from lineside_manufacturing.quantities import Number

_FULL = 100
_MINUTE = 60_000_000
"""Microseconds in a minute."""


@dataclass(frozen=True, slots=True)
class TimedRun:
    """What timing needs to know of a run.

    Attributes:
        sequence_number: Its number in the routing.
        predecessors: Sequence numbers directly before it.
        setup_minutes: Work before the first piece, 0 or more.
        run_minutes: Work on one parallel unit at 100 % for the whole input, 0 or more.
        calendar: When its work center works.
        wait_minutes: Clock time every piece waits after it, 0 or more.
        planned_input: Pieces put in, make-ready included, in its own unit.
        planned_output: Good pieces handed on, in its own unit.
        units_per_product: Its units in one finished product, above 0.
        transfer_batch_quantity: Good pieces handed over at once; None where all come at the end.
        setup_scrap_quantity: Make-ready waste within the input; it runs first.
        unit_decimals: Decimals of its unit.
        time_basis: What the run minutes grow with; a fixed run hands over nothing before its end,
            and needs its whole time for the last batch it gets.
        batch_size: Pieces of an oven's charge; used where the time is per batch.
        efficiency_percentage: Of the work center, above 0; 80 % makes all work a quarter longer.
    """

    sequence_number: int
    predecessors: tuple[int, ...]
    setup_minutes: Number
    run_minutes: Number
    calendar: WorkingCalendar
    wait_minutes: Number = 0
    planned_input: Number = 0
    planned_output: Number = 0
    units_per_product: Fraction = Fraction(1)
    transfer_batch_quantity: Number | None = None
    setup_scrap_quantity: Number = 0
    unit_decimals: int = 0
    time_basis: TimeBasis = "per_unit"
    batch_size: Number | None = None
    efficiency_percentage: Decimal = Decimal(_FULL)

    @property
    def work_minutes(self) -> Fraction:
        """Working minutes it takes, setup included, at its work center's efficiency."""
        return self._at_efficiency(
            quantities.exact(self.setup_minutes) + quantities.exact(self.run_minutes)
        )

    @property
    def wait(self) -> timedelta:
        """Clock time after it."""
        return timedelta(microseconds=-int(-quantities.exact(self.wait_minutes) * _MINUTE // 1))

    @property
    def is_batched(self) -> bool:
        """Whether it hands over before its end."""
        batch = self.transfer_batch_quantity
        return batch is not None and 0 < batch < self.planned_output

    @property
    def first_batch_minutes(self) -> Fraction:
        """Working minutes until its first transfer batch is through; all where it is not batched.

        Make-ready runs first, then what one good batch needs at the planned yield, rounded up.
        """
        if not self.is_batched:
            return self.work_minutes
        scrap, put_in = (
            quantities.exact(self.setup_scrap_quantity),
            quantities.exact(self.planned_input),
        )
        batch = quantities.exact(self.transfer_batch_quantity or 0)
        needed = batch * max(Fraction(0), put_in - scrap) / quantities.exact(self.planned_output)
        first = min(
            scrap + quantities.exact(quantities.round_up(needed, self.unit_decimals)), put_in
        )
        return self._at_efficiency(quantities.exact(self.setup_minutes) + self._minutes_for(first))

    @property
    def last_batch_products(self) -> Fraction:
        """Products in the last transfer batch it hands over; for a batched run only."""
        last = durations.last_batch_quantity(
            planned_output=self.planned_output,
            transfer_batch_quantity=self.transfer_batch_quantity or 1,
        )
        return last / self.units_per_product

    def minutes_for_products(self, products: Fraction) -> Fraction:
        """Working minutes it takes for the pieces of so many products, setup apart.

        Args:
            products: Finished products, 0 or more.

        Returns:
            At its efficiency; never more than for its whole input.

        Raises:
            Nothing.
        """
        whole = quantities.exact(self.planned_input)
        return self._at_efficiency(self._minutes_for(min(products * self.units_per_product, whole)))

    def _minutes_for(self, pieces: Fraction) -> Fraction:
        whole, minutes = quantities.exact(self.planned_input), quantities.exact(self.run_minutes)
        if self.time_basis == "fixed" or not whole:
            return minutes
        if self.time_basis == "per_batch" and self.batch_size:
            size = quantities.exact(self.batch_size)
            return minutes * -(-pieces // size) / -(-whole // size)
        return minutes * pieces / whole

    def _at_efficiency(self, minutes: Fraction) -> Fraction:
        return minutes * _FULL / quantities.exact(self.efficiency_percentage)
