"""Registered sales systems and their secrets."""

from sqlalchemy import select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.sales import PutWebhookSource, WebhookSource
from lineside_sales_bridge import tables

_sources = tables.webhook_sources


async def load_secret(uow: UnitOfWork, source: str) -> str | None:
    """Find the secret of an active source."""
    query = select(_sources.c.secret).where(_sources.c.source == source, _sources.c.is_active)
    secret: str | None = (await uow.connection.execute(query)).scalar_one_or_none()
    return secret


async def list_sources(uow: UnitOfWork) -> list[WebhookSource]:
    """Load every source, without its secret."""
    columns = [column for column in _sources.c if column.name not in {"tenant_id", "secret"}]
    query = select(*columns).order_by(_sources.c.source)
    rows = (await uow.connection.execute(query)).mappings()
    return [WebhookSource.model_validate(row) for row in rows]


def save(uow: UnitOfWork, request: PutWebhookSource) -> WebhookSource:
    """Register a source or replace its secret."""
    row = {**request.model_dump(), "updated_at": uow.now}
    uow.upsert(_sources, [row], key=("source",))
    return WebhookSource.model_validate({**row, "secret": None})
