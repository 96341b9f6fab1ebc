"""How many pieces there are (RULES 5, 7, 8): what has arrived, what may be reported, what is left.

Quantities are exact fractions until they are rounded down once, at the decimals of the operation's
unit. What a predecessor gave is converted by the units per product of both operations.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from lineside_contracts.problems import Problem, ProblemCode
from lineside_manufacturing import quantities
from lineside_shopfloor.execution.domain import plans
from lineside_shopfloor.execution.domain.logs import FloorLog
from lineside_shopfloor.execution.domain.progress import Progress, Totals
from lineside_shopfloor.execution.domain.states import Elsewhere, WorkState
from lineside_shopfloor.work_orders.domain.operations import FloorOperation

_ZERO = Decimal(0)
_WRITTEN = quantities.MAX_WRITTEN_DECIMALS


def available(state: WorkState) -> dict[int, Decimal | None]:
    """Tell what each operation may still report, by number; None where nothing bounds it."""
    return {
        number: None if came is None else max(_ZERO, came - state.progress.of(number).used)
        for number in state.plan.operations
        for came in (arrived(state, state.progress.totals, number),)
    }


def ceilings(state: WorkState) -> dict[int, Decimal]:
    """Tell the most good pieces of each operation, by number."""
    return {number: ceiling(state, state.progress, number) for number in state.plan.operations}


def work_in_process(state: WorkState) -> dict[int, Decimal]:
    """Tell what lies at each operation: arrived and not reported, and open rework.

    Planned input of a first operation is none: it is material until it is reported.
    """
    found: dict[int, Decimal] = {}
    for number, operation in state.plan.operations.items():
        own = state.progress.of(number)
        takes = bool(operation.predecessor_operation_numbers)
        came = arrived(state, state.progress.totals, number) if takes else None
        waiting = max(_ZERO, came - own.used) if came is not None else _ZERO
        if (quantity := waiting + own.rework) > 0:
            found[number] = quantity
    return found


def arrived(state: WorkState, totals: Mapping[int, Totals], number: int) -> Decimal | None:
    """Tell how many pieces an operation has had to work on; None where nothing bounds it.

    What follows work nobody knows of any more, or was made by hand, is not bounded by it.
    """
    operation = state.plan.operations.get(number)
    if operation is None:
        return None
    if operation.predecessor_operation_numbers:
        given = list(_given(state, totals, operation))
        return plans.floored(min(given), _decimals(operation)) if given else None
    if operation.run_id is None:
        return None
    planned = quantities.exact(operation.planned_input)
    added = totals.get(number, Totals()).input_added
    return plans.plain(planned * _over(state, operation)) + added


def ceiling(state: WorkState, progress: Progress, number: int) -> Decimal:
    """Tell the most good pieces an operation may give in all (RULES 5, 14)."""
    operation = state.plan.operations.get(number)
    if operation is None:
        return state.plan.ceiling
    is_end = any(end.operation_number == number for end in state.plan.ends)
    if not is_end and operation.run_id is not None:
        return operation.planned_input + progress.of(number).input_added
    last = max(state.plan.ends, key=lambda end: end.operation_number)
    return plans.floored(plans.converted(state.plan.ceiling, last, operation), _decimals(operation))


def problems(state: WorkState, after: Progress, log: FloorLog) -> Iterator[Problem]:
    """Find the rules of quantity that a report breaks.

    Args:
        state: Without it.
        after: With it.
        log: The report; of a void one there are no quantities.
    """
    number = log.key.operation_number
    yield from _too_many(state, after, log)
    if state.rules.is_strict:
        yield from _not_available(state, after, number, attempting=used_by(log))
    if log.is_from_rework:
        yield from _rework_not_open(after, log)


def taken_back(state: WorkState, before: Progress, after: Progress) -> Iterator[Problem]:
    """Find the operations that have used pieces which a correction takes back.

    Args:
        state: With what follows in other work orders.
        before: Without the correction.
        after: With it.
    """
    if not state.rules.is_strict:
        return
    for number in state.plan.operations:
        old = arrived(state, before.totals, number)
        new = arrived(state, after.totals, number)
        if old is not None and new is not None and new < old:
            yield from _not_available(state, after, number, attempting=after.of(number).used)
    for other in state.following:
        was, left = (_arrived_elsewhere(state, p.totals, other) for p in (before, after))
        if was is not None and left is not None and left < was and other.used > left:
            yield _missing(other.operation_number, available=left, attempting=other.used)


def rework_taken_back(after: Progress, numbers: Iterable[int]) -> Iterator[Problem]:
    """Find rework that was resolved and is now no longer open."""
    for number in numbers:
        own = after.of(number)
        if own.rework < 0:
            yield _no_rework(number, is_open=_ZERO, attempting=-own.rework)


def used_by(log: FloorLog) -> Decimal:
    """Tell how many pieces a report uses up: what comes out of rework came in before."""
    resolved = _ZERO if log.is_from_rework else log.good_quantity + log.scrap_quantity
    return resolved + log.rework_quantity


def shown(quantity: Decimal) -> str:
    """Write a quantity as facts show it: without needless zeros."""
    return str(quantities.as_decimal(quantities.exact(quantity), _WRITTEN))


def _given(
    state: WorkState, totals: Mapping[int, Totals], operation: FloorOperation
) -> Iterator[Fraction]:
    own = operation.units_per_product
    for number in operation.predecessor_operation_numbers:
        inside, outside = state.plan.operations.get(number), state.before.get(number)
        if inside is not None:
            yield plans.converted(totals.get(number, Totals()).good, inside, operation)
        elif outside is not None:
            yield quantities.exact(outside.good) * own / outside.units_per_product


def _arrived_elsewhere(
    state: WorkState, totals: Mapping[int, Totals], other: Elsewhere
) -> Decimal | None:
    given = [
        quantities.exact(totals.get(number, Totals()).good)
        * other.units_per_product
        / inside.units_per_product
        for number in other.predecessor_numbers
        if (inside := state.plan.operations.get(number)) is not None
    ]
    return plans.floored(min(given), other.unit_decimals) if given else None


def _over(state: WorkState, operation: FloorOperation) -> Fraction:
    """Accepted over-production takes as much more input, where the operation is the last."""
    if all(end.operation_number != operation.operation_number for end in state.plan.ends):
        return Fraction(1)
    return 1 + quantities.exact(state.plan.tolerance_percentage) / 100


def _decimals(operation: FloorOperation) -> int:
    """Nobody planned the unit of work made by hand: it may be anything."""
    return _WRITTEN if operation.run_id is None else operation.unit_decimals


def _too_many(state: WorkState, after: Progress, log: FloorLog) -> Iterator[Problem]:
    number = log.key.operation_number
    good, most = after.of(number).good, ceiling(state, after, number)
    if log.good_quantity == 0 or good <= most:
        return
    before = good - log.good_quantity
    yield Problem(
        code=ProblemCode.QUANTITY_EXCEEDS_ORDERED,
        detail=f"{shown(log.good_quantity)} more would make {shown(good)}; at most {shown(most)}"
        f" may be good{f' at operation {number}' if number else ''}.",
        facts={
            "ordered": shown(state.work_order.quantity_ordered),
            "completed": shown(before),
            "attempting": shown(log.good_quantity),
            "ceiling": shown(most),
        },
    )


def _not_available(
    state: WorkState, after: Progress, number: int, *, attempting: Decimal
) -> Iterator[Problem]:
    came = arrived(state, after.totals, number)
    used = after.of(number).used
    if came is None or used <= came or attempting <= 0:
        return
    left = max(_ZERO, came - (used - attempting))
    yield _missing(number, available=left, attempting=attempting)


def _missing(number: int, *, available: Decimal, attempting: Decimal) -> Problem:
    return Problem(
        code=ProblemCode.PIECES_NOT_AVAILABLE,
        detail=f"Operation {number} has {shown(available)} pieces to work on, not"
        f" {shown(attempting)}: no more have come to it.",
        facts={
            "operation_number": number,
            "available": shown(available),
            "attempting": shown(attempting),
        },
    )


def _rework_not_open(after: Progress, log: FloorLog) -> Iterator[Problem]:
    own = after.of(log.resolves_at)
    if own.rework >= 0:
        return
    attempting = log.good_quantity + log.scrap_quantity
    is_open = max(_ZERO, own.rework + attempting)
    yield _no_rework(log.resolves_at, is_open=is_open, attempting=attempting)


def _no_rework(number: int, *, is_open: Decimal, attempting: Decimal) -> Problem:
    return Problem(
        code=ProblemCode.REWORK_NOT_OPEN,
        detail=f"Operation {number} has {shown(is_open)} in rework, not {shown(attempting)}.",
        facts={
            "operation_number": number,
            "open": shown(is_open),
            "attempting": shown(attempting),
        },
    )
