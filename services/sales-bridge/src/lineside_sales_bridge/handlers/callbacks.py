"""Outcomes out: sales systems that came in through a webhook are called back, signed.

Calls lie in `webhook_deliveries`, written with the outcome itself. Every replica looks whose are
due (`known_tenants.next_delivery_at`), claims some for the length of a lease, makes them outside
any transaction and notes what came of them. A replica that dies in between leaves the lease to run
out: a call may be made twice, under the same `Lineside-Delivery`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import httpx
import structlog

from lineside_chassis import leading
from lineside_chassis.clock import Clock
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context
from lineside_sales_bridge.domain import signatures
from lineside_sales_bridge.store import deliveries
from lineside_sales_bridge.store.deliveries import Delivery, Result

EVENT_HEADER = "Lineside-Event"
DELIVERY_HEADER = "Lineside-Delivery"

POLL_SECONDS = 0.5
CALLS_AT_ONCE = 20
LEASE = timedelta(minutes=2)
"""Longer than any call may take, so that nobody else makes it meanwhile."""

_ERROR_CHARACTERS = 500

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a sales system is waited for, and how often it is called again.

    Attributes:
        retry_seconds: Between failed calls; after the last of them a call is given up.
        timeout_seconds: For one answer.
    """

    retry_seconds: tuple[float, ...]
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Courier:
    """Makes the calls that are due, with what it needs."""

    database: Database
    clock: Clock
    patience: Patience

    async def run(self) -> None:
        """Make calls for ever."""
        async with httpx.AsyncClient(timeout=self.patience.timeout_seconds) as client:
            while True:
                tenants = await leading.whole(self._tenants())
                for tenant_id in tenants:
                    await self.serve(client, tenant_id)
                if not tenants:
                    await asyncio.sleep(POLL_SECONDS)

    async def serve(self, client: httpx.AsyncClient, tenant_id: UUID) -> None:
        """Make a tenant's calls that are due."""
        context = Context(tenant_id=tenant_id, correlation_id=self.clock.new_id())
        due = await leading.whole(self._claim(context))
        wanted = [each for each in due if each.url is not None]
        results = await asyncio.gather(*(self._call(client, each) for each in wanted))
        unwanted = [each.id for each in due if each.url is None]
        await leading.whole(self._settle(context, results, unwanted))

    async def _tenants(self) -> Sequence[UUID]:
        async with self.database.without_tenant() as connection:
            return await deliveries.tenants_with_calls(connection, self.clock.now())

    async def _claim(self, context: Context) -> Sequence[Delivery]:
        async with self.database.unit_of_work(context) as uow:
            return await deliveries.claim(uow, count=CALLS_AT_ONCE, lease=LEASE)

    async def _settle(
        self, context: Context, results: Sequence[Result], unwanted: Sequence[UUID]
    ) -> None:
        async with self.database.unit_of_work(context) as uow:
            await deliveries.settle(uow, results, unwanted=unwanted)

    async def _call(self, client: httpx.AsyncClient, delivery: Delivery) -> Result:
        timestamp = str(int(self.clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            EVENT_HEADER: delivery.event_name,
            DELIVERY_HEADER: str(delivery.id),
            signatures.TIMESTAMP_HEADER: timestamp,
            signatures.SIGNATURE_HEADER: signatures.signature(
                delivery.secret, timestamp, delivery.body
            ),
        }
        try:
            answer = await client.post(delivery.url or "", content=delivery.body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return self._failed(delivery, f"{type(error).__name__}: {error}")
        if answer.is_success:
            return Result(delivery.id)
        is_gone = answer.status_code == HTTPStatus.GONE
        return self._failed(delivery, f"answered {answer.status_code}", is_final=is_gone)

    def _failed(self, delivery: Delivery, error: str, *, is_final: bool = False) -> Result:
        """Try again later, or give up: after the last retry, or where the address is gone."""
        delays = self.patience.retry_seconds
        gives_up = is_final or delivery.attempts > len(delays)
        _log.warning(
            "call to a sales system failed",
            delivery_id=str(delivery.id),
            event_name=delivery.event_name,
            attempts=delivery.attempts,
            gives_up=gives_up,
            error=error,
        )
        if gives_up:
            return Result(delivery.id, error[:_ERROR_CHARACTERS])
        again_at = self.clock.now() + timedelta(seconds=delays[delivery.attempts - 1])
        return Result(delivery.id, error[:_ERROR_CHARACTERS], again_at)


def courier(
    database: Database, clock: Clock, *, patience: Patience
) -> Callable[[], Awaitable[None]]:
    """The background job that calls sales systems."""
    return Courier(database, clock, patience).run
