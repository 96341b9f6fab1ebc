"""Stock on real servers: counted, received, used, received from production, by two replicas."""

import asyncio
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
from lineside_contracts.planning import (
    CreateReceipt,
    GetStock,
    GoodsReceived,
    IssueMaterial,
    ListDiscrepancies,
    ListReceipts,
    ListStock,
    ListStockMovements,
    MaterialConsumed,
    PostStockMovement,
    ProductionOrderCompleted,
    ReceiptChange,
    ReceiveGoods,
    StockChanged,
    StockDiscrepancyRecorded,
    UpdateReceipt,
)
from lineside_contracts.envelope import Envelope, EventPayload, Received
from lineside_contracts.shopfloor import (
    OperationTotals,
    PlantChanged,
    ProductionLogRecorded,
    WorkOrderLog,
)
from lineside_planning.materials.domain import allocation, conservation
from lineside_planning.materials.domain.bench import Plan, Requirement
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.domain.orders import OrderFacts, RunFacts
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
from lineside_testkit.harness import Harness

GLUE, PAPER, BROCHURE = "GLUE", "PAPER", "BROCHURE"


# TEMP-BEGIN
from lineside_chassis.errors import problem_of
from lineside_chassis.requests import Question, Requests, answer_question
from lineside_planning.materials.requests import issues, postings, receipts, stock, stock_imports

TEMP = Requests("planning")
for module in (issues, postings, receipts, stock, stock_imports):
    module.register(TEMP)


async def temp_ask(shop, endpoint, request, permissions=None, plants=None, idempotency_key=None):
    context = Context(
        tenant_id=shop.tenant,
        correlation_id=SYSTEM_CLOCK.new_id(),
        actor_id=builders.ACTOR.id,
        actor_name=builders.ACTOR.name,
        permissions=frozenset({endpoint.permission}),
        plants=frozenset(plants) if plants is not None else None,
    )
    question = Question(
        endpoint.subject, context, request.model_dump_json().encode(), idempotency_key
    )
    try:
        answer = await answer_question(
            TEMP.answerers[endpoint.subject], question, database=shop.database
        )
    except Exception as error:
        problem = problem_of(error, correlation_id="x")
        if problem.status == 500:
            raise
        return TempAnswer(problem.status, problem)
    return TempAnswer(answer.status, endpoint.answer.model_validate_json(answer.body))


@dataclass
class TempAnswer:
    status: int
    body: Any

    @property
    def problem(self):
        return self.body


# TEMP-END


@dataclass
class Shop:
    """A tenant with a plant, three products and its stock locations."""

    harness: Harness
    database: Database
    tenant: UUID

    async def ask(self, endpoint: Any, request: Any, **over: Any) -> Any:
        if endpoint.subject in TEMP.answerers:
            return await temp_ask(self, endpoint, request, **over)
        return await self.harness.ask(endpoint, request, tenant_id=self.tenant, **over)

    async def done(self, endpoint: Any, request: Any) -> Any:
        answer = await self.ask(endpoint, request)
        assert answer.status in {200, 201}, answer.body
        return answer.body

    async def count(self, product: str, quantity: Any, location: str = "SHELF", **over: Any) -> Any:
        return await self.done(
            planning.POST_STOCK_MOVEMENT, posting(product, quantity, location, **over)
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

    async def breaches(self) -> Sequence[conservation.Breach]:
        async with self.database.unit_of_work(self.context()) as uow:
            keys = await sums.next_pools(uow)
            found = await sums.load(uow, [key.product_code for key in keys])
        return conservation.breaches(found)


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
        runs=(run(),),
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


def posting(product: str, quantity: Any, location: str = "SHELF", **over: Any) -> PostStockMovement:
    values = {
        "kind": "count",
        "product_code": product,
        "location_code": location,
        "quantity": str(quantity),
        "reason": "inventory",
    }
    return PostStockMovement.model_validate(values | over)


@pytest.fixture(scope="module")
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


async def test_a_count_is_stock_and_says_so(shop: Shop) -> None:
    stock = await shop.count(GLUE, "12.5", lot_number="L1")
    assert (stock.quantity_on_hand, stock.quantity_available, stock.version) == (
        Decimal("12.5"),
        Decimal("12.5"),
        1,
    )
    (changed,) = await shop.harness.events(StockChanged, tenant_id=shop.tenant)
    assert changed.payload.quantity_change == Decimal("12.5")
    assert changed.payload.stock.balances[0].lot_number == "L1"
    read = await shop.done(planning.GET_STOCK, GetStock(product_code=GLUE, plant_code="MAIN"))
    assert read.balances == changed.payload.stock.balances
    listed = await shop.done(planning.LIST_STOCK, ListStock(search="glu"))
    assert [item.product_code for item in listed.items] == [GLUE]
    journal = await shop.done(planning.LIST_STOCK_MOVEMENTS, ListStockMovements())
    assert [(m.kind, m.quantity, m.lot_number) for m in journal.items] == [
        ("count", Decimal("12.5"), "L1")
    ]
    assert await shop.breaches() == ()


async def test_everything_wrong_with_a_posting_is_said_at_once_and_changes_nothing(
    shop: Shop,
) -> None:
    wrong = posting("NOTHING", "-1.5", "NOWHERE", reason=" ")
    answer = await shop.ask(planning.POST_STOCK_MOVEMENT, wrong)
    assert answer.status == 422
    assert [fault.path for fault in answer.problem.faults] == [
        "product_code",
        "location_code",
        "quantity",
        "reason",
    ]
    too_fine = posting(PAPER, "1.5", kind="transfer", to_location_code="ABROAD")
    answer = await shop.ask(planning.POST_STOCK_MOVEMENT, too_fine)
    assert [fault.code for fault in answer.problem.faults] == [
        "too_many_decimals",
        "other_plant",
        "not_enough_there",
    ]
    assert await shop.rows("SELECT 1 FROM stock_movements") == []


async def test_people_limited_to_a_plant_touch_no_other(shop: Shop) -> None:
    await shop.count(GLUE, 5)
    answer = await shop.ask(planning.POST_STOCK_MOVEMENT, posting(GLUE, 4), plants=["WEST"])
    assert answer.problem.code == "plant_forbidden"
    listed = await shop.ask(planning.LIST_STOCK, ListStock(), plants=["WEST"])
    assert listed.body.items == ()
    read = GetStock(product_code=GLUE, plant_code="MAIN")
    assert (await shop.ask(planning.GET_STOCK, read, plants=["WEST"])).status == 403


async def test_what_is_brought_to_quarantine_serves_nobody(shop: Shop) -> None:
    await shop.count(GLUE, "0.3", lot_number="L1")
    order = await shop.plan("MO-1")
    assert (await shop.need(order))["held"] == Decimal("0.217")
    stock = await shop.count(
        GLUE, "0.2", kind="transfer", lot_number="L1", to_location_code="QUARANTINE"
    )
    assert (stock.quantity_on_hand, stock.quantity_blocked) == (Decimal("0.1"), Decimal("0.2"))
    need = await shop.need(order)
    assert (need["held"], need["short_quantity"]) == (Decimal("0.1"), Decimal("0.117"))
    back = posting(
        GLUE, "0.2", "QUARANTINE", kind="transfer", lot_number="L1", to_location_code="RACK"
    )
    await shop.done(planning.POST_STOCK_MOVEMENT, back)
    assert (await shop.need(order))["short_quantity"] == 0
    assert await shop.breaches() == ()


async def test_new_stock_serves_those_who_wait_by_priority(shop: Shop) -> None:
    low = await shop.plan("MO-1", priority="low")
    urgent = await shop.plan("MO-2", priority="urgent")
    await shop.count(GLUE, "0.3")
    assert (await shop.need(urgent))["held"] == Decimal("0.217")
    need = await shop.need(low)
    assert (need["held"], need["short_quantity"]) == (Decimal("0.083"), Decimal("0.134"))


async def test_a_count_below_what_is_promised_makes_the_last_in_turn_short(shop: Shop) -> None:
    await shop.count(GLUE, 1)
    urgent = await shop.plan("MO-1", priority="urgent")
    low = await shop.plan("MO-2", priority="low")
    stock = await shop.count(GLUE, "0.3")
    assert (stock.quantity_allocated, stock.quantity_available) == (Decimal("0.300"), 0)
    assert (await shop.need(urgent))["short_quantity"] == 0
    assert (await shop.need(low))["short_quantity"] == Decimal("0.134")
    assert await shop.breaches() == ()


async def test_a_receipt_is_promised_arrives_in_parts_and_ends(shop: Shop) -> None:
    urgent = await shop.plan("MO-1", priority="urgent")
    low = await shop.plan("MO-2", priority="low")
    receipt = await shop.done(planning.CREATE_RECEIPT, delivery("PO-1", "0.4"))
    assert (receipt.quantity_allocated, receipt.version) == (Decimal("0.4"), 1)
    assert (await shop.need(low))["promised"] == Decimal("0.183")
    receipt = await shop.done(planning.RECEIVE_GOODS, arrival(receipt, "0.25", lot_number="L9"))
    assert (receipt.status, receipt.quantity_received) == ("open", Decimal("0.25"))
    assert (await shop.need(urgent))["held"] == Decimal("0.217")
    need = await shop.need(low)
    assert (need["held"], need["promised"]) == (Decimal("0.033"), Decimal("0.150"))
    receipt = await shop.done(planning.RECEIVE_GOODS, arrival(receipt, "0.10", is_last=True))
    assert (receipt.status, receipt.quantity_allocated) == ("received", 0)
    need = await shop.need(low)
    assert (need["held"], need["short_quantity"]) == (Decimal("0.133"), Decimal("0.084"))
    closed = await shop.ask(planning.RECEIVE_GOODS, arrival(receipt, 1))
    assert (closed.problem.code, closed.status) == ("receipt_closed", 409)
    assert await shop.breaches() == ()


async def test_more_than_was_ordered_may_come_and_is_free(shop: Shop) -> None:
    receipt = await shop.done(planning.CREATE_RECEIPT, delivery("PO-1", 1))
    await shop.done(planning.RECEIVE_GOODS, arrival(receipt, 2))
    stock = await shop.done(planning.GET_STOCK, GetStock(product_code=GLUE, plant_code="MAIN"))
    assert stock.quantity_available == 2


async def test_a_receipt_that_moves_behind_the_need_leaves_it_short(shop: Shop) -> None:
    order = await shop.plan("MO-1")
    receipt = await shop.done(planning.CREATE_RECEIPT, delivery("PO-1", 1))
    assert (await shop.need(order))["short_quantity"] == 0
    moved = UpdateReceipt(
        receipt_id=receipt.id,
        expected_version=receipt.version,
        change=ReceiptChange(expected_on=date(2026, 12, 24)),
    )
    later = await shop.done(planning.UPDATE_RECEIPT, moved)
    assert (later.version, later.expected_on) == (2, date(2026, 12, 24))
    assert (await shop.need(order))["short_quantity"] == Decimal("0.217")
    stale = await shop.ask(planning.UPDATE_RECEIPT, moved)
    assert (stale.problem.code, stale.status) == ("version_conflict", 412)


async def test_a_cancelled_receipt_is_promised_to_nobody(shop: Shop) -> None:
    order = await shop.plan("MO-1")
    receipt = await shop.done(planning.CREATE_RECEIPT, delivery("PO-1", 1))
    act = planning.ActOnReceipt(receipt_id=receipt.id)
    assert (await shop.done(planning.CANCEL_RECEIPT, act)).status == "cancelled"
    need = await shop.need(order)
    assert (need["promised"], need["short_quantity"]) == (0, Decimal("0.217"))
    assert (await shop.done(planning.LIST_RECEIPTS, ListReceipts(status="open"))).items == ()


async def test_receipts_name_all_their_faults(shop: Shop) -> None:
    await shop.done(planning.CREATE_RECEIPT, delivery("PO-1", 1))
    again = await shop.ask(planning.CREATE_RECEIPT, delivery("PO-1", 1))
    assert (again.status, again.problem.code) == (409, "code_taken")
    wrong = delivery("PO-2", "0.0001", plant_code="MOON", vendor_code="NOBODY")
    answer = await shop.ask(planning.CREATE_RECEIPT, wrong)
    assert [fault.code for fault in answer.problem.faults] == [
        "too_many_decimals",
        "unknown_plant",
        "unknown_vendor",
    ]


async def test_picked_material_is_handed_out_and_comes_back(shop: Shop) -> None:
    await shop.count(PAPER, 60, lot_number="P1")
    await shop.count(PAPER, 90, "RACK", lot_number="P2")
    order, other = await shop.plan("MO-1"), await shop.plan("MO-2")
    assert (await shop.need(other, PAPER))["held"] == 50
    await shop.done(planning.ISSUE_MATERIAL, issue(order, 100))
    need = await shop.need(order, PAPER)
    assert (need["issued_quantity"], need["held"]) == (100, 0)
    lots = await shop.rows("SELECT lot_number, quantity FROM stock_movements WHERE kind = 'issue'")
    assert [(row["lot_number"], row["quantity"]) for row in lots] == [("P1", -60), ("P2", -40)]
    answer = await shop.ask(planning.ISSUE_MATERIAL, issue(order, 1))
    assert (answer.status, answer.problem.code) == (422, "insufficient_stock")
    assert answer.problem.facts == {
        "available": "0",
        "on_hand": "50",
        "lies_there": "50",
        "allocated_to_others": "50",
        "attempting": "1",
    }
    await shop.done(planning.ISSUE_MATERIAL, issue(order, -45))
    need = await shop.need(order, PAPER)
    assert (need["issued_quantity"], need["held"]) == (55, 45)
    back = await shop.rows("SELECT lot_number, quantity FROM stock_movements WHERE kind = 'return'")
    assert [(row["lot_number"], row["quantity"]) for row in back] == [("P2", 40), ("P1", 5)]
    assert await shop.breaches() == ()


async def test_only_picked_lines_are_picked(shop: Shop) -> None:
    order = await shop.plan("MO-1")
    answer = await shop.ask(planning.ISSUE_MATERIAL, issue(order, 1, component_code=GLUE))
    assert answer.problem.code == "backflushed"
    answer = await shop.ask(planning.ISSUE_MATERIAL, issue(order, 1, component_code=BROCHURE))
    assert answer.problem.code == "not_required"
    answer = await shop.ask(planning.ISSUE_MATERIAL, issue(order, "-0.5", location_code="ABROAD"))
    assert [fault.code for fault in answer.problem.faults] == [
        "too_many_decimals",
        "more_than_issued",
        "other_plant",
    ]
    answer = await shop.ask(planning.ISSUE_MATERIAL, issue(SYSTEM_CLOCK.new_id(), 1))
    assert answer.status == 404


async def test_concurrent_picks_never_take_more_than_there_is(shop: Shop) -> None:
    await shop.count(PAPER, 100)
    order = await shop.plan("MO-1")
    answers = await asyncio.gather(
        *(shop.ask(planning.ISSUE_MATERIAL, issue(order, 7)) for _ in range(32))
    )
    assert sorted({answer.status for answer in answers}) == [201, 422]
    assert sum(answer.status == 201 for answer in answers) == 14
    need = await shop.need(order, PAPER)
    assert (need["issued_quantity"], need["held"]) == (98, 2)
    assert await shop.breaches() == ()


def delivery(number: str, quantity: Any, **over: Any) -> CreateReceipt:
    values = {
        "receipt_number": number,
        "product_code": GLUE,
        "plant_code": builders.PLANT,
        "quantity": str(quantity),
        "expected_on": "2026-12-01",
    }
    return CreateReceipt.model_validate(values | over)


def arrival(receipt: planning.Receipt, quantity: Any, **over: Any) -> ReceiveGoods:
    values = {"receipt_id": receipt.id, "quantity": str(quantity), "location_code": "SHELF"}
    return ReceiveGoods.model_validate(values | over)


def issue(order_id: UUID, quantity: Any, **over: Any) -> IssueMaterial:
    values = {
        "production_order_id": order_id,
        "component_code": PAPER,
        "quantity": str(quantity),
    }
    return IssueMaterial.model_validate(values | over)


async def test_reports_use_what_they_took_cumulatively_and_oldest_first(shop: Shop) -> None:
    await shop.count(GLUE, "0.1", lot_number="OLD")
    await shop.count(GLUE, 5, "RACK", lot_number="NEW")
    order = await shop.plan("MO-1")
    floor = Floor(shop, order)
    for good in range(1, 101):
        await floor.report(good)
    need = await shop.need(order)
    assert (need["issued_quantity"], need["held"]) == (Decimal("0.217"), 0)
    used = await shop.rows(
        "SELECT lot_number, sum(quantity) AS total FROM stock_movements"
        " WHERE kind = 'backflush' GROUP BY lot_number ORDER BY lot_number"
    )
    assert [(row["lot_number"], row["total"]) for row in used] == [
        ("NEW", Decimal("-0.117")),
        ("OLD", Decimal("-0.100")),
    ]
    await shop.harness.settle()
    told = await shop.harness.events(MaterialConsumed, tenant_id=shop.tenant)
    assert sum(event.payload.quantity for event in told) == Decimal("0.217")
    versions = [event.envelope.aggregate_version for event in told]
    assert len(set(versions)) == len(versions)
    assert (await shop.need(order, PAPER))["issued_quantity"] == 0
    assert await shop.breaches() == ()


async def test_a_hundred_reports_in_one_batch_are_one_posting(shop: Shop) -> None:
    await shop.count(GLUE, 5)
    order = await shop.plan("MO-1")
    await Floor(shop, order).report(*range(1, 101))
    (used,) = await shop.rows("SELECT quantity FROM stock_movements WHERE kind = 'backflush'")
    assert used["quantity"] == Decimal("-0.217")


async def test_a_correction_brings_back_what_it_takes_away(shop: Shop) -> None:
    await shop.count(GLUE, 1, "RACK", lot_number="L1")
    order = await shop.plan("MO-1")
    floor = Floor(shop, order)
    await floor.report(100)
    await floor.report(50)
    need = await shop.need(order)
    assert (need["issued_quantity"], need["held"]) == (Decimal("0.109"), Decimal("0.108"))
    stock = await shop.done(planning.GET_STOCK, GetStock(product_code=GLUE, plant_code="MAIN"))
    (balance,) = stock.balances
    assert (balance.location_code, balance.lot_number, balance.quantity) == (
        "RACK",
        "L1",
        Decimal("0.891"),
    )
    assert await shop.breaches() == ()


async def test_the_same_report_twice_or_late_has_one_effect(shop: Shop) -> None:
    await shop.count(GLUE, 1)
    order = await shop.plan("MO-1")
    floor = Floor(shop, order)
    first = await floor.report(10)
    second = await floor.report(60)
    await floor.hear(first)
    await floor.hear(second)
    assert (await shop.need(order))["issued_quantity"] == Decimal("0.131")


async def test_what_was_not_there_is_a_miscount_that_a_count_settles(shop: Shop) -> None:
    await shop.count(GLUE, "0.1")
    order = await shop.plan("MO-1")
    floor = Floor(shop, order)
    await floor.report(100)
    stock = await shop.done(planning.GET_STOCK, GetStock(product_code=GLUE, plant_code="MAIN"))
    assert stock.quantity_on_hand == 0
    (found,) = (await shop.done(planning.LIST_DISCREPANCIES, ListDiscrepancies())).items
    assert (found.quantity_missing, found.status) == (Decimal("0.117"), "open")
    assert found.production_order_number == "MO-1"
    await floor.report(90)
    assert await shop.breaches() == ()
    await shop.count(GLUE, 2)
    (settled,) = (await shop.done(planning.LIST_DISCREPANCIES, ListDiscrepancies())).items
    assert (settled.quantity_missing, settled.status) == (Decimal("0.096"), "settled")
    told = await shop.harness.events(StockDiscrepancyRecorded, tenant_id=shop.tenant, count=3)
    assert [event.envelope.aggregate_version for event in told] == [1, 2, 3]
    assert await shop.breaches() == ()


async def test_what_is_used_up_is_promised_to_nobody_else(shop: Shop) -> None:
    await shop.count(GLUE, "0.217")
    owner = await shop.plan("MO-1", priority="urgent")
    thief = await shop.plan("MO-2", priority="low")
    await Floor(shop, thief).report(100)
    assert (await shop.need(thief))["issued_quantity"] == Decimal("0.217")
    assert (await shop.need(owner))["short_quantity"] == Decimal("0.217")
    assert await shop.rows("SELECT 1 FROM stock_discrepancies") == []


async def test_reports_that_come_before_the_plan_are_made_up_for(shop: Shop) -> None:
    await shop.count(GLUE, 1)
    order_id = SYSTEM_CLOCK.new_id()
    floor = Floor(shop, order_id)
    await floor.report(100)
    await shop.plan("MO-1", order_id=order_id)
    await floor.report(100)
    assert (await shop.need(order_id))["issued_quantity"] == Decimal("0.217")


async def test_goods_stay_with_the_customer_they_were_made_for(shop: Shop) -> None:
    order = await shop.plan("MO-1", sales_order_id=SYSTEM_CLOCK.new_id())
    for version in (5, 5, 6):
        await finish(shop, order, made=110, version=version)
    stock = await shop.done(planning.GET_STOCK, GetStock(product_code=BROCHURE, plant_code="MAIN"))
    assert (stock.quantity_on_hand, stock.quantity_allocated) == (110, 100)
    assert [balance.location_code for balance in stock.balances] == ["RACK"]
    (told,) = await shop.harness.events(GoodsReceived, tenant_id=shop.tenant)
    assert (told.payload.quantity, told.payload.allocated_quantity) == (110, 100)
    assert await shop.breaches() == ()


async def test_a_childs_output_goes_to_the_need_it_was_made_for(shop: Shop) -> None:
    child_id = SYSTEM_CLOCK.new_id()
    need = {
        "component_code": BROCHURE,
        "unit_code": "EA",
        "decimals": 0,
        "make_or_buy": "make",
        "supply": "make",
        "needed": Decimal(80),
        "exact_need": Fraction(80),
        "child_order_id": child_id,
        "child_quantity": Decimal(80),
    }
    parent = await shop.plan("MO-1", priority="low", needs=[need])
    rival = await shop.plan(
        "MO-3",
        priority="urgent",
        needs=[
            need
            | {
                "child_order_id": None,
                "child_quantity": Decimal(0),
                "supply": "stock",
            }
        ],
    )
    await shop.plan("MO-2", order_id=child_id, parent_order_id=parent)
    await finish(shop, child_id, made=90)
    got = await shop.need(parent, BROCHURE)
    assert (got["held"], got["child_quantity"], got["short_quantity"]) == (80, 0, 0)
    assert (await shop.need(rival, BROCHURE))["held"] == 10


async def test_lots_are_found_upwards_and_downwards(shop: Shop) -> None:
    await shop.count(GLUE, 1, lot_number="G1")
    order = await shop.plan("MO-1")
    floor = Floor(shop, order)
    await floor.report(40, lot_number="B1", good_quantity=Decimal(40))
    await floor.report(100, lot_number="B2", good_quantity=Decimal(60))
    await finish(shop, order, made=100)
    lots = await shop.rows(
        "SELECT lot_number, quantity FROM stock_movements WHERE kind = 'production'"
    )
    assert [(row["lot_number"], row["quantity"]) for row in lots] == [("B1", 40), ("B2", 60)]
    up = await shop.done(planning.GET_GENEALOGY, lot(GLUE, "G1", "up"))
    assert [(link.lot_number, link.quantity) for link in up.links] == [
        ("B1", Decimal("0.087")),
        ("B2", Decimal("0.130")),
    ]
    down = await shop.done(planning.GET_GENEALOGY, lot(BROCHURE, "B2", "down"))
    (link,) = down.links
    assert (link.component_lot_number, link.quantity, link.production_order_number) == (
        "G1",
        Decimal("0.130"),
        "MO-1",
    )


def lot(product_code: str, lot_number: str, direction: str) -> planning.GetGenealogy:
    return planning.GetGenealogy.model_validate(
        {"product_code": product_code, "lot_number": lot_number, "direction": direction}
    )


class Floor:
    """Reports about one order's only work order."""

    def __init__(self, shop: Shop, order_id: UUID) -> None:
        self.shop, self.order_id = shop, order_id
        self.work_order_id, self.version = SYSTEM_CLOCK.new_id(), 0

    async def report(self, *totals: int, **over: Any) -> ProductionLogRecorded:
        logs = [self._log(good, **over) for good in totals]
        await self.hear(*logs)
        return logs[-1]

    async def hear(self, *logs: ProductionLogRecorded) -> None:
        await handle(self.shop, on_production_logs, logs)

    def _log(self, good: int, **over: Any) -> ProductionLogRecorded:
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


async def finish(shop: Shop, order_id: UUID, *, made: int, version: int = 5) -> None:
    order = builders.production_order(
        id=order_id,
        version=version,
        status="completed",
        quantity_completed=made,
        product_code=BROCHURE,
    )
    await handle(shop, on_orders_finished, [ProductionOrderCompleted(production_order=order)])


async def handle(shop: Shop, handler: Any, payloads: Sequence[EventPayload]) -> None:
    """Let a handler take some events in, in one transaction, as a consumer does."""
    events = [received(payload, shop.tenant) for payload in payloads]
    async with shop.database.unit_of_work(Context.of_event(events[-1].envelope)) as uow:
        uow.is_batch = len(events) > 1
        uow.cause = None if uow.is_batch else events[0].envelope
        await handler(uow, events)


def received(payload: EventPayload, tenant: UUID) -> Received[Any]:
    about = Envelope(
        event_id=SYSTEM_CLOCK.new_id(),
        event_type=payload.EVENT.wire_name,
        tenant_id=tenant,
        aggregate_id=payload.state.id,
        aggregate_version=payload.state.version,
        occurred_at=SYSTEM_CLOCK.now(),
        source="test",
        correlation_id=SYSTEM_CLOCK.new_id(),
        actor_id=builders.ACTOR.id,
        actor_name=builders.ACTOR.name,
    )
    return Received(envelope=about, payload=payload)
class TempObjects:
    def __init__(self): self.held={}
    async def read(self,name): return self.held[name]
    async def tell(self,name,**facts): pass
TEMP.objects=TempObjects()


@pytest.mark.parametrize("count", [2000])
async def test_tmp_speed(shop: Shop, count: int, capsys) -> None:
    import time
    products = "product_code,product_name,unit_code,unit_decimals\n" + "".join(
        f"P{n},Product {n},EA,0\n" for n in range(count)
    )
    name = await shop.harness.upload(products)
    await shop.done(planning.PRODUCTS.load, planning.ImportMasterData(object_name=name) if hasattr(planning, "ImportMasterData") else __import__("lineside_contracts.master_data", fromlist=["x"]).ImportMasterData(object_name=name))
    from lineside_contracts.master_data import ImportMasterData
    text = "product_code,location_code,quantity,lot_number\n" + "".join(
        f"P{n},SHELF,{n+1},\n" for n in range(count)
    )
    TEMP.objects.held["x"] = text.encode()
    for dry in (True, False, False):
        start = time.perf_counter()
        report = await shop.done(planning.IMPORT_STOCK, ImportMasterData(object_name="x", dry_run=dry))
        with capsys.disabled():
            print(dry, report, time.perf_counter() - start)
