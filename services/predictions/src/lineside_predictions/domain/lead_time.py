"""How long an order's remaining runs take: the longest path, simulated.

Every run's duration is its standard time (setup + run minutes) times a random factor. The factors
are drawn once with a fixed seed and used for every order (common random numbers), so that the same
work gives the same answer and two predictions differ only by what differs in their work.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SAMPLES = 400
"""Simulated courses per order: P95 then rests on 20 of them."""

RUN_SPREAD = 0.25
ORDER_SPREAD = 0.20
"""Standard deviations of the logarithm of actual over standard time, of one run and of all runs of
an order together. Assumed, until a plant's own logs are there to measure their sum."""

ASSUMED_SPREAD = math.hypot(RUN_SPREAD, ORDER_SPREAD)

SEED = 33
"""Any fixed number does; 33 is the rule that defines predictions."""

MAX_DISTINCT_FACTORS = 64
"""Columns of the factor table; longer routings use them again."""


@dataclass(frozen=True)
class RemainingRun:
    """What is left of one run. Minutes are working minutes on one unit; `wait` is clock time.

    Attributes:
        spread: Standard deviation of the logarithm of actual over expected time; measured, else
            the assumed one.
    """

    sequence_number: int
    predecessors: tuple[int, ...]
    work_minutes: float
    wait_minutes: float = 0.0
    spread: float = ASSUMED_SPREAD


@dataclass(frozen=True)
class LeadTime:
    """Working minutes until the last run ends in half, 80 % and 95 % of the courses.

    `wait_minutes` is the clock time (drying, curing) on the longest path at standard times.
    """

    p50_minutes: float
    p80_minutes: float
    p95_minutes: float
    wait_minutes: float


def simulate(runs: Sequence[RemainingRun]) -> LeadTime:
    """Find the quantiles of the longest path through `runs`.

    Args:
        runs: In an order in which predecessors come first; predecessors not among them are done.
    """
    if not runs:
        return LeadTime(0.0, 0.0, 0.0, 0.0)
    ends: dict[int, NDArray[np.float64]] = {}
    waits: dict[int, tuple[float, float]] = {}
    for position, run in enumerate(runs):
        before = [ends[p] for p in run.predecessors if p in ends]
        start = np.maximum.reduce(before) if before else 0.0
        factors = _factors(position % MAX_DISTINCT_FACTORS, round(run.spread, 2))
        ends[run.sequence_number] = start + run.work_minutes * factors
        waits[run.sequence_number] = _longest(waits, run)
    total = np.maximum.reduce(list(ends.values()))
    p50, p80, p95 = np.quantile(total, (0.5, 0.8, 0.95))
    return LeadTime(float(p50), float(p80), float(p95), max(waits.values())[1])


def _longest(waits: dict[int, tuple[float, float]], run: RemainingRun) -> tuple[float, float]:
    """Length and waiting time of the longest path to the end of a run, at standard times."""
    length, wait = max((waits[p] for p in run.predecessors if p in waits), default=(0.0, 0.0))
    return length + run.work_minutes + run.wait_minutes, wait + run.wait_minutes


@lru_cache(maxsize=2048)
def _factors(position: int, spread: float) -> NDArray[np.float64]:
    """What a run's time is multiplied by in each course: median 1, and the spread asked for."""
    shared, own = _draws()
    factors: NDArray[np.float64] = np.exp((own[position] + shared) * (spread / ASSUMED_SPREAD))
    return factors


@lru_cache(maxsize=1)
def _draws() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What all runs of an order share, and what each has of its own."""
    generator = np.random.default_rng(SEED)
    shared = generator.normal(0.0, ORDER_SPREAD, SAMPLES)
    return shared, generator.normal(0.0, RUN_SPREAD, (MAX_DISTINCT_FACTORS, SAMPLES))
