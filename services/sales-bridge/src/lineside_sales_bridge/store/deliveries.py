"""Calls to sales systems: laid down with what is told, claimed by one replica, settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import envelope
from lineside_contracts.sales import (
    SalesOrderAccepted,
    SalesOrderFulfilled,
    SalesOrderPromiseChanged,
)
from lineside_sales_bridge import tables

Outcome = SalesOrderAccepted | SalesOrderPromiseChanged | SalesOrderFulfilled

WEBHOOK_PREFIX = "webhook:"
"""How the source of an order begins that came in through a webhook."""

_deliveries, _tenants = tables.webhook_deliveries, tables.known_tenants

_CLAIM = text("""
UPDATE webhook_deliveries AS d SET attempts = d.attempts + 1, next_attempt_at = :until
FROM (
  SELECT id FROM webhook_deliveries
  WHERE status = 'waiting' AND next_attempt_at <= :now
  ORDER BY next_attempt_at LIMIT :count FOR UPDATE SKIP LOCKED
) AS due
WHERE d.id = due.id
RETURNING d.id, d.event_name, d.body, d.attempts,
  (SELECT json_build_array(s.callback_url, s.secret) FROM webhook_sources s
   WHERE s.tenant_id = d.tenant_id AND s.source = d.source AND s.is_active
     AND s.callback_url IS NOT NULL) AS address
""")
_LOCK_TENANT = text("SELECT 1 FROM known_tenants WHERE tenant_id = :tenant_id FOR UPDATE")
_NEXT = text("""
UPDATE known_tenants SET next_delivery_at =
  (SELECT min(next_attempt_at) FROM webhook_deliveries WHERE status = 'waiting')
WHERE tenant_id = :tenant_id
""")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A call that is to be made now.

    Attributes:
        attempts: This one included.
        url: Where to; None where nobody wants to be called any more.
        secret: It is signed with.
    """

    id: UUID
    event_name: str
    body: bytes
    attempts: int
    url: str | None
    secret: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call: done, to be tried again at an instant, or given up."""

    id: UUID
    error: str | None = None
    again_at: datetime | None = None


def add(uow: UnitOfWork, told: Sequence[Outcome]) -> None:
    """Lay down a call for each order that came in through a webhook."""
    rows = [
        _row(uow, event) for event in told if event.sales_order.source.startswith(WEBHOOK_PREFIX)
    ]
    if rows:
        uow.insert(_deliveries, rows)
        wake = {"tenant_id": uow.tenant_id, "next_delivery_at": uow.now}
        uow.update(_tenants, [wake], key=("tenant_id",))


async def tenants_with_calls(connection: AsyncConnection, now: datetime) -> list[UUID]:
    """Name the tenants for whom a call is due."""
    query = select(_tenants.c.tenant_id).where(_tenants.c.next_delivery_at <= now)
    return list((await connection.execute(query)).scalars())


async def claim(uow: UnitOfWork, *, count: int, lease: timedelta) -> list[Delivery]:
    """Take calls that are due; nobody else makes them before the lease is over."""
    parameters = {"now": uow.now, "until": uow.now + lease, "count": count}
    rows = await uow.connection.execute(_CLAIM, parameters)
    return [_delivery(row) for row in rows]


async def settle(uow: UnitOfWork, results: Sequence[Result], *, unwanted: Sequence[UUID]) -> None:
    """Note what came of calls, forget those nobody wants, and say when the next one is due."""
    uow.update(_deliveries, [_settled(result, uow.now) for result in results])
    uow.delete(_deliveries, [{"id": each} for each in unwanted], key=("id",))
    await uow.flush()
    # the lock comes in a statement of its own: the next one sees what its holder before has added
    await uow.connection.execute(_LOCK_TENANT, {"tenant_id": uow.tenant_id})
    await uow.connection.execute(_NEXT, {"tenant_id": uow.tenant_id})


def _row(uow: UnitOfWork, event: Outcome) -> dict[str, Any]:
    return {
        "id": uow.new_id(),
        "source": event.sales_order.source.removeprefix(WEBHOOK_PREFIX),
        "event_name": event.EVENT.name,
        "sales_order_id": event.sales_order.id,
        "body": envelope.encode_payload(event).decode(),
        "status": "waiting",
        "attempts": 0,
        "next_attempt_at": uow.now,
        "created_at": uow.now,
    }


def _delivery(row: Any) -> Delivery:
    url, secret = row.address or (None, "")
    return Delivery(row.id, row.event_name, row.body.encode(), row.attempts, url, secret)


def _settled(result: Result, now: datetime) -> dict[str, Any]:
    if result.error is None:
        status = "delivered"
    else:
        status = "failed" if result.again_at is None else "waiting"
    return {
        "id": result.id,
        "status": status,
        "next_attempt_at": result.again_at,
        "last_error": result.error,
        "delivered_at": now if status == "delivered" else None,
    }
