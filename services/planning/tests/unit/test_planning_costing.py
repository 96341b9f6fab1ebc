"""Costs follow from facts: lines add up, variances explain the whole difference."""

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lineside_contracts.planning import ProductionCost, ProductionOrderStatus as Status
from lineside_planning.costing.domain import statement
from lineside_planning.costing.domain.facts import MaterialFacts, OperationFacts, OrderFacts

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
ORDER = UUID("019353b5-1f00-7000-8000-000000000001")
LINE = UUID("019353b5-1f00-7000-8000-000000000002")
ZERO = Decimal(0)


def _operation(**over: object) -> OperationFacts:
    values = {
        "sequence_number": 10,
        "name": "Printing",
        "work_center_code": "PRESS",
        "setup_minutes": Decimal(30),
        "run_minutes": Decimal(120),
        "crew_size": Decimal(2),
        "planned_input": Decimal(1020),
        "machine_rate": Decimal(60),
        "overhead_rate": Decimal(12),
        "labour_rate": Decimal(30),
    }
    return OperationFacts(**(values | over))  # type: ignore[arg-type]


def _material(**over: object) -> MaterialFacts:
    values = {
        "requirement_id": LINE,
        "component_code": "PAPER",
        "sequence_number": 10,
        "unit_code": "EA",
        "needed": Decimal(1020),
        "standard_cost": Decimal("0.05"),
    }
    return MaterialFacts(**(values | over))  # type: ignore[arg-type]


def _order(**over: object) -> OrderFacts:
    values = {
        "id": ORDER,
        "number": "MO-2026-000001",
        "quantity": Decimal(1000),
        "unit_code": "EA",
        "order_version": 1,
        "expansion_version": 1,
        "planned_expansion_version": 1,
        "operations": (_operation(),),
        "materials": (_material(),),
    }
    return OrderFacts(**(values | over))  # type: ignore[arg-type]


def _statement(facts: OrderFacts) -> ProductionCost:
    return statement.statement(facts, version=1, currency="EUR", calculated_at=AT)


def test_an_estimate_is_material_machine_labour_and_overhead() -> None:
    cost = _statement(_order())
    assert cost.estimated.model_dump() == {
        "material": Decimal("51.00"),  # 1,020 x 0.05
        "machine": Decimal("150.00"),  # 2.5 h x 60
        "labour": Decimal("150.00"),  # 2.5 h x 2 people x 30
        "overhead": Decimal("30.00"),  # 2.5 h x 12
        "total": Decimal("381.00"),
    }
    assert cost.wip_value == 0
    assert cost.lines[0].explanation == "1020 EA needed x 0.05 standard cost"


def test_what_is_put_in_is_work_in_process_until_it_is_delivered() -> None:
    begun = _order(
        status=Status.IN_PROGRESS,
        materials=(_material(issued=Decimal(500), issued_value=Decimal(25)),),
    )
    assert _statement(begun).wip_value == 25
    half = begun.having(good=Decimal(500))
    assert _statement(half).delivered_value == Decimal("190.50")
    assert _statement(half).wip_value == Decimal("-165.50")


def test_an_order_made_exactly_as_planned_has_no_variances() -> None:
    made = _order(
        status=Status.COMPLETED,
        good=Decimal(1000),
        materials=(_material(issued=Decimal(1020), issued_value=Decimal(51)),),
        operations=(
            _operation(
                reported=Decimal(1020),
                machine_minutes=Decimal(150),
                labour_minutes=Decimal(300),
                machine_value=Decimal(150),
                labour_value=Decimal(150),
                overhead_value=Decimal(30),
            ),
        ),
    )
    cost = _statement(made)
    assert cost.variances == ()
    assert cost.wip_value == 0
    assert cost.is_settled


@pytest.mark.parametrize(
    ("material", "operation", "good", "expected"),
    [
        ({"issued_value": Decimal(61)}, {}, 1000, {"price": "10.00"}),
        (
            {"issued": Decimal(1220), "issued_value": Decimal(61)},
            {},
            1000,
            {"usage": "10.00"},
        ),
        ({}, {"machine_value": Decimal(200)}, 1000, {"rate": "50.00"}),
        (
            {},
            {"machine_minutes": Decimal(180), "machine_value": Decimal(180)}
            | {"overhead_value": Decimal(36)},
            1000,
            {"efficiency": "36.00"},
        ),
    ],
)
def test_each_cause_has_its_own_variance(
    material: dict[str, Decimal],
    operation: dict[str, Decimal],
    good: int,
    expected: dict[str, str],
) -> None:
    as_planned = {"issued": Decimal(1020), "issued_value": Decimal(51)}
    worked = {
        "reported": Decimal(1020),
        "machine_minutes": Decimal(150),
        "labour_minutes": Decimal(300),
        "machine_value": Decimal(150),
        "labour_value": Decimal(150),
        "overhead_value": Decimal(30),
    }
    facts = _order(
        status=Status.COMPLETED,
        good=Decimal(good),
        materials=(_material(**(as_planned | material)),),
        operations=(_operation(**(worked | operation)),),
    )
    found = {v.kind: str(v.amount) for v in _statement(facts).variances}
    assert found == expected


_AMOUNTS = st.decimals(0, 100_000, places=2)


@given(
    good=st.decimals(0, 2000, places=0),
    reported=st.decimals(0, 3000, places=0),
    issued=_AMOUNTS,
    values=st.lists(_AMOUNTS, min_size=4, max_size=4),
    minutes=st.lists(_AMOUNTS, min_size=2, max_size=2),
    is_fixed=st.booleans(),
    status=st.sampled_from([Status.COMPLETED, Status.CLOSED, Status.CANCELLED]),
)
def test_variances_explain_exactly_what_was_not_delivered(  # noqa: PLR0917 -- hypothesis
    good: Decimal,
    reported: Decimal,
    issued: Decimal,
    values: list[Decimal],
    minutes: list[Decimal],
    is_fixed: bool,
    status: Status,
) -> None:
    facts = _order(
        status=status,
        good=good,
        materials=(_material(issued=issued, issued_value=values[0], is_fixed=is_fixed),),
        operations=(
            _operation(
                reported=reported,
                machine_minutes=minutes[0],
                labour_minutes=minutes[1],
                machine_value=values[1],
                labour_value=values[2],
                overhead_value=values[3],
            ),
        ),
    )
    cost = _statement(facts)
    explained = sum((v.amount for v in cost.variances), ZERO)
    assert explained == cost.actual.total - cost.delivered_value
    assert sum((line.actual for line in cost.lines), ZERO) == cost.actual.total
    assert sum((line.estimated for line in cost.lines), ZERO) == cost.estimated.total


def test_missing_rates_are_said_and_count_as_free() -> None:
    facts = _order(
        materials=(_material(standard_cost=None),),
        operations=(_operation(machine_rate=None, overhead_rate=None, labour_rate=None),),
    )
    cost = _statement(facts)
    assert cost.estimated.total == 0
    assert {w.code for w in cost.warnings} == {"no_standard_cost", "no_work_center_rate"}


@pytest.fixture(scope="module")
def cases() -> dict[str, dict[str, object]]:
    folder = os.environ.get("LINESIDE_EXTERNAL_DATA")
    if not folder:
        pytest.skip("LINESIDE_EXTERNAL_DATA names no folder of other systems' cases")
    found = json.loads((Path(folder) / "oracles/cases.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in found}


@pytest.mark.parametrize("index", [0, 1])
def test_operations_and_components_cost_what_odoo_says(
    cases: dict[str, dict[str, object]], index: int
) -> None:
    inputs, expected = (cases["odoo-routing-time-cost"][k] for k in ("inputs", "expected"))
    assert isinstance(inputs, dict)
    assert isinstance(expected, dict)
    quantity = Decimal(inputs["cases"][index])
    share = quantity / inputs["bom_qty"]
    facts = _order(
        quantity=quantity,
        operations=tuple(
            _operation(
                sequence_number=10 * n,
                setup_minutes=ZERO,
                run_minutes=minutes * quantity,
                crew_size=Decimal(1),
                machine_rate=Decimal(inputs["cost_hour"]),
                overhead_rate=ZERO,
                labour_rate=ZERO,
            )
            for n, minutes in enumerate(inputs["ops_min_per_unit"], start=1)
        ),
        materials=tuple(
            _material(
                component_code=f"C{n}",
                needed=component["qty"] * share,
                standard_cost=Decimal(str(component["price"])),
            )
            for n, component in enumerate(inputs["components"])
        ),
    )
    cost = _statement(facts)
    minutes = sum(o.run_minutes for o in facts.operations)
    assert minutes == expected["minutes"][index]
    assert cost.estimated.machine == Decimal(str(expected["op_cost"][index]))
    assert cost.estimated.total == Decimal(str(expected["total"][index]))
