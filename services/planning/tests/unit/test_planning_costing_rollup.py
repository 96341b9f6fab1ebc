"""A roll-up costs what a quantity takes, level by level, set-ups and losses included."""

import json
import os
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from lineside_manufacturing.component_needs import ComponentLine
from lineside_manufacturing.lot_sizing import LotParameters
from lineside_planning.costing.domain import rollup
from lineside_planning.costing.domain.learning import HourlyRates, Rates
from lineside_planning.costing.domain.rollup import Basis
from lineside_planning.master_data.domain import routings
from lineside_planning.master_data.domain.material_facts import (
    BillLine,
    BillVersion,
    MaterialFacts,
    ProductFacts,
)
from lineside_planning.master_data.domain.routings import RoutingContent, RoutingFacts

ON = date(2026, 11, 20)
NIL = UUID(int=0)


def product(code: str, **over: Any) -> ProductFacts:
    values: dict[str, Any] = {
        "product_code": code,
        "product_name": code,
        "product_category": None,
        "unit_code": "EA",
        "unit_decimals": 0,
        "conversions": {},
        "make_or_buy": "buy",
        "lead_time_days": 0,
        "safety_stock_quantity": Decimal(0),
        "safety_time_days": 0,
        "is_phantom": False,
        "supply_policy": "make_to_order",
        "standard_cost": None,
        "plant_code": None,
        "is_active": True,
        "lots": LotParameters("lot_for_lot"),
        "version": 1,
    }
    return ProductFacts(**(values | over))


def bill(parent: str, *lines: ComponentLine, base: int = 1) -> BillVersion:
    return BillVersion(
        id=NIL,
        version=1,
        product_code=parent,
        bom_version=1,
        base_quantity=Decimal(base),
        effective_from=None,
        effective_until=None,
        lines=tuple(
            BillLine(NIL, n, line.component, None, None, line)
            for n, line in enumerate(lines, start=1)
        ),
    )


def routing(*operations: dict[str, Any]) -> RoutingFacts:
    rows = [
        {"id": str(NIL), "sequence_number": 10 * n, "operation_code": f"OP{n}"} | operation
        for n, operation in enumerate(operations, start=1)
    ]
    content = RoutingContent(NIL, hash(str(rows)), "R", 1, orjson.dumps(rows).decode())
    return routings.routing_facts(content)


def basis(
    products: list[ProductFacts], bills: list[BillVersion], **by_product: RoutingFacts
) -> Basis:
    structure = MaterialFacts(
        products={p.product_code: p for p in products},
        bills={b.product_code: (b,) for b in bills},
    )
    rates = Rates(
        work_centers={"WC": HourlyRates(Decimal(60), Decimal(0), Decimal(0))},
        standard_costs={
            p.product_code: p.standard_cost for p in products if p.standard_cost is not None
        },
    )
    return Basis(structure, by_product, rates, ON)


def test_made_components_carry_their_own_set_up() -> None:
    known = basis(
        [
            product("TABLE", make_or_buy="make"),
            product("LEG", make_or_buy="make"),
            product("WOOD", standard_cost=Decimal(2)),
        ],
        [
            bill("TABLE", ComponentLine("LEG", Fraction(4))),
            bill("LEG", ComponentLine("WOOD", Fraction(1))),
        ],
        LEG=routing(
            {
                "planned_setup_minutes": "10",
                "planned_run_seconds_per_unit": "60",
                "planned_work_center_code": "WC",
            }
        ),
    )
    for quantity, legs in ((1, Decimal("22.00")), (100, Decimal("1210.00"))):
        # per leg: 2 of wood and one minute at 60 an hour; ten minutes of set-up once
        rolled = rollup.roll_up(known, product_code="TABLE", quantity=Decimal(quantity))
        assert rolled.cost.material == legs
    assert [w.code for w in rolled.warnings] == ["no_routing"]


def test_yield_loss_is_bought_and_worked() -> None:
    known = basis(
        [product("CARD", make_or_buy="make"), product("BOARD", standard_cost=Decimal(1))],
        [bill("CARD", ComponentLine("BOARD", Fraction(1)))],
        CARD=routing(
            {
                "yield_percentage": "98",
                "planned_setup_minutes": "0",
                "planned_run_seconds_per_unit": "60",
                "planned_work_center_code": "WC",
            }
        ),
    )
    rolled = rollup.roll_up(known, product_code="CARD", quantity=Decimal(98))
    assert (rolled.cost.material, rolled.cost.machine) == (Decimal(100), Decimal(100))


def test_circles_and_missing_costs_are_said_and_end() -> None:
    known = basis(
        [product("A", make_or_buy="make"), product("B", make_or_buy="make"), product("C")],
        [
            bill("A", ComponentLine("B", Fraction(1)), ComponentLine("C", Fraction(1))),
            bill("B", ComponentLine("A", Fraction(1))),
        ],
    )
    rolled = rollup.roll_up(known, product_code="A", quantity=Decimal(1))
    assert {"bom_cycle", "no_standard_cost"} <= {w.code for w in rolled.warnings}
    assert rolled.cost.total == 0


def test_a_bought_product_costs_its_standard() -> None:
    known = basis([product("BOLT", standard_cost=Decimal("0.25"))], [])
    assert rollup.roll_up(known, product_code="BOLT", quantity=Decimal(8)).cost.total == 2


def test_metres_and_pieces_cost_what_tryton_says() -> None:
    folder = os.environ.get("LINESIDE_EXTERNAL_DATA")
    if not folder:
        pytest.skip("LINESIDE_EXTERNAL_DATA names no folder of other systems' cases")
    found = json.loads((Path(folder) / "oracles/cases.json").read_text(encoding="utf-8"))
    case = next(case for case in found if case["id"] == "tryton-bom-uom-cost")
    first, second = case["inputs"]["bom"]["inputs"]
    known = basis(
        [
            product("P", make_or_buy="make"),
            product("C1", standard_cost=Decimal(first["cost"])),
            # stocked in metres, written in centimetres
            product("C2", standard_cost=Decimal(second["cost_per_m"]), unit_decimals=2),
        ],
        [
            bill(
                "P",
                ComponentLine("C1", Fraction(first["qty"])),
                ComponentLine("C2", Fraction(second["qty"], 100)),
            )
        ],
    )
    rolled = rollup.roll_up(known, product_code="P", quantity=Decimal(case["inputs"]["qty"]))
    assert float(rolled.cost.total) == case["expected"]["cost"]
