"""Work orders found by what a supervisor filters by, with and without words to search for."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.shopfloor import (
    CREATE_WORK_ORDER,
    DEPARTMENTS,
    LANES,
    LIST_WORK_ORDERS,
    PLANTS,
    CreateWorkOrder,
    DepartmentFields,
    LaneFields,
    ListWorkOrders,
    PlantFields,
    WorkOrder,
)
from lineside_testkit.harness import Harness

ByHand = Callable[..., CreateWorkOrder]
OLA = UUID(int=42)


@pytest.fixture(scope="module")
async def tenant(harness: Harness) -> UUID:
    made = harness.new_tenant()
    plant = PlantFields(plant_code="MAIN", plant_name="Main works", time_zone="Europe/Berlin")
    await harness.ask(PLANTS.create, plant, tenant_id=made)
    print_shop = DepartmentFields(
        department_code="PRINT", department_name="Print shop", plant_code="MAIN"
    )
    await harness.ask(DEPARTMENTS.create, print_shop, tenant_id=made)
    return made


@pytest.fixture(scope="module")
async def orders(harness: Harness, tenant: UUID, by_hand: ByHand) -> dict[str, WorkOrder]:
    wanted = {
        "early": by_hand(due_date="2026-11-01", sap_production_order="4711", product_code="RACK"),
        "late": by_hand(due_date="2026-12-24", assigned_to=str(OLA), department_code="PRINT"),
        "undated": by_hand(description="Sweep the brochure hall"),
    }
    made = {}
    for name, request in wanted.items():
        answer = await harness.ask(CREATE_WORK_ORDER, request, tenant_id=tenant)
        assert answer.status == 201, answer.body
        made[name] = answer.body
    lane = LaneFields(lane_number="L1", lane_name="One", plant_code="MAIN", lane_type="assembly")
    created = await harness.ask(LANES.create, lane, tenant_id=tenant)
    await harness.owner_sql(
        "shopfloor",
        "INSERT INTO lane_assignments (tenant_id, id, lane_id, track, work_order_id, origin,"
        " is_pinned, assigned_at, assigned_by)"
        " VALUES (%(tenant)s, %(id)s, %(lane)s, 1, %(work_order)s, 'manual', true, now(), '{}')",
        parameters={
            "tenant": tenant,
            "id": SYSTEM_CLOCK.new_id(),
            "lane": created.body.id,
            "work_order": made["late"].id,
        },
    )
    await harness.owner_sql(
        "shopfloor",
        "UPDATE work_orders SET status = 'cancelled' WHERE id = %(id)s",
        parameters={"id": made["undated"].id},
    )
    return {**made, "lane": created.body}


FILTERS: list[tuple[dict[str, Any], set[str]]] = [
    ({"due_from": "2026-11-02"}, {"late"}),
    ({"due_until": "2026-12-24"}, {"early", "late"}),
    ({"due_from": "2026-11-01", "due_until": "2026-11-01"}, {"early"}),
    ({"assigned_to": OLA}, {"late"}),
    ({"department_code": "PRINT"}, {"late"}),
    ({"product_code": "RACK"}, {"early"}),
    ({"sap_production_order": "4711"}, {"early"}),
    ({"is_active": True}, {"early", "late"}),
    ({"is_active": False}, {"undated"}),
    ({"lane_id": "lane"}, {"late"}),
    ({"lane_id": "lane", "product_code": "RACK"}, set()),
]


@pytest.mark.parametrize("words", [None, "brochur", "brochrue"], ids=["all", "prefix", "typo"])
@pytest.mark.parametrize(("filters", "expected"), FILTERS, ids=[str(f) for f, _ in FILTERS])
async def test_filters_hold_with_and_without_words(
    harness: Harness,
    tenant: UUID,
    orders: dict[str, Any],
    filters: dict[str, Any],
    expected: set[str],
    words: str | None,
) -> None:
    if "lane_id" in filters:
        filters = {**filters, "lane_id": orders["lane"].id}
    request = ListWorkOrders(search=words, **filters)
    answer = await harness.ask(LIST_WORK_ORDERS, request, tenant_id=tenant)
    assert answer.status == 200, answer.body
    assert {w.id for w in answer.body.items} == {orders[name].id for name in expected}
