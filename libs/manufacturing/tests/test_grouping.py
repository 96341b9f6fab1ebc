from dataclasses import replace
from fractions import Fraction

import pytest

from lineside_manufacturing.grouping import GroupableRun, WorkOrderGroup, group_runs

PRINT = GroupableRun(10, "fabrication", "NORTH", Fraction(1), "PRESS")


def runs(*numbers: int) -> list[GroupableRun]:
    return [replace(PRINT, sequence_number=number) for number in numbers]


ROW = {10: (), 20: (10,), 30: (20,)}


def test_a_plain_row_of_one_kind_is_one_work_order() -> None:
    assert group_runs(ROW, runs(30, 10, 20)) == (WorkOrderGroup((10, 20, 30), ()),)


@pytest.mark.parametrize(
    "other",
    [
        replace(PRINT, sequence_number=20, operation_type="assembly"),
        replace(PRINT, sequence_number=20, plant_code="SOUTH"),
        replace(PRINT, sequence_number=20, units_per_product=Fraction(8)),
        replace(PRINT, sequence_number=20, lane_eligibility="FOLDER"),
    ],
)
def test_a_run_of_another_kind_starts_its_own_work_order(other: GroupableRun) -> None:
    first, _, third = runs(10, 20, 30)
    assert group_runs(ROW, [first, other, third]) == (
        WorkOrderGroup((10,), ()),
        WorkOrderGroup((20,), (0,)),
        WorkOrderGroup((30,), (1,)),
    )


def test_block_printing_and_cover_printing_never_share_a_work_order() -> None:
    book = {10: (), 20: (), 30: (10,), 40: (20, 30)}
    assert group_runs(book, runs(10, 20, 30, 40)) == (
        WorkOrderGroup((10, 30), ()),
        WorkOrderGroup((20,), ()),
        WorkOrderGroup((40,), (0, 1)),
    )


def test_runs_after_a_fork_start_their_own_work_orders() -> None:
    assert group_runs({10: (), 20: (10,), 30: [10]}, runs(10, 20, 30)) == (
        WorkOrderGroup((10,), ()),
        WorkOrderGroup((20,), (0,)),
        WorkOrderGroup((30,), (0,)),
    )


def test_groups_follow_the_graph_and_not_the_numbers() -> None:
    groups = group_runs({5: (20,), 10: (), 20: (10,)}, runs(5, 10, 20))
    assert groups == (WorkOrderGroup((10, 20, 5), ()),)


def test_runs_that_do_not_fit_the_graph_are_refused() -> None:
    with pytest.raises(ValueError, match="different sequence numbers"):
        group_runs(ROW, runs(10, 20))
    with pytest.raises(ValueError, match="circle"):
        group_runs({10: (20,), 20: (10,)}, runs(10, 20))
