"""Shortages for people: what orders lack, soonest first."""

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import ListShortages, OrderShortage
from lineside_planning.materials.store import shortage_pages


def register(requests: Requests) -> None:
    """Answer the request for shortages."""
    requests.answer(planning.LIST_SHORTAGES)(list_shortages)


async def list_shortages(uow: UnitOfWork, request: ListShortages) -> Page[OrderShortage]:
    """Page through what orders lack, soonest need first."""
    return await shortage_pages.page(uow, request)
