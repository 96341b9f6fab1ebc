"""A stage for materials: master data, stock, orders and expansions, told to handlers one by one."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis import metrics, requests as chassis_requests
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.requests import Question, Requests
from lineside_chassis.unit_of_work import Context
from lineside_contracts import planning
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.envelope import Envelope, EventPayload, Received
from lineside_contracts.permissions import Permission
from lineside_contracts.planning import MaterialPlan, ProductionOrder
from lineside_contracts.routing import Expansion, RoutingExpanded
from lineside_planning.materials.handlers import orders as order_events
from lineside_planning.materials.requests import (
    issues,
    materials,
    postings,
    receipts,
    requisitions,
    shortages,
    stock,
)
from lineside_testkit import builders
from lineside_testkit.harness import Harness

PLANT = builders.PLANT
FAR_OFF = date(2027, 9, 15)
"""A Wednesday that no calendar counts as past for years."""


class Stage:
    """One tenant, told what happens straight to the handlers: no broker in between."""

    def __init__(self, harness: Harness, database: Database, make_run: Callable[..., Any]) -> None:
        self.harness = harness
        self.database = database
        self.make_run = make_run
        self.tenant_id: UUID = harness.new_tenant()
        self.statements = 0
        self._numbers = 0
        self._requests = Requests("planning")
        for module in (issues, materials, postings, receipts, requisitions, shortages, stock):
            module.register(self._requests)

    async def product(self, code: str, **over: Any) -> None:
        fields = {"make_or_buy": "buy", "product_name": code.title(), "unit_code": "EA"} | over
        request = builders.product_fields(product_code=code, **fields)
        answer = await self.harness.ask(planning.PRODUCTS.create, request, tenant_id=self.tenant_id)
        assert answer.status == 201, answer.body

    async def bill(self, code: str, *lines: dict[str, Any], **over: Any) -> None:
        numbered = [{"line_number": n} | line for n, line in enumerate(lines, start=1)]
        fields = planning.BomFields(product_code=code, lines=numbered, **over)
        made = await self.harness.ask(planning.CREATE_BOM, fields, tenant_id=self.tenant_id)
        assert made.status == 201, made.body
        active = await self.harness.ask(
            planning.ACTIVATE_BOM,
            planning.ActOnBom(bom_id=made.body.id),
            tenant_id=self.tenant_id,
        )
        assert active.status == 200, active.body

    async def vendor(self, code: str, *products: dict[str, Any], lead_time_days: int = 5) -> None:
        vendor = planning.VendorFields(
            vendor_code=code, vendor_name=code, lead_time_days=lead_time_days
        )
        await self.harness.ask(planning.VENDORS.create, vendor, tenant_id=self.tenant_id)
        for sold in products:
            fields = planning.VendorProductFields(vendor_code=code, **sold)
            answer = await self.harness.ask(
                planning.VENDOR_PRODUCTS.create, fields, tenant_id=self.tenant_id
            )
            assert answer.status == 201, answer.body

    async def stock(self, code: str, quantity: int | str, plant: str = PLANT) -> None:
        """Count what lies there, by a person."""
        await self._location(plant)
        await self.ask(
            planning.POST_STOCK_MOVEMENT,
            planning.PostStockMovement(
                kind="count",
                product_code=code,
                location_code=f"{plant}-MAIN",
                quantity=Decimal(quantity),
                reason="counted",
            ),
        )

    async def _location(self, plant: str) -> None:
        fields = planning.StockLocationFields(
            location_code=f"{plant}-MAIN", location_name="Main store", plant_code=plant
        )
        await self.harness.ask(planning.STOCK_LOCATIONS.create, fields, tenant_id=self.tenant_id)

    def order(self, quantity: int = 100, **over: Any) -> ProductionOrder:
        self._numbers += 1
        values = {
            "id": SYSTEM_CLOCK.new_id(),
            "production_order_number": f"MO-2027-{self._numbers:06d}",
            "quantity_ordered": Decimal(quantity),
            "due_date": FAR_OFF,
        }
        return builders.production_order(**(values | over))

    def expansion(self, order: ProductionOrder, *runs: Any, **over: Any) -> RoutingExpanded:
        about = {
            "production_order_id": order.id,
            "quantity": order.quantity_ordered,
            **{
                name: getattr(order, name)
                for name in (
                    "production_order_number",
                    "planning_version",
                    "project_id",
                    "project_number",
                    "project_name",
                    "product_code",
                    "unit_code",
                    "priority",
                    "due_date",
                )
            },
        }
        planned = runs or (self.run(10, order.quantity_ordered),)
        values = {
            "id": order.id,
            "version": 1,
            "order": about,
            "routing_id": SYSTEM_CLOCK.new_id(),
            "routing_code": "R-1",
            "routing_version": 1,
            "plant_code": PLANT,
            "runs": planned,
        }
        return RoutingExpanded(expansion=Expansion.model_validate(values | over))

    def run(self, number: int, put_in: Decimal | int, **over: Any) -> Any:
        units = {
            "units_per_product": Fraction(1),
            "planned_input": put_in,
            "planned_output": put_in,
        }
        return self.make_run(number, **(units | over))

    def received(self, payload: EventPayload) -> Received[Any]:
        state = payload.state
        about = Envelope(
            event_id=SYSTEM_CLOCK.new_id(),
            event_type=payload.EVENT.wire_name,
            tenant_id=self.tenant_id,
            aggregate_id=state.id,
            aggregate_version=state.version,
            occurred_at=SYSTEM_CLOCK.now(),
            source="test",
            correlation_id=SYSTEM_CLOCK.new_id(),
            actor_id="someone",
            actor_name="Someone",
        )
        return Received(envelope=about, payload=payload)

    async def tell(
        self, *payloads: EventPayload, handler: Callable[..., Any] = order_events.on_orders
    ) -> None:
        """Hand events to a handler as one batch; counts its statements."""
        events = [self.received(payload) for payload in payloads]
        before = self._counted()
        async with self.database.consuming(
            Context.of_event(events[0].envelope),
            consumer="stage",
            event_ids=[event.envelope.event_id for event in events],
        ) as (uow, _):
            uow.is_batch = len(events) > 1
            uow.cause = None if uow.is_batch else events[0].envelope
            await handler(uow, events)
        self.statements = int(self._counted() - before)

    async def plan(self, *orders: ProductionOrder) -> None:
        """Open and expand orders, each in a batch of its own."""
        for order in orders:
            await self.tell(planning.ProductionOrderCreated(production_order=order))
            await self.tell(self.expansion(order))

    async def ask(self, endpoint: Endpoint[Any, Any], request: Any, **over: Any) -> Any:
        """Ask as the gateway does; a refusal is an error here."""
        context = Context(
            tenant_id=self.tenant_id,
            correlation_id=SYSTEM_CLOCK.new_id(),
            actor_id="planner",
            actor_name="Petra Planner",
            permissions=frozenset(Permission),
            **over,
        )
        question = Question(endpoint.subject, context, request.model_dump_json().encode(), None)
        answer = await chassis_requests.answer_question(
            self._requests.answerers[endpoint.subject], question, database=self.database
        )
        return endpoint.answer.model_validate_json(answer.body)

    async def materials(self, order: ProductionOrder) -> MaterialPlan:
        request = planning.GetMaterials(production_order_id=order.id)
        plan: MaterialPlan = (await self.ask(planning.GET_MATERIALS, request)).material_plan
        return plan

    async def requisitions(self, **over: Any) -> Sequence[planning.PurchaseRequisition]:
        page = await self.ask(planning.LIST_REQUISITIONS, planning.ListRequisitions(**over))
        found: Sequence[planning.PurchaseRequisition] = page.items
        return found

    async def said(self, payload_type: type[EventPayload]) -> list[Any]:
        """Everything of a type that this tenant's outbox or stream holds."""
        return await self.harness.events(
            payload_type, tenant_id=self.tenant_id, count=0, timeout=0.1
        )

    async def sql(self, statement: str) -> list[dict[str, Any]]:
        return await self.harness.sql("planning", statement, tenant_id=self.tenant_id)

    def _counted(self) -> float:
        counter = metrics.STATEMENTS.labels(self.database.service)
        (sample, *_) = [s for metric in counter.collect() for s in metric.samples]
        value: float = sample.value
        return value


@pytest.fixture
async def stage(harness: Harness, make_run: Callable[..., Any]) -> AsyncIterator[Stage]:
    url = harness.installation.database("planning").urls["app"]
    database = Database(url, service="planning-stage")
    yield Stage(harness, database, make_run)
    await database.close()
