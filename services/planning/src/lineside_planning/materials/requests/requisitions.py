"""Requisitions for people: list, get, and say that one was ordered."""

from uuid import UUID

from lineside_chassis import plant_access
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import (
    GetRequisition,
    ListRequisitions,
    OrderRequisition,
    PurchaseRequisition,
)
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_planning.materials.domain import allocation, documents, ordering
from lineside_planning.materials.domain.bench import Requisition
from lineside_planning.materials.domain.ordering import Purchase
from lineside_planning.materials.requests import problems
from lineside_planning.materials.store import bench as benches, requisition_pages, stock_facts
from lineside_planning.materials.store.bench import Wanted


def register(requests: Requests) -> None:
    """Answer the requests about requisitions."""
    requests.answer(planning.LIST_REQUISITIONS)(list_requisitions)
    requests.answer(planning.GET_REQUISITION)(get_requisition)
    requests.answer(planning.ORDER_REQUISITION)(order_requisition)


async def list_requisitions(
    uow: UnitOfWork, request: ListRequisitions
) -> Page[PurchaseRequisition]:
    """Page through the requisitions, soonest order-by date first."""
    return await requisition_pages.page(uow, request)


async def get_requisition(
    uow: UnitOfWork, request: GetRequisition
) -> PurchaseRequisition | Problem:
    """Read one requisition."""
    found = await requisition_pages.find(uow, request.purchase_requisition_id)
    if found is None:
        return _not_found(request.purchase_requisition_id)
    plant_access.require(uow, [found])
    return found


async def order_requisition(
    uow: UnitOfWork, request: OrderRequisition
) -> PurchaseRequisition | Problem:
    """It was ordered: a receipt takes its place, and orders that waited are judged again."""
    asked = request.purchase_requisition_id
    bench = await benches.load(uow, Wanted(requisitions=[asked]))
    requisition = bench.requisitions.get(asked)
    if requisition is None:
        return _not_found(asked)
    plant_access.require(uow, [requisition])
    problems.require_version(requisition.version, request.expected_version)
    if requisition.status != "open":
        return _closed(requisition)
    if faults := await _faults(uow, request, requisition):
        return problems.invalid(faults)
    purchase = Purchase(
        receipt_id=uow.new_id(),
        number=request.purchase_order_number,
        expected_on=request.expected_on,
        quantity=request.quantity or requisition.quantity,
        vendor_code=request.vendor_code or requisition.vendor_code,
        unit_cost=requisition.unit_cost if request.unit_cost is None else request.unit_cost,
        actor=uow.actor,
    )
    ordering.order(bench, requisition, purchase)
    allocation.serve(bench, [requisition.pool_key])
    await benches.save(uow, bench)
    return documents.purchase_requisition(requisition)


async def _faults(
    uow: UnitOfWork, request: OrderRequisition, requisition: Requisition
) -> tuple[Fault, ...]:
    faults = []
    code = request.vendor_code
    if code is not None:
        known = await stock_facts.load(uow, vendor_codes=[code])
        if code not in known.vendors:
            message = f"There is no vendor {code}."
            faults.append(Fault(code="unknown_vendor", path="vendor_code", message=message))
    quantity = request.quantity
    if quantity is not None and round(quantity, requisition.decimals) != quantity:
        message = f"{requisition.unit_code} is counted with {requisition.decimals} decimals."
        faults.append(Fault(code="too_many_decimals", path="quantity", message=message))
    return tuple(faults)


def _not_found(requisition_id: UUID) -> Problem:
    return problems.not_found(
        "purchase requisition", requisition_id, name="purchase_requisition_id"
    )


def _closed(requisition: Requisition) -> Problem:
    return Problem(
        code=ProblemCode.REQUISITION_CLOSED,
        detail=f"{requisition.number} is {requisition.status} already.",
        facts={"status": requisition.status},
    )
