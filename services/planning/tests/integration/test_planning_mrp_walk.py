"""One case from the order to the purchase: projected, planned, explained, made firm."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.planning import (
    Bom,
    BomChanged,
    GetMrpItem,
    GetPegging,
    GetPlannedOrder,
    ListMrpExceptions,
    ListPlannedOrders,
    MaterialPlan,
    MaterialPlanned,
    PlannedOrder,
    PlannedOrderFirmed,
    ProductChanged,
    ProductionOrder,
    ProductionOrderCreated,
    Stock,
    StockChanged,
)
from lineside_contracts.shopfloor import PlantChanged
from lineside_testkit import builders
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

PLANT = builders.PLANT
DUE = date(2027, 3, 15)
STAMPS = {
    "created_at": builders.AT,
    "created_by": builders.ACTOR,
    "updated_at": builders.AT,
    "updated_by": builders.ACTOR,
}
MADE_OF = {"BIKE": {"WHEEL": "2"}, "WHEEL": {"SPOKE": "36"}}
PRODUCTS: dict[str, dict[str, Any]] = {
    "BIKE": {"lead_time_days": 2},
    "WHEEL": {"lead_time_days": 3},
    "SPOKE": {"make_or_buy": "buy", "lead_time_days": 7, "safety_stock_quantity": 10},
}


@pytest.fixture(scope="module")
async def factory(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers,
        services=["planning"],
        replicas={"planning": 2},
        settings={"planning": {"mrp_poll_seconds": 0.05, "mrp_check_seconds": 0}},
    ) as harness:
        yield harness


class Works:
    """A bicycle factory with four wheels in stock and one order for five bicycles."""

    def __init__(self, harness: Harness) -> None:
        self.harness, self.tenant = harness, harness.new_tenant()
        self.order = builders.production_order(
            product_code="BIKE", quantity_ordered=Decimal(5), due_date=DUE
        )

    async def begin(self) -> None:
        await self.harness.publish(PlantChanged(plant=builders.plant()), tenant_id=self.tenant)
        for code, over in PRODUCTS.items():
            product = builders.product(product_code=code, product_name=code.title(), **over)
            await self.harness.publish(ProductChanged(product=product), tenant_id=self.tenant)
        for code, lines in MADE_OF.items():
            await self.harness.publish(BomChanged(bom=bom(code, lines)), tenant_id=self.tenant)
        await self.publish_stock("WHEEL", 4)
        await self.publish_order(self.order)
        await self.harness.settle()
        await idle(self.harness, self.tenant)

    async def publish_order(self, order: ProductionOrder) -> None:
        created = ProductionOrderCreated(production_order=order)
        await self.harness.publish(created, tenant_id=self.tenant)

    async def publish_stock(self, code: str, quantity: int) -> None:
        changed = StockChanged(stock=stock(code, quantity), quantity_change=Decimal(quantity))
        await self.harness.publish(changed, tenant_id=self.tenant)

    async def ask(self, endpoint: Endpoint[Any, Any], request: Any) -> Any:
        answer = await self.harness.ask(endpoint, request, tenant_id=self.tenant)
        assert answer.status == 200, answer.body
        return answer.body

    async def proposals(self) -> list[PlannedOrder]:
        page = await self.ask(planning.LIST_PLANNED_ORDERS, ListPlannedOrders())
        return list(page.items)

    async def proposed(self) -> list[str]:
        return [f"{each.product_code} {each.quantity}" for each in await self.proposals()]


@pytest.fixture(scope="module")
async def works(factory: Harness) -> Works:
    made = Works(factory)
    await made.begin()
    return made


async def test_an_order_becomes_proposals_for_what_stock_does_not_cover(works: Works) -> None:
    assert await works.proposed() == ["SPOKE 10", "SPOKE 216", "WHEEL 6"]
    days = [order.due_on for order in await works.proposals()]
    assert days[1:] == [date(2027, 3, 8), date(2027, 3, 11)]


async def test_every_number_of_an_item_is_explained(works: Works) -> None:
    item = await works.ask(planning.GET_MRP_ITEM, GetMrpItem(product_code="SPOKE"))
    assert (item.plant_code, item.low_level_code, item.lead_time_days) == (PLANT, 2, 7)
    needed = next(bucket for bucket in item.buckets if bucket.gross_requirement)
    assert needed.starts_on == date(2027, 3, 8)
    assert needed.projected_on_hand == item.safety_stock == 10
    told = " ".join(needed.explanation)
    assert "216 missing" in told
    assert "planned order of WHEEL due 2027-03-11: 6 x 36 = 216" in told
    assert "lead time 7 calendar days: ordered on 2027-03-01" in told
    assert sum(bucket.planned_releases for bucket in item.buckets) == 226


async def test_weeks_add_up_to_what_the_days_say(works: Works) -> None:
    asked = GetMrpItem(product_code="SPOKE", plant_code=PLANT, bucket="week")
    weeks = (await works.ask(planning.GET_MRP_ITEM, asked)).buckets
    days = (await works.ask(planning.GET_MRP_ITEM, GetMrpItem(product_code="SPOKE"))).buckets
    assert all(bucket.starts_on.weekday() == 0 for bucket in weeks)
    for name in ("gross_requirement", "net_requirement", "planned_receipts", "planned_releases"):
        assert sum(getattr(b, name) for b in weeks) == sum(getattr(b, name) for b in days)
    assert weeks[-1].projected_on_hand == days[-1].projected_on_hand


async def test_pegging_leads_from_the_sales_line_down_to_the_purchase(works: Works) -> None:
    asked = GetPegging(production_order_id=works.order.id)
    chain = await works.ask(planning.GET_PEGGING, asked)
    (sale,) = chain.serves
    assert (sale.peg.demand_kind, sale.peg.demand_name) == ("sales_order_line", "SO-1001/1")
    below = [(n.level, n.product_code, n.peg.supply_kind, n.peg.quantity) for n in chain.served_by]
    assert below == [
        (1, "WHEEL", "stock", 4),
        (1, "WHEEL", "planned_order", 6),
        (2, "SPOKE", "planned_order", 216),
    ]


async def test_an_order_with_its_materials_keeps_its_pegs_and_needs_no_planning(
    factory: Harness,
) -> None:
    works = Works(factory)
    await works.begin()
    plan = material_plan(works.order, needed=10, allocated=4)
    await factory.publish(MaterialPlanned(material_plan=plan), tenant_id=works.tenant)
    await factory.settle()
    assert await works.proposed() == ["SPOKE 10", "SPOKE 216", "WHEEL 6"]
    query = "SELECT count(*) AS n FROM mrp_demands WHERE pairing > 0"
    assert await factory.sql("planning", query, tenant_id=works.tenant) == [{"n": 1}]
    asked = GetPegging(production_order_id=works.order.id)
    chain = await works.ask(planning.GET_PEGGING, asked)
    assert [node.peg.demand_name for node in chain.serves] == ["SO-1001/1"]
    served = [(n.product_code, n.peg.supply_name, n.peg.quantity) for n in chain.served_by[:2]]
    assert sorted(served)[1] == ("WHEEL", "stock reserved for MO-2026-000001", 4)
    bike = await works.ask(planning.GET_MRP_ITEM, GetMrpItem(product_code="BIKE"))
    (bucket,) = [each for each in bike.buckets if each.gross_requirement]
    assert (bucket.gross_requirement, bucket.scheduled_receipts) == (5, 5)
    assert [peg.demand_name for peg in bike.pegs] == ["SO-1001/1"]


async def test_a_late_proposal_is_an_exception(works: Works) -> None:
    page = await works.ask(planning.LIST_MRP_EXCEPTIONS, ListMrpExceptions(kind="past_due"))
    (late,) = page.items
    assert (late.product_code, late.quantity, late.supply_kind) == ("SPOKE", 10, "planned_order")
    assert "planned order of SPOKE" in late.message


async def test_a_planner_of_another_plant_sees_nothing_of_it(works: Works) -> None:
    plants = frozenset({"ELSEWHERE"})
    page = await works.harness.ask(
        planning.LIST_PLANNED_ORDERS, ListPlannedOrders(), tenant_id=works.tenant, plants=plants
    )
    assert page.body.items == ()
    item = await works.harness.ask(
        planning.GET_MRP_ITEM,
        GetMrpItem(product_code="SPOKE"),
        tenant_id=works.tenant,
        plants=plants,
    )
    assert item.problem.code == "plant_forbidden"


async def test_pages_neither_skip_nor_repeat(works: Works) -> None:
    whole = [order.id for order in await works.proposals()]
    found, cursor = [], None
    while True:
        asked = ListPlannedOrders(limit=1, cursor=cursor)
        page = await works.ask(planning.LIST_PLANNED_ORDERS, asked)
        found += [order.id for order in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == whole


async def test_a_firmed_proposal_becomes_an_order_and_is_planned_once(factory: Harness) -> None:
    works = Works(factory)
    await works.begin()
    (wheels,) = [p for p in await works.proposals() if p.product_code == "WHEEL"]
    firm = GetPlannedOrder(planned_order_id=wheels.id)
    firmed = await works.ask(planning.FIRM_PLANNED_ORDER, firm)
    assert (firmed.status, firmed.quantity) == ("firmed", 6)
    assert await works.proposed() == ["SPOKE 10", "SPOKE 216"]
    again = await factory.ask(planning.FIRM_PLANNED_ORDER, firm, tenant_id=works.tenant)
    assert again.problem.code == "already_firmed"
    (said,) = await factory.events(PlannedOrderFirmed, tenant_id=works.tenant)
    assert said.payload.planned_order.id == wheels.id
    await factory.settle()
    query = "SELECT kind, quantity FROM mrp_supplies WHERE source_id = %(id)s"
    rows = await factory.sql(
        "planning", query, tenant_id=works.tenant, parameters={"id": wheels.id}
    )
    assert rows == [{"kind": "production_order", "quantity": 6}]
    assert await works.proposed() == ["SPOKE 10", "SPOKE 216"]


async def test_what_nobody_knows_is_not_found(works: Works) -> None:
    unknown = SYSTEM_CLOCK.new_id()
    asked: list[tuple[Endpoint[Any, Any], Any]] = [
        (planning.GET_PLANNED_ORDER, GetPlannedOrder(planned_order_id=unknown)),
        (planning.FIRM_PLANNED_ORDER, GetPlannedOrder(planned_order_id=unknown)),
        (planning.GET_MRP_ITEM, GetMrpItem(product_code="NOBODY")),
        (planning.GET_PEGGING, GetPegging(production_order_id=unknown)),
    ]
    for endpoint, request in asked:
        answer = await works.harness.ask(endpoint, request, tenant_id=works.tenant)
        assert answer.status == 404, endpoint.subject


async def idle(harness: Harness, tenant: UUID) -> None:
    query = "SELECT 1 FROM mrp_runs WHERE status IN ('queued', 'running') LIMIT 1"
    async with asyncio.timeout(30):
        while await harness.sql("planning", query, tenant_id=tenant):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def bom(product_code: str, lines: dict[str, str]) -> Bom:
    values = {
        "id": SYSTEM_CLOCK.new_id(),
        "version": 1,
        "product_code": product_code,
        "bom_version": 1,
        "status": "active",
        "base_quantity": 1,
        "lines": [
            {
                "id": SYSTEM_CLOCK.new_id(),
                "line_number": number,
                "component_code": component,
                "quantity": quantity,
            }
            for number, (component, quantity) in enumerate(lines.items(), 1)
        ],
    }
    return Bom.model_validate(values | STAMPS)


def material_plan(order: ProductionOrder, *, needed: int, allocated: int) -> MaterialPlan:
    requirement = {
        "id": SYSTEM_CLOCK.new_id(),
        "component_code": "WHEEL",
        "plant_code": PLANT,
        "unit_code": "EA",
        "unit_decimals": 0,
        "sequence_number": 10,
        "make_or_buy": "make",
        "needed_quantity": needed,
        "needed_on": date(2027, 3, 11),
        "needed_at": builders.AT,
        "allocated_from_stock": allocated,
        "exact_quantity": needed,
    }
    values = {
        "id": order.id,
        "version": 1,
        "production_order_number": order.production_order_number,
        "product_code": order.product_code,
        "quantity": order.quantity_ordered,
        "priority": order.priority,
        "due_date": order.due_date,
        "order_status": order.status,
        "planning_version": 1,
        "expansion_version": 1,
        "order_version": order.version,
        "status": "short",
        "requirements": [requirement],
        "planned_at": builders.AT,
    }
    return MaterialPlan.model_validate(values)


def stock(product_code: str, quantity: int) -> Stock:
    values = {
        "id": SYSTEM_CLOCK.new_id(),
        "version": 1,
        "product_code": product_code,
        "plant_code": PLANT,
        "unit_code": "EA",
        "quantity_on_hand": quantity,
        "quantity_allocated": 0,
        "quantity_available": quantity,
        "updated_at": builders.AT,
    }
    return Stock.model_validate(values)
