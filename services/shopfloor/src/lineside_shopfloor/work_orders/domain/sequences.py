"""Which operation follows which within a work order made by hand, or after one was added.

An operation follows every earlier one that has no successor yet (a join); a concurrent one has the
predecessors of the operation before it in sequence. Routings read their operations alike (SPEC 6).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from lineside_shopfloor.work_orders.domain.operations import FloorOperation

Predecessors = Mapping[int, tuple[int, ...]]


def predecessors_of(operations: Sequence[tuple[int, bool]]) -> Predecessors:
    """Tell the predecessors of operations made by hand.

    Args:
        operations: Number and whether it is concurrent, by ascending number; the first is not.
    """
    before: dict[int, tuple[int, ...]] = {}
    previous: int | None = None
    for number, is_concurrent in operations:
        if is_concurrent and previous is not None:
            before[number] = before[previous]
        else:
            before[number] = ends(before)
        previous = number
    return before


def ends(before: Predecessors) -> tuple[int, ...]:
    """Tell which operations no other one of them follows, ascending."""
    followed = {number for numbers in before.values() for number in numbers}
    return tuple(sorted(before.keys() - followed))


def with_added(before: Predecessors, number: int, *, is_concurrent: bool) -> Predecessors:
    """Put one more operation among those there are, where its number puts it.

    What followed across the place it takes follows it now; beside a concurrent one, whatever
    follows the operation before it waits for both.

    Args:
        before: The predecessors of each operation; numbers of other work orders may be among them.
        number: Of the new operation; none of theirs.
        is_concurrent: It has the predecessors of the operation before it.
    """
    earlier = sorted(known for known in before if known < number)
    if is_concurrent and earlier:
        return _beside(before, number, beside=earlier[-1])
    if not earlier:
        return _in_front(before, number)
    own = ends({known: before[known] for known in earlier})
    added = {
        known: _replaced(before[known], earlier, number) if known > number else before[known]
        for known in before
    }
    return {**added, number: own}


def incomplete_before(operations: Iterable[FloorOperation], number: int) -> tuple[int, ...]:
    """Tell which operations before one are still open, through all of its predecessors."""
    by_number = {operation.operation_number: operation for operation in operations}
    seen: set[int] = set()
    waiting = list(by_number[number].predecessor_operation_numbers)
    while waiting:
        known = by_number.get(waiting.pop())
        if known is not None and known.operation_number not in seen:
            seen.add(known.operation_number)
            waiting.extend(known.predecessor_operation_numbers)
    return tuple(sorted(n for n in seen if by_number[n].is_open))


def _beside(before: Predecessors, number: int, *, beside: int) -> Predecessors:
    added = {
        known: (*numbers, number) if beside in numbers else numbers
        for known, numbers in before.items()
    }
    return {**added, number: before[beside]}


def _in_front(before: Predecessors, number: int) -> Predecessors:
    """The new operation takes over what the first ones waited for, and they wait for it."""
    outside: dict[int, None] = {}
    added = dict(before)
    for known, numbers in before.items():
        if not before.keys() & set(numbers):
            outside |= dict.fromkeys(numbers)
            added[known] = (number,)
    return {**added, number: tuple(outside)}


def _replaced(numbers: Sequence[int], earlier: Collection[int], number: int) -> tuple[int, ...]:
    if not set(numbers) & set(earlier):
        return tuple(numbers)
    return tuple(sorted({number, *(n for n in numbers if n not in set(earlier))}))
