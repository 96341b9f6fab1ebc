"""What materials keeps of the floor's reports."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts.shopfloor import LogKind, OperationTotals, WorkOrderLog
from lineside_planning.materials.domain import floor
from lineside_planning.materials.domain.floor import OutputLot
from lineside_testkit import builders

WORK_ORDER, ORDER = UUID(int=1), UUID(int=2)


def log(version: int = 1, **over: Any) -> WorkOrderLog:
    values: dict[str, Any] = {
        "id": WORK_ORDER,
        "version": version,
        "log_id": UUID(int=100 + version),
        "kind": LogKind.COMPLETE,
        "work_order_number": "WO-1",
        "production_order_id": ORDER,
        "operation_number": 1,
        "operations": (
            OperationTotals(
                operation_id=UUID(int=9),
                operation_number=1,
                sequence_number=10,
                good_quantity=Decimal(4),
                scrap_quantity=Decimal(1),
            ),
        ),
        "happened_at": builders.AT,
        "logged_at": builders.AT,
        "logged_by": builders.ACTOR,
    }
    return WorkOrderLog(**(values | over))


def test_reports_count_on_the_sequence_number_of_their_run() -> None:
    (report,) = floor.floor_report(log()).operations
    assert report.sequence_number == 10
    assert report.processed == 5


def test_logs_without_a_change_of_lot_are_one_step() -> None:
    found = floor.steps({}, [log(3), log(1), log(2)])
    (step,) = found.steps
    assert [report.version for report in found.reports] == [3]
    assert step.reports[0].processed == 5
    assert not found.falls


def test_each_lot_that_is_made_is_a_step_of_its_own() -> None:
    logs = [log(1, lot_number="L1"), log(2, lot_number="L1"), log(3, lot_number="L2")]
    assert [step.output_lot_number for step in floor.steps({}, logs).steps] == ["L1", "L2"]


def test_logs_that_are_known_already_say_nothing() -> None:
    stored = {WORK_ORDER: floor.floor_report(log(4))}
    found = floor.steps(stored, [log(3), log(4)])
    assert (found.steps, found.reports) == ((), ())


def test_a_total_that_went_down_is_noticed() -> None:
    stored = {WORK_ORDER: floor.floor_report(log(1))}
    assert floor.steps(stored, [log(2, operations=())]).falls


def test_a_log_without_lot_or_good_pieces_makes_no_lot() -> None:
    assert floor.output_lot(log(lot_number="L1")) is None
    assert floor.output_lot(log(good_quantity=Decimal(3))) is None
    made = floor.output_lot(log(lot_number="L1", good_quantity=Decimal(3)))
    assert made == OutputLot(10, "L1", Decimal(3))


@pytest.mark.parametrize(
    ("already", "quantity", "shared"),
    [
        (0, 10, [("L1", 4), ("L2", 6)]),
        (0, 12, [("L1", 4), ("L2", 6), ("", 2)]),
        (5, 5, [("L2", 5)]),
        (10, 3, [("", 3)]),
    ],
)
def test_goods_are_shared_out_over_the_lots_they_were_made_as(
    already: int, quantity: int, shared: list[tuple[str, int]]
) -> None:
    lots = [
        OutputLot(20, "L1", Decimal(7)),
        OutputLot(20, "L2", Decimal(6)),
        OutputLot(20, "L1", Decimal(-3)),
    ]
    found = floor.lots_of_output(lots, already=Decimal(already), quantity=Decimal(quantity))
    assert [(lot, int(part)) for lot, part in found] == shared
