"""Which sales systems may post, and under which secret."""

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import sales
from lineside_contracts.endpoint import Page
from lineside_contracts.sales import ListWebhookSources, PutWebhookSource, WebhookSource
from lineside_sales_bridge.store import webhook_sources


def register(answered: Requests) -> None:
    """Answer the endpoints of this room."""
    answered.answer(sales.PUT_WEBHOOK_SOURCE)(put_webhook_source)
    answered.answer(sales.LIST_WEBHOOK_SOURCES)(list_webhook_sources)


async def put_webhook_source(uow: UnitOfWork, request: PutWebhookSource) -> WebhookSource:
    """Register a source, or replace its secret."""
    return webhook_sources.save(uow, request)


async def list_webhook_sources(
    uow: UnitOfWork, _request: ListWebhookSources
) -> Page[WebhookSource]:
    """List every source, without secrets."""
    sources = await webhook_sources.list_sources(uow)
    return Page[WebhookSource](items=tuple(sources))
