"""Orders and refused documents, looked up."""

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import sales
from lineside_contracts.endpoint import Page
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.sales import (
    GetSalesOrder,
    ListRejectedOrders,
    ListSalesOrders,
    RejectedOrder,
    SalesOrder,
)
from lineside_sales_bridge.store import documents, orders


def register(answered: Requests) -> None:
    """Answer the endpoints of this room."""
    answered.answer(sales.LIST_SALES_ORDERS)(list_sales_orders)
    answered.answer(sales.GET_SALES_ORDER)(get_sales_order)
    answered.answer(sales.LIST_REJECTED_ORDERS)(list_rejected_orders)


async def list_sales_orders(uow: UnitOfWork, request: ListSalesOrders) -> Page[SalesOrder]:
    """Page through the orders, newest first."""
    return await orders.page_of_orders(uow, request)


async def get_sales_order(uow: UnitOfWork, request: GetSalesOrder) -> SalesOrder | Problem:
    """Find one order."""
    order = await orders.load_order(uow, request.sales_order_id)
    if order is None:
        detail = f"There is no sales order {request.sales_order_id}."
        return Problem(code=ProblemCode.NOT_FOUND, detail=detail)
    return order


async def list_rejected_orders(uow: UnitOfWork, request: ListRejectedOrders) -> Page[RejectedOrder]:
    """Page through the refused documents, newest first."""
    return await documents.page_of_rejected(uow, request)
