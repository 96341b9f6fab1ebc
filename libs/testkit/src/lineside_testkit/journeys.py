"""One tenant's way through the whole chain: a printing plant, the orders it gets, what they become.

journey = await Journey.begin(harness)
await journey.confirm(journey.document("SO-1", lines=[journey.line(quantity="10000")]))
(order,) = await journey.production_orders(count=1, status="routed")
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import httpx
import nats
from nats.aio.client import Client
from pydantic import BaseModel

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning, routing, shopfloor, streams
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.master_data import ImportMasterData, ImportReport
from lineside_contracts.planning import ListProductionOrders, ProductFields, ProductionOrder
from lineside_contracts.routing import ActOnRouting, Expansion, GetExpansion, RoutingFields
from lineside_contracts.shopfloor import ListWorkOrders, WorkOrder
from lineside_testkit import builders, printing_plant
from lineside_testkit.builders import BOOK, BROCHURE
from lineside_testkit.harness import Answer, Harness
from lineside_testkit.printing_plant import FLYER

CHAIN: Final = ("sales-bridge", "planning", "routing", "shopfloor", "predictions")
"""The services between a confirmed order and its work orders and prediction."""

CONFIRMED: Final = "sales.order.confirmed"
AMENDED: Final = "sales.order.amended"
CANCELLED: Final = "sales.order.cancelled"

_DAYS_AHEAD = 60
"""Due so late that planning backward never meets the present."""

_POLL_SECONDS = 0.05
_HTTP_SECONDS = 30

Found = TypeVar("Found")


@dataclass(frozen=True)
class Journey:
    """A tenant of a harness, with its master data in place."""

    harness: Harness
    tenant_id: UUID

    @classmethod
    async def begin(
        cls, harness: Harness, *, routed: Sequence[str] = (BROCHURE, BOOK, FLYER), **tenant: Any
    ) -> "Journey":
        """Register a tenant and its printing plant, through the requests people make.

        Args:
            harness: Runs the services of `CHAIN`.
            routed: Products whose routing is active from the beginning.
            tenant: Settings of the tenant, such as `release_policy`.
        """
        journey = cls(harness, harness.new_tenant())
        await journey.open_plant(routed=routed, **tenant)
        return journey

    async def open_plant(
        self, *, routed: Sequence[str] = (BROCHURE, BOOK, FLYER), **tenant: Any
    ) -> None:
        """Register the tenant and its master data."""
        for endpoint, fields in printing_plant.master_data(self.tenant_id, **tenant):
            await self.granted(endpoint, fields)
        await self.harness.settle()
        for product_code in routed:
            await self.activate_routing(printing_plant.ROUTINGS[product_code])
        await self.harness.settle()

    @property
    def due_on(self) -> date:
        """The due date of lines that name none."""
        return (SYSTEM_CLOCK.now() + timedelta(days=_DAYS_AHEAD)).date()

    def line(self, number: int = 1, **over: Any) -> dict[str, Any]:
        """One line of a sales document."""
        return {
            "line_number": number,
            "product_code": BROCHURE,
            "quantity": "10000",
            "unit": "EA",
            "due_date": self.due_on.isoformat(),
        } | over

    def document(self, order_number: str, /, **over: Any) -> dict[str, Any]:
        """A sales document as a sales system writes it, one line unless told otherwise."""
        return {
            "tenant_id": str(self.tenant_id),
            "order_number": order_number,
            "revision": 1,
            "confirmed_at": SYSTEM_CLOCK.now().isoformat(),
            "customer": {"code": "C-1", "name": "Customer One"},
            "currency": "EUR",
            "lines": [self.line()],
        } | over

    async def confirm(self, *documents: Mapping[str, Any], subject: str = CONFIRMED) -> None:
        """Publish documents the way a sales system does: plain nats-py, one message each."""
        client = await nats.connect(plain_address(self.harness))
        js = client.jetstream()
        waiting = [
            await js.publish_async(subject, json.dumps(document).encode()) for document in documents
        ]
        for stored in waiting:
            await stored
        await client.close()

    async def ask(self, endpoint: Endpoint[Any, Any], request: BaseModel, **over: Any) -> Answer:
        """Ask a service as this tenant."""
        return await self.harness.ask(endpoint, request, tenant_id=self.tenant_id, **over)

    async def granted(self, endpoint: Endpoint[Any, Any], request: BaseModel) -> Any:
        """Ask a service and insist on success; returns the answer.

        Raises:
            AssertionError: It refused.
        """
        answer = await self.ask(endpoint, request)
        if answer.status != endpoint.success_status:
            raise AssertionError(f"{endpoint.subject} refused: {answer.body!r}")
        return answer.body

    def http(self, *, role: str = "admin") -> httpx.AsyncClient:
        """An HTTP client of the gateway that is somebody of this tenant."""
        token = self.harness.token(role, tenant_id=self.tenant_id)
        return httpx.AsyncClient(
            base_url=f"{self.harness.http_url}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=_HTTP_SECONDS,
        )

    async def production_orders(
        self, *, count: int, timeout_seconds: float = 15, **having: Any
    ) -> list[ProductionOrder]:
        """Wait for exactly `count` production orders with these field values; by sales line.

        Raises:
            AssertionError: There are others; the message tells which.
        """

        async def read() -> list[ProductionOrder]:
            return await self.list_all(planning.LIST_PRODUCTION_ORDERS, ListProductionOrders)

        found = await self.eventually(read, count=count, timeout_seconds=timeout_seconds, **having)
        return sorted(found, key=lambda o: (o.sales_order_number or "", o.sales_line_number or 0))

    async def work_orders(
        self, *, count: int, timeout_seconds: float = 15, **having: Any
    ) -> list[WorkOrder]:
        """Wait for exactly `count` work orders with these field values; by number.

        Raises:
            AssertionError: There are others; the message tells which.
        """

        async def read() -> list[WorkOrder]:
            return await self.list_all(shopfloor.LIST_WORK_ORDERS, ListWorkOrders)

        found = await self.eventually(read, count=count, timeout_seconds=timeout_seconds, **having)
        return sorted(found, key=lambda order: number_of(order.work_order_number))

    async def all_work_orders(self) -> list[WorkOrder]:
        """Every work order there is now."""
        return await self.list_all(shopfloor.LIST_WORK_ORDERS, ListWorkOrders)

    async def expansion(self, production_order_id: UUID) -> Expansion:
        """The runs of a production order, with their ledgers."""
        request = GetExpansion(production_order_id=production_order_id)
        found: Expansion = await self.granted(routing.GET_EXPANSION, request)
        return found

    async def activate_routing(self, fields: RoutingFields) -> None:
        """Create a routing and make it the active one."""
        made = await self.granted(routing.CREATE_ROUTING, fields)
        await self.granted(routing.ACTIVATE_ROUTING, ActOnRouting(routing_id=made.id))

    async def create_product(self, product_code: str, **over: Any) -> None:
        """Register a product made in this plant."""
        name = over.pop("product_name", product_code)
        fields: ProductFields = builders.product_fields(
            product_code=product_code, product_name=name, **over
        )
        await self.granted(planning.PRODUCTS.create, fields)

    async def load(self, endpoint: Endpoint[Any, ImportReport], text: str | bytes) -> ImportReport:
        """Import a file and insist on success."""
        name = await self.harness.upload(text)
        report: ImportReport = await self.granted(endpoint, ImportMasterData(object_name=name))
        return report

    async def eventually(
        self,
        read: Callable[[], Awaitable[list[Found]]],
        *,
        count: int,
        timeout_seconds: float = 15,
        **having: Any,
    ) -> list[Found]:
        """Read again until exactly `count` of what is read have these field values.

        Raises:
            AssertionError: Time is up; the message tells what there is.
        """
        return await _until(read, count=count, having=having, timeout_seconds=timeout_seconds)

    async def list_all(
        self, endpoint: Endpoint[Any, Any], request_type: Callable[..., BaseModel]
    ) -> list[Any]:
        """Read every page of a list."""
        items: list[Any] = []
        cursor: str | None = None
        while True:
            page = await self.granted(endpoint, request_type(limit=500, cursor=cursor))
            items += page.items
            cursor = page.next_cursor
            if cursor is None:
                return items


def plain_address(harness: Harness) -> str:
    """The broker's address with its login, as an outsider is given it."""
    values = harness.installation.settings_of(harness.installation.services[0])
    user, password = values.get("nats_user"), values.get("nats_password")
    scheme, _, host = str(values["nats_url"]).partition("://")
    return f"{scheme}://{user}:{password}@{host}" if user else f"{scheme}://{host}"


async def redeliver_soon(harness: Harness, *, seconds: float = 2) -> None:
    """Let every durable give up on who holds a message after this time (30 s outside of tests)."""
    js = await harness.jetstream()
    for stream in (streams.EVENTS, streams.MASTER_DATA, streams.SALES_INGRESS):
        for info in await js.consumers_info(stream):
            if info.config.durable_name:
                await js.add_consumer(stream, replace(info.config, ack_wait=seconds))


@asynccontextmanager
async def stopped(harness: Harness, *durables: str) -> AsyncIterator[None]:
    """Stop consumers of running services while the block runs: JetStream gives them nothing.

    Their process lives on with everything else it does; afterwards they go on where they were.
    """
    client = await harness.client()
    js = client.jetstream()
    placed = [
        (stream, info.name)
        for stream in (streams.EVENTS, streams.MASTER_DATA, streams.TIMERS)
        for info in await js.consumers_info(stream)
        if info.name in durables
    ]
    if {name for _, name in placed} != set(durables):
        raise AssertionError(f"there are only {placed} of {durables}")
    until = (SYSTEM_CLOCK.now() + timedelta(hours=1)).isoformat()
    try:
        for stream, name in placed:
            await _pause(client, stream, name, {"pause_until": until})
        yield
    finally:
        for stream, name in placed:
            await _pause(client, stream, name, {})


async def _pause(client: Client, stream: str, durable: str, body: Mapping[str, str]) -> None:
    subject = f"$JS.API.CONSUMER.PAUSE.{stream}.{durable}"
    answer = json.loads((await client.request(subject, json.dumps(body).encode())).data)
    if "error" in answer:
        raise AssertionError(f"{durable} was not paused or resumed: {answer['error']}")


def number_of(text: str) -> int:
    """The counted part of a number: 17 of "MO-2026-000017"."""
    return int(text.rpartition("-")[2])


async def _until(
    read: Callable[[], Awaitable[list[Found]]],
    *,
    count: int,
    having: Mapping[str, Any],
    timeout_seconds: float,
) -> list[Found]:
    """Read again until as many as wanted are as wanted.

    Raises:
        AssertionError: Time is up.
    """
    found: list[Found] = []
    every: list[Found] = []
    try:
        async with asyncio.timeout(timeout_seconds):
            while True:
                every = await read()
                found = [item for item in every if _has(item, having)]
                if len(found) == count:
                    return found
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        shown = [{name: getattr(item, name) for name in having} for item in every]
        raise AssertionError(
            f"{count} with {dict(having)} awaited, {len(found)} of {len(every)} are: {shown[:20]}"
        ) from None


def _has(item: object, having: Mapping[str, Any]) -> bool:
    return all(getattr(item, name) == value for name, value in having.items())
