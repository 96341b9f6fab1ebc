"""A printing plant to plan for: a tenant with a press, operations and routings."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts.endpoint import Endpoint
from lineside_contracts.planning import ProductionOrder, ProductionOrderCreated
from lineside_contracts.routing import (
    ACTIVATE_ROUTING,
    CREATE_ROUTING,
    OPERATIONS,
    WORK_CENTERS,
    ActOnRouting,
    Routing,
)
from lineside_testkit import builders
from lineside_testkit.harness import Answer, Harness
from lineside_testkit.servers import Servers

_OPERATIONS = sorted(
    {
        field["operation_code"]
        for field in (*builders.BROCHURE_OPERATIONS, *builders.BOOK_OPERATIONS)
    }
)


@dataclass(frozen=True)
class Works:
    """One tenant's works."""

    harness: Harness
    tenant: UUID

    async def ask(self, endpoint: Endpoint[Any, Any], request: Any) -> Answer:
        """Ask routing with every permission."""
        return await self.harness.ask(endpoint, request, tenant_id=self.tenant)

    async def done(self, endpoint: Endpoint[Any, Any], request: Any) -> Any:
        """Ask what must not be refused."""
        answer = await self.ask(endpoint, request)
        assert answer.status < 300, answer
        return answer.body

    async def furnish(self) -> None:
        """Set up a press and the operations of brochures and books."""
        await self.done(WORK_CENTERS.create, builders.work_center_fields())
        for code in _OPERATIONS:
            fields = builders.operation_fields(operation_code=code, operation_name=code.title())
            await self.done(OPERATIONS.create, fields)

    async def draft(self, **over: Any) -> Routing:
        """Write a routing, the brochure's unless told otherwise."""
        routing: Routing = await self.done(CREATE_ROUTING, builders.routing_fields(**over))
        return routing

    async def activate(self, routing: Routing) -> Routing:
        """Put a draft to use."""
        active: Routing = await self.done(ACTIVATE_ROUTING, ActOnRouting(routing_id=routing.id))
        return active

    async def active(self, **over: Any) -> Routing:
        """Write a routing and put it to use."""
        return await self.activate(await self.draft(**over))

    async def order(self, **over: Any) -> ProductionOrder:
        """Let planning say that there is an order."""
        order = builders.production_order(**over)
        await self.say(ProductionOrderCreated(production_order=order))
        return order

    async def say(self, payload: Any, **over: Any) -> Any:
        """Publish an event of this tenant."""
        return await self.harness.publish(payload, tenant_id=self.tenant, **over)

    async def heard(self, payload_type: Any, count: int = 1) -> list[Any]:
        """Wait for payloads of a type."""
        events = await self.harness.events(payload_type, tenant_id=self.tenant, count=count)
        return [event.payload for event in events]

    async def rows(self, statement: str) -> list[dict[str, Any]]:
        """Query as the app role of this tenant."""
        return await self.harness.sql("routing", statement, tenant_id=self.tenant)


@pytest.fixture(scope="session")
async def harness(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(lineside_servers, services=["routing"]) as harness:
        yield harness


@pytest.fixture
async def empty_works(harness: Harness) -> Works:
    return Works(harness, harness.new_tenant())


@pytest.fixture
async def works(empty_works: Works) -> Works:
    await empty_works.furnish()
    return empty_works
