"""Nothing appears or vanishes: the sums that must agree, compared (RULES 8).

The store adds up; what does not agree is a breach that names its place and both numbers. A
background check, tests and `verify` ask the same questions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Breach:
    """Two numbers that should be equal (or the first not above the second).

    Attributes:
        rule: Which rule is broken, a stable word.
        subject: Where: a pool, a place, a receipt, an order's run.
        expected: What one side says.
        found: What the other one says.
    """

    rule: str
    subject: str
    expected: Decimal
    found: Decimal


@dataclass(frozen=True, slots=True)
class PlaceSums:
    """A place: what the journal adds up to, and the balance."""

    place: str
    journal: Decimal
    balance: Decimal
    is_nettable: bool = True


@dataclass(frozen=True, slots=True)
class PoolSums:
    """A pool: its totals, its places, and what allocations add up to."""

    pool: str
    on_hand: Decimal
    blocked: Decimal
    allocated: Decimal
    allocations: Decimal
    places: tuple[PlaceSums, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptSums:
    """A receipt: what is still open of it, and what is allocated."""

    receipt: str
    open_quantity: Decimal
    allocated: Decimal
    allocations: Decimal


@dataclass(frozen=True, slots=True)
class IssueSums:
    """A component of an order: what it used, what the journal took, what was missing."""

    subject: str
    issued: Decimal
    journal: Decimal
    missing: Decimal


@dataclass(frozen=True, slots=True)
class RunSums:
    """A run: pieces it was planned to start with, and what became of them.

    Attributes:
        open_quantity: Still to be processed; below zero never, over-production stands apart.
        predecessors: Sequence numbers of the runs directly before it.
        rework_in: Of its pieces, those that came as rework of another run.
    """

    sequence_number: int
    planned: Decimal
    good: Decimal
    scrap: Decimal
    rework: Decimal
    open_quantity: Decimal
    units_per_product: Fraction = Fraction(1)
    predecessors: tuple[int, ...] = ()
    rework_in: Decimal = NOTHING

    @property
    def processed(self) -> Decimal:
        """Pieces that went through."""
        return self.good + self.scrap + self.rework

    @property
    def over(self) -> Decimal:
        """Pieces above the plan."""
        return max(self.processed - self.planned, NOTHING)


@dataclass(frozen=True, slots=True)
class Sums:
    """Everything one check looks at."""

    pools: tuple[PoolSums, ...] = ()
    receipts: tuple[ReceiptSums, ...] = ()
    issues: tuple[IssueSums, ...] = ()
    runs: dict[str, tuple[RunSums, ...]] = field(default_factory=dict)


def breaches(sums: Sums) -> tuple[Breach, ...]:
    """Name everything that does not add up; nothing does where all is well."""
    return (
        *(breach for pool in sums.pools for breach in _of_pool(pool)),
        *(breach for receipt in sums.receipts for breach in _of_receipt(receipt)),
        *(breach for issue in sums.issues for breach in _of_issue(issue)),
        *(breach for order, runs in sums.runs.items() for breach in run_breaches(order, runs)),
    )


def run_breaches(order: str, runs: Iterable[RunSums]) -> Iterator[Breach]:
    """Check each run (planned = good + scrap + rework + open) and each link between runs.

    Over-production stands apart: what is above the plan is not owed by it. A run never processed
    more than its predecessors' good pieces make.

    Args:
        order: Its number.
        runs: All of its runs.
    """
    known = {run.sequence_number: run for run in runs}
    for run in known.values():
        subject = f"{order} operation {run.sequence_number}"
        yield from _equal("run", subject, run.planned, run.processed + run.open_quantity - run.over)
        for before in run.predecessors:
            if before in known:
                yield from _link(subject, known[before], run)


def _link(subject: str, before: RunSums, run: RunSums) -> Iterator[Breach]:
    made = Fraction(before.good) * run.units_per_product / before.units_per_product
    received = run.processed - run.rework_in
    if Fraction(received) > made:
        whole = Decimal(made.numerator // made.denominator)
        yield Breach("link", f"{subject} after {before.sequence_number}", whole, received)


def _of_pool(pool: PoolSums) -> Iterator[Breach]:
    for place in pool.places:
        yield from _equal("journal", f"{pool.pool} {place.place}", place.journal, place.balance)
    nettable = sum((p.balance for p in pool.places if p.is_nettable), NOTHING)
    blocked = sum((p.balance for p in pool.places if not p.is_nettable), NOTHING)
    yield from _equal("on_hand", pool.pool, nettable, pool.on_hand)
    yield from _equal("blocked", pool.pool, blocked, pool.blocked)
    yield from _equal("allocated", pool.pool, pool.allocations, pool.allocated)
    yield from _at_most("over_allocated", pool.pool, pool.on_hand, pool.allocated)


def _of_receipt(receipt: ReceiptSums) -> Iterator[Breach]:
    yield from _equal("allocated", receipt.receipt, receipt.allocations, receipt.allocated)
    yield from _at_most("over_allocated", receipt.receipt, receipt.open_quantity, receipt.allocated)


def _of_issue(issue: IssueSums) -> Iterator[Breach]:
    yield from _equal("issued", issue.subject, issue.missing - issue.journal, issue.issued)


def _equal(rule: str, subject: str, expected: Decimal, found: Decimal) -> Iterator[Breach]:
    if expected != found:
        yield Breach(rule, subject, expected, found)


def _at_most(rule: str, subject: str, limit: Decimal, found: Decimal) -> Iterator[Breach]:
    if found > limit:
        yield Breach(rule, subject, limit, found)
