"""Two runs are compared by what must be equal, and every other difference is named."""

from collections import Counter

import pytest

from lineside_testkit import states


def test_ids_instants_and_given_numbers_may_differ() -> None:
    row = {
        "id": "0190b5c0-0000-7000-8000-000000000001",
        "production_order_number": "MO-2026-000017",
        "seen": "2026-11-20T08:00:00+00:00",
        "updated_at": "2026-11-20T08:00:00+00:00",
        "version": 4,
        "quantity": "10000",
        "operations": [{"id": "0190b5c0-0000-7000-8000-000000000002", "planned_input": "3"}],
    }
    assert states.normal(row) == {
        "id": "<id>",
        "production_order_number": "<number>",
        "seen": "<at>",
        "quantity": "10000",
        "operations": [{"id": "<id>", "planned_input": "3"}],
    }


def test_a_missing_a_changed_and_a_doubled_row_are_named() -> None:
    calm = {"planning.orders": Counter({"a": 1, "b": 1}), "floor.orders": Counter({"c": 1})}
    rough = {"planning.orders": Counter({"a": 2, "d": 1}), "floor.orders": Counter[str]()}
    assert states.differences(calm, rough) == [
        "floor.orders: only here 1 x c",
        "planning.orders: only here 1 x b",
        "planning.orders: only there 1 x a",
        "planning.orders: only there 1 x d",
    ]
    with pytest.raises(AssertionError, match="4 rows differ"):
        states.insist_equal(calm, rough)


def test_equal_states_have_no_differences() -> None:
    state = {"planning.orders": Counter({"a": 2})}
    states.insist_equal(state, {"planning.orders": Counter({"a": 2})})
