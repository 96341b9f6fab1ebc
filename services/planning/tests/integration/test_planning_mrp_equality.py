"""Net change and regeneration agree, whatever is told, however often, in whatever order."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_contracts.envelope import EventPayload
from lineside_contracts.planning import (
    Bom,
    BomChanged,
    Calendar,
    CalendarChanged,
    MaterialPlan,
    MaterialPlanned,
    ProductChanged,
    ProductionOrder,
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCreated,
    ProductionOrderStatusChanged,
    PurchaseRequisition,
    PurchaseRequisitionChanged,
    Receipt,
    ReceiptChanged,
    StartMrpRun,
    Stock,
    StockChanged,
    VendorProduct,
    VendorProductChanged,
)
from lineside_contracts.shopfloor import PlantChanged
from lineside_testkit import builders
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

MADE = ("FG-1", "FG-2", "SA-1", "SA-2", "SA-3")
BOUGHT = ("RM-1", "RM-2", "RM-3")
PRODUCTS = (*MADE, *BOUGHT)
PLANTS = (builders.PLANT, "SECOND")
TODAY = SYSTEM_CLOCK.now().date()
ENDED = ("completed", "failed", "cancelled")

STAMPS = {
    "created_at": builders.AT,
    "created_by": builders.ACTOR,
    "updated_at": builders.AT,
    "updated_by": builders.ACTOR,
}


@pytest.fixture(scope="module")
async def factory(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers,
        services=["planning"],
        replicas={"planning": 2},
        settings={"planning": {"mrp_poll_seconds": 0.05, "mrp_check_seconds": 0, "batch_size": 7}},
    ) as harness:
        yield harness


@pytest.mark.parametrize("seed", [1, 2, 8, 12, 104, 152])
async def test_the_plan_kept_by_net_change_is_what_a_regeneration_gives(
    factory: Harness, seed: int
) -> None:
    tenant = factory.new_tenant()
    world = World(random.Random(seed))  # noqa: S311 -- the same story every time
    for _ in range(3):
        await _tell(factory, tenant, world.some(30), world.rng)
        await factory.settle(timeout=60)
        run = await _checked(factory, tenant)
        assert run["differences"] == []
        assert run["changed_item_count"] == 0
    assert await factory.dead_letters(tenant_id=tenant) == []
    counted = "SELECT count(*) AS n FROM pegging"
    (row,) = await factory.sql("planning", counted, tenant_id=tenant)
    assert row["n"] > 0


async def _tell(
    factory: Harness, tenant: UUID, payloads: list[EventPayload], rng: random.Random
) -> None:
    """Say everything, some of it twice, neighbours in any order."""
    said = [(SYSTEM_CLOCK.new_id(), payload) for payload in payloads]
    said += rng.sample(said, len(said) // 4)
    for begin in range(0, len(said), 6):
        window = said[begin : begin + 6]
        rng.shuffle(window)
        for event_id, payload in window:
            await factory.publish(payload, tenant_id=tenant, event_id=event_id)


async def _checked(factory: Harness, tenant: UUID) -> dict[str, Any]:
    """Wait for what runs already, then have the plan checked."""
    await _idle(factory, tenant)
    asked = await factory.ask(planning.START_MRP_RUN, StartMrpRun(kind="check"), tenant_id=tenant)
    assert asked.status == 201, asked.body
    await _idle(factory, tenant)
    (run,) = await factory.sql(
        "planning",
        "SELECT * FROM mrp_runs WHERE id = %(id)s",
        tenant_id=tenant,
        parameters={"id": asked.body.id},
    )
    assert run["status"] == "completed", run["reason"]
    return run


async def _idle(factory: Harness, tenant: UUID) -> None:
    query = "SELECT 1 FROM mrp_runs WHERE status IN ('queued', 'running') LIMIT 1"
    async with asyncio.timeout(30):
        while await factory.sql("planning", query, tenant_id=tenant):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


class World:
    """A small factory in which anything may happen; versions rise, nothing else is sure."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.versions: dict[UUID, int] = {}
        self.ids: dict[str, UUID] = {}
        self.orders: dict[UUID, ProductionOrder] = {}
        self.requirements: list[tuple[UUID, str, str]] = []
        self.begun = False

    def some(self, count: int) -> list[EventPayload]:
        """Let so many things happen."""
        happened: list[EventPayload] = []
        if not self.begun:
            self.begun = True
            happened += [PlantChanged(plant=builders.plant(plant_code=code)) for code in PLANTS]
            happened += [self.product(code) for code in PRODUCTS[:-1]]
            happened += [self.bom(code) for code in MADE[:3]]
        happenings: list[tuple[int, Callable[[], EventPayload]]] = [
            (3, lambda: self.product(self.rng.choice(PRODUCTS))),
            (4, lambda: self.bom(self.rng.choice(MADE))),
            (5, self.stock),
            (4, self.receipt),
            (8, self.order),
            (6, self.order_again),
            (6, self.materials),
            (4, self.requisition),
            (2, self.vendor_product),
            (1, self.calendar),
        ]
        weights = [weight for weight, _ in happenings]
        for _ in range(count):
            (happening,) = self.rng.choices([each for _, each in happenings], weights)
            happened.append(happening())
        return happened

    def product(self, code: str) -> EventPayload:
        rng, own = self.rng, self._id(code)
        lots: dict[str, Any] = rng.choice(
            [
                {},
                {"lot_sizing": "fixed_order_quantity", "fixed_lot_quantity": 25},
                {"lot_sizing": "fixed_order_quantity"},
                {
                    "lot_sizing": "min_max_multiple",
                    "minimum_lot_quantity": 5,
                    "maximum_lot_quantity": 40,
                    "lot_multiple_quantity": 5,
                },
                {"lot_sizing": "periods", "lot_period_days": 5},
            ]
        )
        return ProductChanged(
            product=builders.product(
                id=own,
                version=self._next(own),
                product_code=code,
                plant_code=rng.choice([PLANTS[0], PLANTS[0], PLANTS[1], None]),
                make_or_buy="buy" if code in BOUGHT else "make",
                lead_time_days=rng.randrange(6),
                safety_stock_quantity=rng.choice([0, 0, 7]),
                safety_time_days=rng.choice([0, 0, 2]),
                unit_decimals=rng.choice([0, 0, 2]),
                conversions=rng.choice([{}, {"BX": "12"}]),
                is_phantom=code == "SA-2" and rng.random() < 0.7,
                deleted=rng.random() < 0.08,
                **lots,
            )
        )

    def bom(self, code: str) -> EventPayload:
        rng, own = self.rng, self._id(f"bom {code} {self.rng.randrange(2)}")
        below = PRODUCTS[MADE.index(code) + 1 :] if rng.random() < 0.85 else PRODUCTS
        components = rng.sample(below, min(len(below), rng.randrange(1, 4)))
        lines = [
            {
                "id": SYSTEM_CLOCK.new_id(),
                "line_number": number,
                "component_code": rng.choice([component, component, component, "UNKNOWN"]),
                "quantity": rng.choice(["1", "2", "0.35", "-1"]),
                "unit_code": rng.choice([None, None, "BX"]),
                "is_fixed_quantity": rng.random() < 0.1,
                "component_scrap_percentage": rng.choice(["0", "2.5"]),
                "effective_until": rng.choice([None, None, TODAY + timedelta(days=30)]),
            }
            for number, component in enumerate(components, 1)
        ]
        values = {
            "id": own,
            "version": self._next(own),
            "product_code": code,
            "bom_version": 1,
            "status": rng.choice(["active", "active", "active", "retired", "draft"]),
            "base_quantity": rng.choice([1, 10]),
            "lines": lines,
        }
        return BomChanged(bom=Bom.model_validate(values | STAMPS))

    def stock(self) -> EventPayload:
        code, plant = self._pool()
        own = self._id(f"stock {code} {plant}")
        quantity = Decimal(self.rng.randrange(60))
        lying = Stock(
            id=own,
            version=self._next(own),
            product_code=code,
            plant_code=plant,
            unit_code="EA",
            quantity_on_hand=quantity,
            quantity_allocated=Decimal(0),
            quantity_available=quantity,
            updated_at=builders.AT,
        )
        return StockChanged(stock=lying, quantity_change=Decimal(1))

    def receipt(self) -> EventPayload:
        code, plant = self._pool()
        own = self._id(f"receipt {self.rng.randrange(6)}")
        values = {
            "id": own,
            "version": self._next(own),
            "receipt_number": "PO-1",
            "product_code": code,
            "plant_code": plant,
            "unit_code": "EA",
            "quantity": self.rng.randrange(1, 50),
            "expected_on": self._day(),
            "status": self.rng.choice(["open", "open", "received", "cancelled"]),
            "requisition_id": self.rng.choice([None, self._id("requisition 1")]),
            "quantity_allocated": self.rng.choice([0, 3]),
        }
        return ReceiptChanged(receipt=Receipt.model_validate(values | STAMPS))

    def order(self) -> EventPayload:
        code, plant = self._pool()
        parents = [None, None, None, *self.orders]
        order = builders.production_order(
            product_code=code,
            plant_code=self.rng.choice([plant, plant, None]),
            quantity_ordered=Decimal(self.rng.randrange(1, 40)),
            due_date=self._day(),
            parent_order_id=self.rng.choice(parents),
            sales_order_number=self.rng.choice(["SO-1", None]),
            project_number=self.rng.choice(["STOCK", "P-7"]),
        )
        self.orders[order.id] = order
        return ProductionOrderCreated(production_order=order)

    def order_again(self) -> EventPayload:
        if not self.orders:
            return self.order()
        order = self.rng.choice(list(self.orders.values()))
        statuses = ["planned", "routed", "in_progress", "completed", "closed", "cancelled"]
        after = order.model_copy(
            update={
                "version": order.version + 1,
                "status": planning.ProductionOrderStatus(self.rng.choice(statuses)),
                "quantity_ordered": Decimal(self.rng.randrange(1, 40)),
                "quantity_completed": Decimal(self.rng.randrange(10)),
                "due_date": self._day(),
            }
        )
        self.orders[order.id] = after
        if after.status == "cancelled":
            return ProductionOrderCancelled(production_order=after)
        if after.status == order.status:
            return ProductionOrderChanged(production_order=after, changed_fields=("due_date",))
        return ProductionOrderStatusChanged(
            production_order=after, old_status=order.status, new_status=after.status
        )

    def materials(self) -> EventPayload:
        if not self.orders:
            return self.order()
        rng, order = self.rng, self.rng.choice(list(self.orders.values()))
        requirements = [self._requirement() for _ in range(rng.randrange(4))]
        children = [own for own in self.orders.values() if own.parent_order_id == order.id]
        values = {
            "id": order.id,
            "version": self._next(self._id(f"plan {order.id}")),
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
            "requirements": requirements,
            "children": [
                {
                    "id": child.id,
                    "requirement_id": requirement["id"],
                    "product_code": child.product_code,
                    "quantity": child.quantity_ordered,
                    "unit_code": "EA",
                    "due_date": child.due_date,
                }
                for child, requirement in zip(children, requirements, strict=False)
            ],
            "planned_at": builders.AT,
        }
        return MaterialPlanned(material_plan=MaterialPlan.model_validate(values))

    def requisition(self) -> EventPayload:
        rng, own = self.rng, self._id(f"requisition {self.rng.randrange(4)}")
        code, plant = self._pool()
        pegs = [
            {"requirement_id": requirement, "quantity": rng.randrange(1, 9)}
            for requirement, _, _ in rng.sample(self.requirements, min(2, len(self.requirements)))
        ]
        values = {
            "id": own,
            "version": self._next(own),
            "requisition_number": "PR-1",
            "status": rng.choice(["open", "open", "ordered", "cancelled"]),
            "product_code": code,
            "plant_code": plant,
            "needed_on": self._day(),
            "arrive_on": self._day(),
            "order_by": TODAY,
            "is_late": False,
            "quantity_needed": 10,
            "quantity": rng.randrange(10, 30),
            "unit_code": "EA",
            "lead_time_days": 3,
            "pegs": pegs,
        }
        requisition = PurchaseRequisition.model_validate(values | STAMPS)
        return PurchaseRequisitionChanged(purchase_requisition=requisition)

    def vendor_product(self) -> EventPayload:
        code = self.rng.choice(BOUGHT)
        own = self._id(f"sold {code} {self.rng.randrange(2)}")
        values = {
            "id": own,
            "version": self._next(own),
            "deleted": self.rng.random() < 0.2,
            "product_code": code,
            "vendor_code": "V-1",
            "purchase_unit_code": self.rng.choice([None, "BX", "PALLET"]),
            "lead_time_days": self.rng.randrange(10),
            "minimum_order_quantity": self.rng.choice([0, 2]),
            "preference": self.rng.randrange(1, 5),
        }
        sold = VendorProduct.model_validate(values | STAMPS)
        return VendorProductChanged(vendor_product=sold)

    def calendar(self) -> EventPayload:
        own = self._id("calendar")
        values = {
            "id": own,
            "version": self._next(own),
            "deleted": False,
            "calendar_code": "C-1",
            "calendar_name": "Works",
            "holidays": [TODAY + timedelta(days=self.rng.randrange(30))],
        }
        return CalendarChanged(calendar=Calendar.model_validate(values | STAMPS))

    def _requirement(self) -> dict[str, Any]:
        code, plant = self._pool()
        own = SYSTEM_CLOCK.new_id()
        self.requirements.append((own, code, plant))
        needed = self.rng.choice([-2, 5, 12])
        return {
            "id": own,
            "component_code": code,
            "plant_code": plant,
            "unit_code": "EA",
            "unit_decimals": 0,
            "sequence_number": 10,
            "make_or_buy": "buy",
            "needed_quantity": needed,
            "needed_on": self._day(),
            "needed_at": builders.AT,
            "allocated_from_stock": self.rng.choice([0, 3]),
            "issued_quantity": self.rng.choice([0, 0, 1]),
            "exact_quantity": needed,
        }

    def _pool(self) -> tuple[str, str]:
        return self.rng.choice(PRODUCTS), self.rng.choice([PLANTS[0], PLANTS[0], PLANTS[1]])

    def _day(self) -> date:
        return TODAY + timedelta(days=self.rng.randrange(-5, 60))

    def _id(self, name: str) -> UUID:
        return self.ids.setdefault(name, SYSTEM_CLOCK.new_id())

    def _next(self, own: UUID) -> int:
        self.versions[own] = self.versions.get(own, 0) + 1
        return self.versions[own]
