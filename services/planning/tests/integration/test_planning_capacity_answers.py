"""Questions about capacity on a real database, and orders checked again when a place changes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.errors import Transient
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts.envelope import Envelope, EventPayload, Received
from lineside_contracts.planning import (
    AskPromise,
    CapacityChecked,
    GetWorkCenterLoad,
    OfOrder,
    Promise,
    Stock,
)
from lineside_contracts.problems import Problem
from lineside_contracts.routing import Routing, RoutingExpanded
from lineside_planning.capacity.handlers import orders, places
from lineside_planning.capacity.handlers.places import Touched
from lineside_planning.capacity.requests import capacity, promises
from lineside_planning.capacity.store import supplies
from lineside_planning.master_data import tables
from lineside_planning.master_data.store import routings
from lineside_testkit import builders
from lineside_testkit.harness import Harness

TODAY = SYSTEM_CLOCK.now().date()


class Desk:
    """A tenant, asked and told directly."""

    def __init__(self, harness: Harness, database: Database) -> None:
        self.harness = harness
        self.database = database
        self.tenant = harness.new_tenant()

    @asynccontextmanager
    async def unit(self, plants: frozenset[str] | None = None) -> AsyncIterator[UnitOfWork]:
        context = Context(
            tenant_id=self.tenant, correlation_id=SYSTEM_CLOCK.new_id(), plants=plants
        )
        async with self.database.unit_of_work(context) as uow:
            yield uow

    async def tell(self, payload: EventPayload) -> None:
        async with self.unit() as uow:
            uow.cause = self.cause(payload)
            await orders.on_order_news(uow, [Received(envelope=uow.cause, payload=payload)])

    def cause(self, payload: EventPayload) -> Envelope:
        return Envelope(
            event_id=SYSTEM_CLOCK.new_id(),
            event_type=payload.EVENT.wire_name,
            tenant_id=self.tenant,
            aggregate_id=payload.state.id,
            aggregate_version=1,
            occurred_at=SYSTEM_CLOCK.now(),
            source="test",
            correlation_id=SYSTEM_CLOCK.new_id(),
        )

    async def keep_place(self, table: Any, **values: Any) -> UUID:
        place = {"id": SYSTEM_CLOCK.new_id(), "version": 1, "deleted": False}
        async with self.unit() as uow:
            uow.insert(table, [place | values])
        return UUID(str(place["id"]))

    async def work_center(self, code: str, **over: Any) -> UUID:
        values = {
            "work_center_code": code,
            "work_center_name": code,
            "plant_code": builders.PLANT,
            "parallel_units": 1,
            "efficiency_percentage": 100,
            "hourly_rate": 0,
            "overhead_rate": 0,
            "material_issue_method": "backflush",
            "labour_role": "operator",
            "is_active": True,
        }
        return await self.keep_place(tables.work_centers, **(values | over))

    async def close(self, code: str | None) -> None:
        await self.keep_place(
            tables.maintenance_windows,
            maintenance_window_code="M-1",
            work_center_code=code,
            plant_code=builders.PLANT,
            starts_at=SYSTEM_CLOCK.now(),
            ends_at=SYSTEM_CLOCK.now() + timedelta(days=60),
            reason="Overhaul",
            **STAMPS,
        )

    async def recheck(self, touched: Touched, cause: Envelope) -> None:
        async with self.unit() as uow:
            await places.recheck(uow, self.database, touched, cause=cause)

    async def answers(self, count: int) -> list[Any]:
        found = await self.harness.events(CapacityChecked, tenant_id=self.tenant, count=count)
        return [event.payload.capacity_plan for event in found]

    async def everything(self) -> list[Any]:
        names = ("capacity_plans", "capacity_planning", "work_center_loads", "outbox")
        return [
            await self.harness.sql("planning", f"SELECT * FROM {name}", tenant_id=self.tenant)  # noqa: S608
            for name in names
        ]


STAMPS = {
    "created_at": builders.AT,
    "created_by": {"id": "t", "name": "T"},
    "updated_at": builders.AT,
    "updated_by": {"id": "t", "name": "T"},
}


@pytest.fixture
async def desk(harness: Harness) -> Any:
    url = harness.installation.database("planning").urls["app"]
    database = Database(url, service="planning-capacity-answers")
    made = Desk(harness, database)
    await made.keep_place(
        tables.plants, plant_code=builders.PLANT, time_zone="Europe/Berlin", calendar_code=None
    )
    yield made
    await database.close()


def order_of(days: int = 30) -> Any:
    return builders.production_order(
        id=SYSTEM_CLOCK.new_id(), due_date=TODAY + timedelta(days=days)
    )


async def test_questions_are_answered_and_leave_no_trace(desk: Desk, make_expansion: Any) -> None:
    await desk.work_center("PRESS", parallel_units=2)
    order = order_of()
    await desk.tell(RoutingExpanded(expansion=make_expansion(order)))
    await desk.harness.settle()
    before = await desk.everything()
    asked = OfOrder(production_order_id=order.id)
    async with desk.unit() as uow:
        plan: Any = await capacity.get_capacity(uow, asked)
        lead: Any = await capacity.get_lead_time(uow, asked)
        promise: Any = await capacity.get_order_promise(uow, asked)
        load: Any = await capacity.get_work_center_load(
            uow, GetWorkCenterLoad(work_center_code="PRESS", to_date=order.due_date)
        )
    assert not any(isinstance(answer, Problem) for answer in (plan, lead, promise, load))
    (published,) = await desk.answers(1)
    assert plan.work_centers[0].committed_hours == 0
    assert plan.runs[0].planned_end_at == published.runs[0].planned_end_at
    assert sum(part.working_minutes for part in lead.parts) >= 20
    assert (promise.promised_date, promise.is_on_time) == (order.due_date, True)
    taken = [day for day in load.days if day.orders]
    assert sum(share.minutes for day in taken for share in day.orders) == 20
    assert {day.available_minutes for day in load.days} == {Decimal(0), Decimal(1800)}
    assert await desk.everything() == before


async def test_people_ask_about_their_own_plants_only(desk: Desk, make_expansion: Any) -> None:
    order = order_of()
    await desk.tell(RoutingExpanded(expansion=make_expansion(order)))
    await desk.work_center("PRESS")
    asked = OfOrder(production_order_id=order.id)
    async with desk.unit(plants=frozenset({"ELSEWHERE"})) as uow:
        found = [
            await capacity.get_capacity(uow, asked),
            await capacity.get_work_center_load(uow, GetWorkCenterLoad(work_center_code="PRESS")),
        ]
        unknown = await capacity.get_lead_time(
            uow, OfOrder(production_order_id=SYSTEM_CLOCK.new_id())
        )
    assert [answer.code for answer in found if isinstance(answer, Problem)] == [
        "plant_forbidden",
        "plant_forbidden",
    ]
    assert isinstance(unknown, Problem)
    assert unknown.code == "not_found"


async def test_a_range_of_dates_that_is_none_is_refused(desk: Desk) -> None:
    await desk.work_center("PRESS")
    asked = GetWorkCenterLoad(
        work_center_code="PRESS", from_date=TODAY, to_date=TODAY - timedelta(days=1)
    )
    async with desk.unit() as uow:
        answer = await capacity.get_work_center_load(uow, asked)
    assert isinstance(answer, Problem)
    assert answer.code == "validation_failed"


async def test_maintenance_that_comes_late_is_judged_anew(desk: Desk, make_expansion: Any) -> None:
    await desk.work_center("PRESS")
    order = order_of()
    expanded = RoutingExpanded(expansion=make_expansion(order))
    await desk.tell(expanded)
    await desk.close("PRESS")
    cause = desk.cause(expanded)
    await desk.recheck(Touched(sites={builders.PLANT}), cause)
    first, second = await desk.answers(2)
    assert (first.is_feasible, second.is_feasible) == (True, False)
    assert [fault.code for fault in second.reasons] == ["no_capacity", "completes_late"]
    assert second.work_centers[0].utilization_percent is None
    assert second.version == 2
    await desk.recheck(Touched(sites={builders.PLANT}), cause)
    assert len(await desk.answers(2)) == 2  # nothing new to be told


async def test_a_check_waits_until_master_data_know(desk: Desk, make_expansion: Any) -> None:
    center = await desk.work_center("PRESS")
    expanded = RoutingExpanded(expansion=make_expansion(order_of()))
    touched = Touched(work_centers={"PRESS"}, states={"work_centers": {center: 2}})
    with pytest.raises(Transient):
        await desk.recheck(touched, desk.cause(expanded))
    await desk.recheck(
        Touched(work_centers={"PRESS"}, states={"work_centers": {center: 1}}),
        desk.cause(expanded),
    )


async def test_many_orders_are_checked_again_in_turns(
    desk: Desk, make_expansion: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "CHUNK", 2)
    await desk.work_center("PRESS")
    for _ in range(5):
        await desk.tell(RoutingExpanded(expansion=make_expansion(order_of())))
    await desk.close(None)
    cause = desk.cause(RoutingExpanded(expansion=make_expansion(order_of())))
    await desk.recheck(Touched(plants={builders.PLANT}), cause)
    answers = await desk.answers(10)
    assert sum(not answer.is_feasible for answer in answers) == 5


async def test_a_promise_nets_stock_loads_what_is_made_and_leaves_no_trace(
    desk: Desk, make_expansion: Any
) -> None:
    await desk.work_center("PRESS")
    await desk.tell(RoutingExpanded(expansion=make_expansion(order_of())))
    await _fill_catalogue(desk)
    await desk.harness.settle()
    before = await desk.everything()
    asked = AskPromise(product_code="TABLE", quantity=4, requested_date=TODAY + timedelta(days=40))
    async with desk.unit() as uow:
        promise = await promises.ask_promise(uow, asked)
        unknown = await promises.ask_promise(uow, AskPromise(product_code="CHAIR", quantity=1))
        forbidden = uow.context
    assert isinstance(promise, Promise), promise
    assert promise.is_feasible
    (legs,) = promise.materials
    assert [legs.needed_quantity, legs.from_stock, legs.to_buy] == [16, 6, 10]
    assert promise.earliest_date >= legs.available_on > TODAY + timedelta(days=8)
    (press,) = promise.work_centers
    assert press.required_hours == 4
    assert press.committed_hours == Decimal("0.3333")
    assert promise.computed_in_ms > 0
    assert isinstance(unknown, Problem)
    assert (unknown.code, forbidden.plants) == ("not_found", None)
    assert await desk.everything() == before


async def _fill_catalogue(desk: Desk) -> None:
    bom = SYSTEM_CLOCK.new_id()
    row = {"version": 1, "deleted": False, **STAMPS}
    async with desk.unit() as uow:
        for code, kind in (("TABLE", "make"), ("LEG", "buy")):
            fields = builders.product_fields(
                product_code=code, make_or_buy=kind, lead_time_days=9, product_category=None
            )
            product = fields.model_dump(mode="json")
            uow.insert(tables.products, [{"id": SYSTEM_CLOCK.new_id(), **product, **row}])
        bill = {"product_code": "TABLE", "bom_version": 1, "status": "active", "base_quantity": 1}
        uow.insert(tables.boms, [{"id": bom, **bill, **row}])
        line = {
            "id": SYSTEM_CLOCK.new_id(),
            "bom_id": bom,
            "line_number": 10,
            "component_code": "LEG",
            "quantity": 4,
            "is_fixed_quantity": False,
            "component_scrap_percentage": 0,
        }
        uow.insert(tables.bom_lines, [line])
        routings.keep(uow, [_routing()])
        supplies.keep_stock(uow, [_stock()])


def _routing() -> Routing:
    operation = {
        "sequence_number": 10,
        "operation_code": "ASSEMBLE",
        "work_center_code": "PRESS",
        "planned_setup_minutes": Decimal(0),
        "planned_run_seconds_per_unit": Decimal(3600),
    }
    return builders.routing(
        product_code="TABLE", product_category=None, status="active", operations=(operation,)
    )


def _stock() -> Stock:
    return Stock(
        id=SYSTEM_CLOCK.new_id(),
        version=1,
        product_code="LEG",
        plant_code=builders.PLANT,
        unit_code="EA",
        quantity_on_hand=Decimal(6),
        quantity_allocated=Decimal(0),
        quantity_available=Decimal(6),
        updated_at=builders.AT,
    )
