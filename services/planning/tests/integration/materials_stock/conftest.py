"""A tenant with a plant, three products and stock locations, and everything done to its stock."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context
from lineside_contracts import planning
from lineside_contracts.envelope import EventPayload
from lineside_contracts.planning import (
    CreateReceipt,
    IssueMaterial,
    PostStockMovement,
    ProductionOrderCompleted,
    Receipt,
    ReceiveGoods,
    StockLocation,
    StockLocationChanged,
)
from lineside_contracts.shopfloor import (
    OperationTotals,
    PlantChanged,
    ProductionLogRecorded,
    WorkOrderLog,
)
from lineside_planning.materials.domain import allocation, conservation
from lineside_planning.materials.domain.bench import Plan, Requirement
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.domain.orders import OrderFacts, RunFacts, RunSheet
from lineside_planning.materials.handlers.completions import on_orders_finished
from lineside_planning.materials.handlers.logs import on_production_logs
from lineside_planning.materials.store import (
    bench as benches,
    conservation as sums,
    orders,
    saving,
)
from lineside_planning.materials.store.bench import Wanted
from lineside_testkit import builders
from lineside_testkit.events import received
from lineside_testkit.harness import Harness

GLUE, PAPER, BROCHURE = "GLUE", "PAPER", "BROCHURE"


@dataclass
class Shop:
    """A tenant with a plant, three products and its stock locations."""

    harness: Harness
    database: Database
    tenant: UUID

    async def ask(self, endpoint: Any, request: Any, **over: Any) -> Any:
        return await self.harness.ask(endpoint, request, tenant_id=self.tenant, **over)

    async def done(self, endpoint: Any, request: Any) -> Any:
        answer = await self.ask(endpoint, request)
        assert answer.status in {200, 201}, answer.body
        return answer.body

    async def count(self, product: str, quantity: Any, location: str = "SHELF", **over: Any) -> Any:
        return await self.done(
            planning.POST_STOCK_MOVEMENT, self.posting(product, quantity, location, **over)
        )

    async def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        return await self.harness.sql(
            "planning", statement, tenant_id=self.tenant, parameters=parameters
        )

    async def need(self, order_id: UUID, component: str = GLUE) -> dict[str, Any]:
        (row,) = await self.rows(
            "SELECT r.*, (SELECT coalesce(sum(quantity), 0) FROM material_allocations a"
            " WHERE a.requirement_id = r.id AND a.receipt_id IS NULL) AS held,"
            " (SELECT coalesce(sum(quantity), 0) FROM material_allocations a"
            " WHERE a.requirement_id = r.id AND a.receipt_id IS NOT NULL) AS promised"
            " FROM material_requirements r WHERE production_order_id = %(order)s"
            " AND component_code = %(code)s",
            order=str(order_id),
            code=component,
        )
        return row

    def context(self) -> Context:
        return Context(
            tenant_id=self.tenant,
            correlation_id=SYSTEM_CLOCK.new_id(),
            actor_id=builders.ACTOR.id,
            actor_name=builders.ACTOR.name,
        )

    async def plan(self, number: str, **over: Any) -> UUID:
        """Plan an order of 100 brochures: 0.217 kg of glue, 100 sheets of paper."""
        async with self.database.unit_of_work(self.context()) as uow:
            order_id = over.pop("order_id", None) or uow.new_id()
            orders.save(uow, [order_facts(order_id, number, **over)], {})
            await uow.flush()
            keys = [PoolKey(GLUE, builders.PLANT), PoolKey(PAPER, builders.PLANT)]
            keys.append(PoolKey(BROCHURE, builders.PLANT))
            bench = await benches.load(uow, Wanted(orders=[order_id], pools=keys))
            plan = material_plan(order_id, number, **over)
            bench.plans[order_id] = plan
            plan.requirements = [
                requirement(uow.new_id(), order_id, **need) for need in over.get("needs", ())
            ] or [
                requirement(uow.new_id(), order_id),
                requirement(
                    uow.new_id(),
                    order_id,
                    component_code=PAPER,
                    unit_code="EA",
                    decimals=0,
                    issue_method="pick",
                    needed=Decimal(100),
                    exact_need=Fraction(100),
                    growth=Decimal(100),
                ),
            ]
            allocation.serve(bench)
            await saving.save(uow, bench)
        return order_id

    async def call(self, handler: Any, request: Any) -> Any:
        """Let a request's handler answer, in one transaction."""
        async with self.database.unit_of_work(self.context()) as uow:
            return await handler(uow, request)

    async def breaches(self) -> Sequence[conservation.Breach]:
        async with self.database.unit_of_work(self.context()) as uow:
            keys = await sums.next_pools(uow)
            found = await sums.load(uow, [key.product_code for key in keys])
        return conservation.breaches(found)

    def posting(
        self, product: str, quantity: Any, location: str = "SHELF", **over: Any
    ) -> PostStockMovement:
        values = {
            "kind": "count",
            "product_code": product,
            "location_code": location,
            "quantity": str(quantity),
            "reason": "inventory",
        }
        return PostStockMovement.model_validate(values | over)

    def delivery(self, number: str, quantity: Any, **over: Any) -> CreateReceipt:
        values = {
            "receipt_number": number,
            "product_code": GLUE,
            "plant_code": builders.PLANT,
            "quantity": str(quantity),
            "expected_on": "2026-12-01",
        }
        return CreateReceipt.model_validate(values | over)

    def arrival(self, receipt: Receipt, quantity: Any, **over: Any) -> ReceiveGoods:
        values = {"receipt_id": receipt.id, "quantity": str(quantity), "location_code": "SHELF"}
        return ReceiveGoods.model_validate(values | over)

    def issue(self, order_id: UUID, quantity: Any, **over: Any) -> IssueMaterial:
        values = {
            "production_order_id": order_id,
            "component_code": PAPER,
            "quantity": str(quantity),
        }
        return IssueMaterial.model_validate(values | over)

    def floor(self, order_id: UUID) -> "Floor":
        return Floor(self, order_id)

    def location(self, code: str, *, is_nettable: bool) -> StockLocationChanged:
        location = StockLocation(
            id=UUID(int=1),
            version=2,
            location_code=code,
            location_name=code,
            plant_code=builders.PLANT,
            is_nettable=is_nettable,
            created_at=builders.AT,
            created_by=builders.ACTOR,
            updated_at=builders.AT,
            updated_by=builders.ACTOR,
        )
        return StockLocationChanged(stock_location=location)

    def finished(
        self, order_id: UUID, *, made: int, version: int = 5, product_code: str = BROCHURE
    ) -> ProductionOrderCompleted:
        order = builders.production_order(
            id=order_id,
            version=version,
            status="completed",
            quantity_completed=made,
            product_code=product_code,
        )
        return ProductionOrderCompleted(production_order=order)

    async def finish(self, order_id: UUID, **told: Any) -> None:
        event = self.finished(order_id, **told)
        await self.handle(on_orders_finished, [event])

    async def handle(self, handler: Any, payloads: Sequence[EventPayload]) -> None:
        """Let a handler take some events in, in one transaction, as a consumer does."""
        events = [received(payload, self.tenant) for payload in payloads]
        context = Context.of_event(events[-1].envelope)
        async with self.database.unit_of_work(context) as uow:
            uow.is_batch = len(events) > 1
            uow.cause = None if uow.is_batch else events[0].envelope
            await handler(uow, events)


def order_facts(order_id: UUID, number: str, **over: Any) -> OrderFacts:
    return OrderFacts(
        id=order_id,
        order_version=1,
        expansion_version=1,
        expansion_planning_version=1,
        planning_version=1,
        number=number,
        product_code=over.get("product_code", BROCHURE),
        quantity=Decimal(100),
        unit_code="EA",
        priority=over.get("priority", "medium"),
        due_date=date(2026, 12, 15),
        plant_code=builders.PLANT,
        status="released",
        parent_order_id=over.get("parent_order_id"),
        sales_order_id=over.get("sales_order_id"),
        run_sheet=RunSheet(runs=(run(),)),
        is_planned=True,
    )


def run() -> RunFacts:
    return RunFacts(
        sequence_number=10,
        work_center_code="PRESS",
        plant_code=builders.PLANT,
        unit_code="EA",
        unit_decimals=0,
        units_per_product=Fraction(1),
        planned_input=Decimal(100),
        planned_output=Decimal(100),
        setup_minutes=Decimal(0),
        run_minutes=Decimal(1),
        wait_minutes=Decimal(0),
        transfer_batch_quantity=None,
        setup_scrap_quantity=Decimal(0),
        time_basis="per_unit",
        batch_size=None,
        predecessors=(),
        extra=(),
    )


def material_plan(order_id: UUID, number: str, **over: Any) -> Plan:
    return Plan(
        id=order_id,
        version=0,
        number=number,
        product_code=over.get("product_code", BROCHURE),
        quantity=Decimal(100),
        priority=over.get("priority", "medium"),
        due_date=date(2026, 12, 15),
        plant_code=builders.PLANT,
        order_status="released",
        planning_version=1,
        expansion_version=1,
        order_version=1,
        planned_at=builders.AT,
        parent_order_id=over.get("parent_order_id"),
        sales_order_id=over.get("sales_order_id"),
    )


def requirement(requirement_id: UUID, order_id: UUID, **over: Any) -> Requirement:
    values: dict[str, Any] = {
        "id": requirement_id,
        "order_id": order_id,
        "component_code": GLUE,
        "component_name": None,
        "plant_code": builders.PLANT,
        "unit_code": "KGM",
        "decimals": 3,
        "sequence_number": 10,
        "work_center_code": "PRESS",
        "issue_method": "backflush",
        "make_or_buy": "buy",
        "supply": "stock",
        "needed": Decimal("0.217"),
        "exact_need": Fraction("0.217"),
        "planned_input": Decimal(100),
        "needed_on": date(2026, 12, 10),
        "needed_at": builders.AT,
        "is_fixed": False,
        "bom_line_id": None,
        "quantity_per": Fraction("0.00217"),
        "explanation": (),
        "growth": Decimal("0.217"),
    }
    return Requirement(**(values | over))


class Floor:
    """Reports about one order's only work order."""

    def __init__(self, shop: Shop, order_id: UUID) -> None:
        self.shop, self.order_id = shop, order_id
        self.work_order_id, self.version = SYSTEM_CLOCK.new_id(), 0

    async def report(self, *totals: int, **over: Any) -> ProductionLogRecorded:
        logs = [self.log(good, **over) for good in totals]
        await self.hear(*logs)
        return logs[-1]

    async def hear(self, *logs: ProductionLogRecorded) -> None:
        await self.shop.handle(on_production_logs, logs)

    def log(self, good: int, **over: Any) -> ProductionLogRecorded:
        self.version += 1
        totals = OperationTotals(
            operation_id=UUID(int=1),
            operation_number=1,
            sequence_number=10,
            good_quantity=Decimal(good),
        )
        values: dict[str, Any] = {
            "id": self.work_order_id,
            "version": self.version,
            "log_id": SYSTEM_CLOCK.new_id(),
            "kind": "complete",
            "work_order_number": "WO-1",
            "production_order_id": self.order_id,
            "plant_code": builders.PLANT,
            "operation_number": 1,
            "operations": (totals,),
            "happened_at": builders.AT,
            "logged_at": builders.AT,
            "logged_by": builders.ACTOR,
        }
        return ProductionLogRecorded(production_log=WorkOrderLog.model_validate(values | over))


@pytest.fixture(scope="session")
async def database(harness: Harness) -> AsyncIterator[Database]:
    url = harness.installation.database("planning").urls["app"]
    database = Database(url, service="planning-materials-tests", pool_size=10)
    yield database
    await database.close()


@pytest.fixture
async def shop(harness: Harness, database: Database) -> Shop:
    shop = Shop(harness, database, harness.new_tenant())
    for code in (builders.PLANT, "WEST"):
        plant = builders.plant(plant_code=code, id=SYSTEM_CLOCK.new_id())
        await harness.publish(PlantChanged(plant=plant), tenant_id=shop.tenant)
    await harness.settle()
    for code, unit, decimals in ((GLUE, "KGM", 3), (PAPER, "EA", 0), (BROCHURE, "EA", 0)):
        product = builders.product_fields(
            product_code=code, unit_code=unit, unit_decimals=decimals, conversions={}
        )
        await shop.done(planning.PRODUCTS.create, product)
    for code, plant_code, is_nettable in (
        ("SHELF", builders.PLANT, True),
        ("RACK", builders.PLANT, True),
        ("QUARANTINE", builders.PLANT, False),
        ("ABROAD", "WEST", True),
    ):
        location = planning.StockLocationFields(
            location_code=code, location_name=code, plant_code=plant_code, is_nettable=is_nettable
        )
        await shop.done(planning.STOCK_LOCATIONS.create, location)
    return shop
