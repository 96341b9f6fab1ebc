from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings, strategies as st

from lineside_manufacturing import durations
from lineside_manufacturing.durations import Window


def test_run_time_counts_the_whole_input() -> None:
    minutes = durations.run_minutes(run_seconds_per_unit=Decimal("1.5"), planned_input=10_361)
    assert minutes == Fraction(10_361 * 3, 120)


def test_a_fixed_run_takes_the_same_for_any_quantity_and_nothing_for_none() -> None:
    for quantity, minutes in ((1, 30), (5000, 30), (0, 0)):
        assert minutes == durations.run_minutes(
            run_seconds_per_unit=1800, planned_input=quantity, time_basis="fixed"
        )


@pytest.mark.parametrize(("put_in", "charges"), [(0, 0), (1, 1), (40, 1), (41, 2)])
def test_an_oven_takes_as_long_for_a_started_batch_as_for_a_full_one(
    put_in: int, charges: int
) -> None:
    minutes = durations.run_minutes(
        run_seconds_per_unit=3600, planned_input=put_in, time_basis="per_batch", batch_size=40
    )
    assert minutes == 60 * charges


@pytest.mark.parametrize("batch_size", [None, 0, -1])
def test_an_oven_without_a_size_is_refused(batch_size: int | None) -> None:
    with pytest.raises(ValueError, match="batch size"):
        durations.run_minutes(
            run_seconds_per_unit=1, planned_input=1, time_basis="per_batch", batch_size=batch_size
        )


def test_negative_and_binary_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="run seconds"):
        durations.run_minutes(run_seconds_per_unit=-1, planned_input=1)
    with pytest.raises(TypeError):
        durations.run_minutes(run_seconds_per_unit=0.1, planned_input=1)  # type: ignore[arg-type]


def test_the_first_batch_runs_make_ready_and_what_one_good_batch_needs() -> None:
    put_in = durations.first_batch_input(
        transfer_batch_quantity=98,
        planned_input=1000,
        yield_percentage=Decimal(98),
        setup_scrap_quantity=20,
    )
    assert put_in == 120
    minutes = durations.first_batch_minutes(
        setup_minutes=45, run_seconds_per_unit=30, first_batch_input=put_in
    )
    assert minutes == 45 + 60


def test_an_order_below_a_batch_is_one_batch() -> None:
    assert durations.first_batch_input(transfer_batch_quantity=500, planned_input=60) == 60


@pytest.mark.parametrize(("output", "last"), [(1000, 100), (1001, 1), (99, 99), (950, 50)])
def test_the_last_batch_is_what_the_full_ones_leave(output: int, last: int) -> None:
    assert last == durations.last_batch_quantity(planned_output=output, transfer_batch_quantity=100)


def test_a_fast_successor_waits_for_the_last_batch() -> None:
    predecessor = Window(Fraction(0), Fraction(600))
    window = durations.overlapped(
        predecessor=predecessor,
        first_batch_minutes=90,
        own_minutes=100,
        last_batch_minutes=10,
        wait_minutes=30,
    )
    assert window == Window(Fraction(120), Fraction(640))


def test_a_slow_successor_ends_when_its_own_work_is_done() -> None:
    predecessor = Window(Fraction(0), Fraction(100))
    window = durations.overlapped(
        predecessor=predecessor, first_batch_minutes=10, own_minutes=500, last_batch_minutes=50
    )
    assert window == Window(Fraction(10), Fraction(510))


def test_a_predecessor_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        durations.overlapped(
            predecessor=Window(Fraction(2), Fraction(1)),
            first_batch_minutes=0,
            own_minutes=0,
            last_batch_minutes=0,
        )


minutes = st.integers(0, 10_000)


@settings(max_examples=60)
@given(minutes, minutes, minutes, minutes, minutes)
def test_overlap_never_ends_later_than_working_one_after_the_other(
    length: int, first: int, own: int, last: int, wait: int
) -> None:
    last = min(last, own)
    window = durations.overlapped(
        predecessor=Window(Fraction(0), Fraction(length)),
        first_batch_minutes=first,
        own_minutes=own,
        last_batch_minutes=last,
        wait_minutes=wait,
    )
    assert length + wait + last <= window.end <= length + wait + own
    assert window.end - window.start >= own
