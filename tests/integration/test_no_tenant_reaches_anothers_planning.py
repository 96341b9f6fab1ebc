"""Bills, stock, materials, MRP, capacity, promises, costs: a stranger gets nothing of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from lineside_contracts import planning, registry
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.planning import (
    ActOnBom,
    ActOnReceipt,
    GetMaterials,
    ListPlannedOrders,
    OfOrder,
    ProductionOrder,
    StartMrpRun,
)
from lineside_testkit import isolation, states
from lineside_testkit.builders import PLANT
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey
from lineside_testkit.printing_plant import FLYER
from lineside_testkit.storeroom import INK, PAPER, STORE, Storeroom

NAMES_NOTHING = frozenset({"create", "import"})
FOUND_NOTHING = frozenset({404, 422})
"""A product nobody has is not found; where it is part of a question, it is a fault of it."""

Question = tuple[Endpoint[Any, Any], BaseModel]


@dataclass(frozen=True)
class Owner:
    """A tenant that has some of everything planning makes."""

    room: Storeroom
    order: ProductionOrder
    bom_id: UUID
    receipt_id: UUID
    requisition_id: UUID
    mrp_run_id: UUID
    planned_order_id: UUID


@pytest.fixture(scope="module")
async def owner(chain: Harness) -> Owner:
    journey = await Journey.begin(chain)
    room = await Storeroom.open(journey)
    await room.component("SPARE", safety_stock_quantity="5")
    bom = await room.bill(FLYER, room.line(PAPER), room.line(INK, "0.001"))
    await room.put(PAPER, 40)
    await chain.settle()
    lines = [journey.line(product_code=FLYER, quantity="98")]
    await journey.confirm(journey.document("SO-1", lines=lines))
    (order,) = await journey.production_orders(count=1, status="on_hold")
    receipt = await room.buy(await room.requisition(PAPER))
    run = await journey.granted(planning.START_MRP_RUN, StartMrpRun())
    await chain.settle()
    proposals = await journey.eventually(
        lambda: journey.list_all(planning.LIST_PLANNED_ORDERS, ListPlannedOrders),
        count=1,
        product_code="SPARE",
    )
    return Owner(
        room=room,
        order=order,
        bom_id=bom.id,
        receipt_id=receipt.id,
        requisition_id=(await room.requisition(INK)).id,
        mrp_run_id=run.id,
        planned_order_id=proposals[0].id,
    )


def _of_bills(owner: Owner) -> Iterable[Question]:
    yield planning.LIST_BOMS, planning.ListBoms()
    yield planning.GET_BOM, planning.GetBom(bom_id=owner.bom_id)
    fields = planning.BomFields(product_code=FLYER)
    yield planning.UPDATE_BOM, planning.UpdateBom(bom_id=owner.bom_id, fields=fields)
    for act in ("VALIDATE", "ACTIVATE", "RETIRE", "COPY", "DELETE"):
        yield getattr(planning, f"{act}_BOM"), ActOnBom(bom_id=owner.bom_id)
    yield planning.EXPLODE_BOM, planning.ExplodeBom(product_code=FLYER, quantity=1)


def _of_stock(owner: Owner) -> Iterable[Question]:
    receipt = {"receipt_id": owner.receipt_id}
    yield planning.LIST_STOCK, planning.ListStock()
    yield planning.GET_STOCK, planning.GetStock(product_code=PAPER, plant_code=PLANT)
    yield planning.LIST_STOCK_MOVEMENTS, planning.ListStockMovements()
    yield planning.LIST_DISCREPANCIES, planning.ListDiscrepancies()
    lot = planning.GetGenealogy(product_code=PAPER, lot_number="L-1", direction="up")
    yield planning.GET_GENEALOGY, lot
    yield planning.LIST_RECEIPTS, planning.ListReceipts()
    yield planning.GET_RECEIPT, planning.GetReceipt(**receipt)
    change = planning.ReceiptChange(quantity=1)
    yield planning.UPDATE_RECEIPT, planning.UpdateReceipt(**receipt, change=change)
    goods = planning.ReceiveGoods(**receipt, quantity=1, location_code=STORE)
    yield planning.RECEIVE_GOODS, goods
    yield planning.CANCEL_RECEIPT, ActOnReceipt(**receipt, reason="mine now")


def _of_materials(owner: Owner) -> Iterable[Question]:
    order = {"production_order_id": owner.order.id}
    yield planning.GET_MATERIALS, GetMaterials(**order)
    yield planning.REPLAN_MATERIALS, GetMaterials(**order)
    yield (
        planning.ISSUE_MATERIAL,
        planning.IssueMaterial(**order, component_code=PAPER, quantity=1),
    )
    yield (
        planning.MOVE_ALLOCATION,
        planning.MoveAllocation(
            component_code=PAPER,
            plant_code=PLANT,
            from_production_order_id=owner.order.id,
            to_production_order_id=owner.bom_id,
            quantity=1,
            reason="mine now",
        ),
    )
    yield planning.LIST_SHORTAGES, planning.ListShortages()
    requisition = {"purchase_requisition_id": owner.requisition_id}
    yield planning.LIST_REQUISITIONS, planning.ListRequisitions()
    yield planning.GET_REQUISITION, planning.GetRequisition(**requisition)
    day = owner.room.day(9)
    bought = planning.OrderRequisition(**requisition, purchase_order_number="X", expected_on=day)
    yield planning.ORDER_REQUISITION, bought


def _of_mrp(owner: Owner) -> Iterable[Question]:
    run = planning.GetMrpRun(mrp_run_id=owner.mrp_run_id)
    yield planning.LIST_MRP_RUNS, planning.ListMrpRuns()
    yield planning.GET_MRP_RUN, run
    yield planning.CANCEL_MRP_RUN, run
    proposal = planning.GetPlannedOrder(planned_order_id=owner.planned_order_id)
    yield planning.LIST_PLANNED_ORDERS, ListPlannedOrders()
    yield planning.GET_PLANNED_ORDER, proposal
    yield planning.FIRM_PLANNED_ORDER, proposal
    yield planning.GET_MRP_ITEM, planning.GetMrpItem(product_code=PAPER)
    yield planning.LIST_MRP_EXCEPTIONS, planning.ListMrpExceptions()
    yield planning.GET_PEGGING, planning.GetPegging(production_order_id=owner.order.id)


def _of_capacity_and_costs(owner: Owner) -> Iterable[Question]:
    of_order = OfOrder(production_order_id=owner.order.id)
    for endpoint in (planning.GET_CAPACITY, planning.GET_LEAD_TIME, planning.GET_ORDER_PROMISE):
        yield endpoint, of_order
    yield planning.ASK_PROMISE, planning.AskPromise(product_code=FLYER, quantity=1)
    load = planning.GetWorkCenterLoad(work_center_code="PRESS")
    yield planning.GET_WORK_CENTER_LOAD, load
    cost = planning.GetProductionCost(production_order_id=owner.order.id)
    yield planning.GET_PRODUCTION_COST, cost
    yield planning.LIST_PRODUCTION_COSTS, planning.ListProductionCosts()
    yield planning.GET_PRODUCT_COST, planning.GetProductCost(product_code=FLYER)


def _questions(owner: Owner) -> Iterable[Question]:
    for part in (_of_bills, _of_stock, _of_materials, _of_mrp, _of_capacity_and_costs):
        yield from part(owner)


async def test_every_endpoint_answers_a_stranger_with_nothing(chain: Harness, owner: Owner) -> None:
    stranger = Journey(chain, chain.new_tenant())
    tenant_id = owner.room.journey.tenant_id
    before = await states.of_tenant(chain, tenant_id)
    asked = set()
    for endpoint, request in _questions(owner):
        asked.add(endpoint.subject)
        answer = await stranger.ask(endpoint, request)
        if endpoint.verb == "list":
            assert (answer.status, answer.body.items) == (200, ()), endpoint.subject
        elif endpoint is planning.GET_GENEALOGY and answer.status == 200:
            assert answer.body.links == ()
        else:
            assert answer.status in FOUND_NOTHING, (endpoint.subject, answer.body)
    every = {
        endpoint.subject
        for endpoint in registry.endpoints()
        if endpoint.noun in isolation.PLANNING_IN_DEPTH and endpoint.verb not in NAMES_NOTHING
    }
    assert asked == every
    states.insist_equal(before, await states.of_tenant(chain, tenant_id))


async def test_the_owner_gets_all_of_it(owner: Owner) -> None:
    """The claim above would prove nothing if nobody got anything."""
    reads = [(e, r) for e, r in _questions(owner) if e.kind == "read"]
    for endpoint, request in reads:
        if endpoint is planning.GET_GENEALOGY:
            continue
        answer = await owner.room.journey.ask(endpoint, request)
        assert answer.status == 200, (endpoint.subject, answer.body)


async def test_the_gateway_answers_a_stranger_with_nothing(chain: Harness, owner: Owner) -> None:
    order = f"production-orders/{owner.order.id}"
    parts = ("materials", "capacity", "lead-time", "promise", "cost", "pegging")
    async with Journey(chain, chain.new_tenant()).http() as stranger:
        for path in (
            *(f"{order}/{part}" for part in parts),
            f"boms/{owner.bom_id}",
            f"stock/{PAPER}/{PLANT}",
            f"receipts/{owner.receipt_id}",
            f"purchase-requisitions/{owner.requisition_id}",
            f"mrp/runs/{owner.mrp_run_id}",
            f"mrp/planned-orders/{owner.planned_order_id}",
            f"mrp/items/{PAPER}",
            "work-centers/PRESS/load",
            f"products/{FLYER}/cost",
        ):
            answer = await stranger.get(f"/{path}")
            assert answer.status_code in FOUND_NOTHING, (path, answer.text)
        lists = ("boms", "stock", "receipts", "shortages", "discrepancies", "production-costs")
        for path in (*lists, "purchase-requisitions", "mrp/runs", "mrp/planned-orders"):
            assert (await stranger.get(f"/{path}")).json()["items"] == [], path
