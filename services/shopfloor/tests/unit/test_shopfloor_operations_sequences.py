"""Which operation follows which, however they are numbered and whatever is added."""

import pytest
from hypothesis import given, strategies as st

from lineside_shopfloor.work_orders.domain import sequences

numbers = st.lists(st.integers(1, 200), min_size=1, max_size=12, unique=True).map(sorted)


def reach(before: sequences.Predecessors, number: int) -> set[int]:
    """Every operation before one."""
    found: set[int] = set()
    waiting = list(before[number])
    while waiting:
        known = waiting.pop()
        if known in before and known not in found:
            found.add(known)
            waiting.extend(before[known])
    return found


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([(10, False), (20, False), (30, False)], {10: (), 20: (10,), 30: (20,)}),
        ([(10, False), (20, True), (30, False)], {10: (), 20: (), 30: (10, 20)}),
        (
            [(10, False), (20, False), (30, True), (40, False)],
            {10: (), 20: (10,), 30: (10,), 40: (20, 30)},
        ),
    ],
    ids=["chain", "two at the start, then a join", "branches in the middle"],
)
def test_an_operation_follows_what_has_no_successor_yet(
    operations: list[tuple[int, bool]], expected: dict[int, tuple[int, ...]]
) -> None:
    assert sequences.predecessors_of(operations) == expected


@pytest.mark.parametrize(
    ("before", "added", "is_concurrent", "expected"),
    [
        ({10: (), 20: (10,)}, 15, False, {10: (), 15: (10,), 20: (15,)}),
        ({10: (), 20: (10,)}, 30, False, {10: (), 20: (10,), 30: (20,)}),
        ({10: (), 20: ()}, 5, False, {5: (), 10: (5,), 20: (5,)}),
        ({30: (20,), 40: (30,)}, 25, False, {25: (20,), 30: (25,), 40: (30,)}),
        ({10: (), 20: (), 30: (10, 20)}, 25, False, {10: (), 20: (), 25: (10, 20), 30: (25,)}),
        ({10: (), 30: (10,)}, 20, True, {10: (), 20: (), 30: (10, 20)}),
    ],
    ids=[
        "between",
        "at the end",
        "before two beginnings",
        "before work of another work order's runs",
        "before a join",
        "beside the first",
    ],
)
def test_an_added_operation_stands_where_its_number_puts_it(
    before: dict[int, tuple[int, ...]],
    added: int,
    is_concurrent: bool,
    expected: dict[int, tuple[int, ...]],
) -> None:
    assert sequences.with_added(before, added, is_concurrent=is_concurrent) == expected


@given(numbers, st.data())
def test_a_chain_stays_a_chain_wherever_operations_are_added(
    known: list[int], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(known))
    before: sequences.Predecessors = {order[0]: ()}
    for number in order[1:]:
        before = sequences.with_added(before, number, is_concurrent=False)
    assert before == sequences.predecessors_of([(number, False) for number in known])


@given(numbers, st.data())
def test_what_came_before_still_comes_before_and_nothing_waits_for_itself(
    known: list[int], data: st.DataObject
) -> None:
    flags = data.draw(st.lists(st.booleans(), min_size=len(known), max_size=len(known)))
    before = sequences.predecessors_of(
        [(n, flag and i > 0) for i, (n, flag) in enumerate(zip(known, flags, strict=True))]
    )
    added = data.draw(st.integers(1, 220).filter(lambda n: n not in known))
    is_concurrent = data.draw(st.booleans()) and added > known[0]
    after = sequences.with_added(before, added, is_concurrent=is_concurrent)
    assert after.keys() == {*known, added}
    for number in known:
        assert reach(before, number) <= reach(after, number)
    for number in after:
        assert number not in reach(after, number)
        assert all(earlier < number for earlier in reach(after, number))
