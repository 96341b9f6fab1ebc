"""How long things take, as pure numbers of minutes (RULES 24 and 25).

Work minutes, on one parallel unit, before any calendar: `calendars` turns them into instants.
Waiting (drying, curing) is clock time; whoever adds it to work minutes here assumes that both run
on one line, which is right for rough lead times and inside one working period.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from lineside_manufacturing import quantities
from lineside_manufacturing.quantities import Number

TimeBasis = Literal["per_unit", "fixed", "per_batch"]

_SECONDS = 60


class Window(NamedTuple):
    """When an operation starts and ends, in minutes on whatever line its inputs were on."""

    start: Fraction
    end: Fraction


def run_minutes(
    *,
    run_seconds_per_unit: Number,
    planned_input: Number,
    time_basis: TimeBasis = "per_unit",
    batch_size: Number | None = None,
) -> Fraction:
    """Compute the run time of an operation on one parallel unit (RULES 24).

    Args:
        run_seconds_per_unit: Seconds per unit; per run where the basis is fixed; per batch where it
            is per batch. 0 or more.
        planned_input: Units to run, make-ready included, 0 or more; no input takes no time.
        time_basis: What the seconds are for.
        batch_size: Units an oven or bath takes at once, above 0; a started batch counts whole.

    Returns:
        Minutes, exact; setup is not included.

    Raises:
        ValueError: If a number is negative, or a batch size is missing or not positive.
    """
    seconds = _not_negative("run seconds", run_seconds_per_unit)
    put_in = _not_negative("planned input", planned_input)
    match time_basis:
        case "per_unit":
            return seconds * put_in / _SECONDS
        case "fixed":
            return seconds * bool(put_in) / _SECONDS
        case "per_batch":
            return seconds * _batches(put_in, batch_size) / _SECONDS


@dataclass(frozen=True, slots=True)
class RunTime:
    """The run time of an operation, prepared once and asked for every order; see `run_minutes`.

    Attributes:
        minutes: Numerator of the minutes per unit, per run or per batch; `parts` is the
            denominator.
        time_basis: What they are for.
        batch: Units of a batch, numerator and denominator; 1 where there are no batches.
    """

    minutes: int
    parts: int
    time_basis: TimeBasis
    batch: tuple[int, int]

    def written(self, planned_input: Decimal, decimals: int) -> Decimal:
        """Compute the run time for an input, for print.

        Args:
            planned_input: Units to run, make-ready included, 0 or more.
            decimals: Most decimals to keep, 0 or more.

        Returns:
            Minutes, rounded half up, without zeros at the end.

        Raises:
            Nothing.
        """
        amount, parts = planned_input.as_integer_ratio()
        if self.time_basis == "fixed":
            amount, parts = int(amount > 0), 1
        elif self.time_basis == "per_batch":
            size, per_size = self.batch
            amount, parts = -(-amount * per_size // (parts * size)), 1
        steps = quantities.half_up(amount * self.minutes * 10**decimals, parts * self.parts)
        return quantities.trimmed(steps, decimals)


def run_time(
    *,
    run_seconds_per_unit: Number,
    time_basis: TimeBasis = "per_unit",
    batch_size: Number | None = None,
) -> RunTime:
    """Prepare an operation's run time.

    Args:
        run_seconds_per_unit: As for `run_minutes`.
        time_basis: As for `run_minutes`.
        batch_size: As for `run_minutes`.

    Returns:
        What answers for any input as `run_minutes` does.

    Raises:
        ValueError: If a number is negative, or a batch size is missing or not positive.
    """
    minutes = _not_negative("run seconds", run_seconds_per_unit) / _SECONDS
    batch = _batch(batch_size) if time_basis == "per_batch" else Fraction(1)
    size = batch.numerator, batch.denominator
    return RunTime(minutes.numerator, minutes.denominator, time_basis, size)


def first_batch_input(
    *,
    transfer_batch_quantity: Number,
    planned_input: Number,
    yield_percentage: Decimal = Decimal(100),
    setup_scrap_quantity: Number = 0,
    decimals: int = 0,
) -> Fraction:
    """Say how many units an operation runs until its first transfer batch is good.

    Args:
        transfer_batch_quantity: Good units handed over at once, above 0.
        planned_input: The operation's whole input, 0 or more.
        yield_percentage: In (0, 100].
        setup_scrap_quantity: Make-ready waste, 0 or more; it runs first.
        decimals: Decimals of the operation's unit.

    Returns:
        Make-ready plus what one good batch needs, rounded up; never more than the whole input (an
        order smaller than a batch is one batch).

    Raises:
        ValueError: If a number is out of its bounds.
    """
    batch = _positive("transfer batch", transfer_batch_quantity)
    share = _positive("yield", yield_percentage) / 100
    make_ready = _not_negative("make-ready waste", setup_scrap_quantity)
    needed = make_ready + Fraction(quantities.round_up(batch / share, decimals))
    return min(needed, _not_negative("planned input", planned_input))


def first_batch_minutes(
    *,
    setup_minutes: Number,
    run_seconds_per_unit: Number,
    first_batch_input: Number,
    time_basis: TimeBasis = "per_unit",
    batch_size: Number | None = None,
) -> Fraction:
    """Compute when an operation's first transfer batch is through (RULES 25).

    Args:
        setup_minutes: Minutes before the first piece, 0 or more.
        run_seconds_per_unit: As for `run_minutes`.
        first_batch_input: From the function of that name.
        time_basis: As for `run_minutes`; a fixed run hands over nothing before its end.
        batch_size: As for `run_minutes`.

    Returns:
        Minutes from the start of setup, exact.

    Raises:
        ValueError: If a number is out of its bounds.
    """
    run = run_minutes(
        run_seconds_per_unit=run_seconds_per_unit,
        planned_input=first_batch_input,
        time_basis=time_basis,
        batch_size=batch_size,
    )
    return _not_negative("setup minutes", setup_minutes) + run


def last_batch_quantity(*, planned_output: Number, transfer_batch_quantity: Number) -> Fraction:
    """Say how many units the last transfer batch holds.

    Args:
        planned_output: Good units the operation hands over in all, above 0.
        transfer_batch_quantity: Units handed over at once, above 0.

    Returns:
        What is left after the full batches before it: above 0, at most one batch.

    Raises:
        ValueError: If a number is not positive.
    """
    output = _positive("planned output", planned_output)
    batch = _positive("transfer batch", transfer_batch_quantity)
    return output - (_batches(output, batch) - 1) * batch


def overlapped(
    *,
    predecessor: Window,
    first_batch_minutes: Number,
    own_minutes: Number,
    last_batch_minutes: Number,
    wait_minutes: Number = 0,
) -> Window:
    """Place an operation that starts on its predecessor's first transfer batch (RULES 25).

    Args:
        predecessor: When the predecessor starts (its setup) and ends.
        first_batch_minutes: From the predecessor's start until its first batch is through.
        own_minutes: The operation's own setup and run.
        last_batch_minutes: Its own run time for the last batch it receives.
        wait_minutes: What every batch waits after the predecessor, the first one too.

    Returns:
        The earliest start, and an end that is never before the predecessor's end plus waiting plus
        the last batch's time. With several predecessors take the latest of each.

    Raises:
        ValueError: If a number of minutes is negative, or the predecessor ends before it starts.
    """
    if predecessor.end < predecessor.start:
        raise ValueError("the predecessor ends before it starts")
    wait = _not_negative("wait minutes", wait_minutes)
    first = _not_negative("first batch minutes", first_batch_minutes)
    start = min(predecessor.start + first, predecessor.end) + wait
    fed_until = predecessor.end + wait + _not_negative("last batch minutes", last_batch_minutes)
    return Window(start, max(start + _not_negative("own minutes", own_minutes), fed_until))


def _batches(quantity: Fraction, batch_size: Number | None) -> int:
    full = quantity / _batch(batch_size)
    return -(-full.numerator // full.denominator)


def _batch(batch_size: Number | None) -> Fraction:
    if batch_size is None:
        raise ValueError("a time per batch needs a batch size")
    return _positive("batch size", batch_size)


def _not_negative(name: str, value: Number) -> Fraction:
    number = quantities.exact(value)
    if number < 0:
        raise ValueError(f"{name} are 0 or more, not {value}")
    return number


def _positive(name: str, value: Number) -> Fraction:
    number = quantities.exact(value)
    if number <= 0:
        raise ValueError(f"{name} is above 0, not {value}")
    return number
