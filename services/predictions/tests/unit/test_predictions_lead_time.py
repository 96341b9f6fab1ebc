"""The simulated lead time: reproducible, never shorter for more work, wider for longer work."""

import pytest
from hypothesis import given, settings, strategies as st

from lineside_predictions.domain.lead_time import LeadTime, RemainingRun, simulate

MINUTES = st.floats(min_value=1, max_value=10_000)


def row(*minutes: float, wait: float = 0.0) -> list[RemainingRun]:
    """Runs one after the other."""
    return [
        RemainingRun(10 * n, (10 * (n - 1),) if n > 1 else (), each, wait)
        for n, each in enumerate(minutes, start=1)
    ]


def test_nothing_left_takes_no_time() -> None:
    assert simulate([]) == LeadTime(0.0, 0.0, 0.0, 0.0)


def test_the_same_work_gives_the_same_answer() -> None:
    assert simulate(row(60, 120)) == simulate(row(60, 120))


def test_the_middle_is_the_standard_time() -> None:
    assert simulate(row(600)).p50_minutes == pytest.approx(600, rel=0.05)


@given(st.lists(MINUTES, min_size=1, max_size=8))
@settings(max_examples=40)
def test_quantiles_are_ordered(minutes: list[float]) -> None:
    lead = simulate(row(*minutes))
    assert 0 < lead.p50_minutes < lead.p80_minutes < lead.p95_minutes


@given(st.lists(MINUTES, min_size=1, max_size=8), MINUTES)
@settings(max_examples=40)
def test_more_work_never_takes_less_time(minutes: list[float], more: float) -> None:
    shorter, longer = simulate(row(*minutes)), simulate(row(*minutes, more))
    assert longer.p80_minutes > shorter.p80_minutes


def test_parallel_branches_take_as_long_as_the_longer_one() -> None:
    both = [
        RemainingRun(10, (), 1000.0),
        RemainingRun(20, (), 10.0),
        RemainingRun(30, (10, 20), 100.0),
    ]
    assert simulate(both).p50_minutes == pytest.approx(1100, rel=0.06)


def test_waiting_counts_on_the_longest_path_only() -> None:
    branches = [
        RemainingRun(10, (), 100.0, 30.0),
        RemainingRun(20, (), 10.0, 60.0),
        RemainingRun(30, (10, 20), 10.0, 5.0),
    ]
    assert simulate(branches).wait_minutes == 35.0


def test_a_finished_predecessor_holds_up_nobody() -> None:
    left = simulate([RemainingRun(30, (10, 20), 100.0)])
    assert left.p50_minutes == pytest.approx(100, rel=0.05)


def test_a_routing_longer_than_the_factor_table_is_simulated() -> None:
    assert simulate(row(*[1.0] * 200)).p50_minutes == pytest.approx(200, rel=0.1)
