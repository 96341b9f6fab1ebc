"""Events outlive releases: yesterday's bodies still work, tomorrow's wait for those who know them.

`data/` holds frozen bodies with nothing but what version 1 has always demanded; they are never
regenerated. A new version of an event gets a file of its own beside the old one.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import pytest

from lineside_chassis import dead_letters
from lineside_chassis.consumers import Consumer
from lineside_contracts import envelope, predictions, registry, shopfloor, streams
from lineside_contracts.envelope import EventPayload, EventType
from lineside_contracts.planning import ProductionOrderCreated, TenantChanged
from lineside_contracts.predictions import ListDeliveryPredictions
from lineside_contracts.routing import RoutingExpanded
from lineside_contracts.sales import SalesOrderConfirmed
from lineside_contracts.shopfloor import ListWorkOrders, WorkOrderCreated
from lineside_predictions import app
from lineside_predictions.handlers import orders as handlers
from lineside_predictions.settings import Settings
from lineside_stack import catalogue
from lineside_testkit import recording
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey
from lineside_testkit.recording import Recorded
from lineside_testkit.servers import Servers

DATA = Path(__file__).parent / "data"
BODIES = {file.stem: file.read_bytes() for file in sorted(DATA.glob("*.json"))}


def _yesterdays(payload_type: type[EventPayload]) -> EventPayload:
    return envelope.decode_payload(payload_type, BODIES[payload_type.EVENT.wire_name])


@pytest.mark.parametrize("wire_name", BODIES)
def test_a_frozen_body_is_still_an_event(wire_name: str) -> None:
    payload_type = registry.BY_WIRE_NAME[wire_name]
    assert _yesterdays(payload_type).state.version >= 1


def test_every_event_has_a_frozen_body() -> None:
    assert registry.BY_WIRE_NAME.keys() == BODIES.keys()


async def test_yesterdays_confirmed_order_becomes_work_orders(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    await chain.publish(_yesterdays(SalesOrderConfirmed), tenant_id=journey.tenant_id)
    (order,) = await journey.production_orders(count=1, status="routed")
    assert (order.sales_order_number, order.sales_revision) == ("SO-1001", 1)
    await journey.work_orders(count=2)


async def test_yesterdays_production_order_is_still_expanded(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    created = _yesterdays(ProductionOrderCreated)
    await chain.publish(created, tenant_id=journey.tenant_id)
    await journey.work_orders(count=2, production_order_id=created.state.id)


async def test_yesterdays_expansion_still_becomes_work_orders_and_a_prediction(
    chain: Harness,
) -> None:
    journey = await Journey.begin(chain, routed=())
    await chain.publish(_yesterdays(RoutingExpanded), tenant_id=journey.tenant_id)
    await chain.events(WorkOrderCreated, tenant_id=journey.tenant_id, count=2)
    await chain.settle()
    page = await journey.granted(
        predictions.LIST_DELIVERY_PREDICTIONS, ListDeliveryPredictions(project_number="SO-1001")
    )
    assert page.items[0].remaining_work_minutes > 0


def _of_tenant(event: EventPayload, tenant_id: UUID) -> EventPayload:
    """A tenant's own registry entry has the tenant's id."""
    if not isinstance(event, TenantChanged):
        return event
    return TenantChanged(tenant=event.tenant.model_copy(update={"id": tenant_id}))


async def test_yesterdays_master_data_still_lets_orders_in(chain: Harness) -> None:
    journey = Journey(chain, chain.new_tenant())
    for wire_name, payload_type in registry.BY_WIRE_NAME.items():
        if wire_name.partition(".")[0] in streams.MASTER_DATA_AGGREGATES:
            event = _of_tenant(_yesterdays(payload_type), journey.tenant_id)
            await chain.publish(event, tenant_id=journey.tenant_id)
    await chain.settle()
    await journey.confirm(journey.document("SO-1"))
    await chain.events(SalesOrderConfirmed, tenant_id=journey.tenant_id)


async def test_no_consumer_stumbles_over_any_of_yesterdays_events(chain: Harness) -> None:
    journey = Journey(chain, chain.new_tenant())
    for payload_type in registry.EVENTS:
        event = _of_tenant(_yesterdays(payload_type), journey.tenant_id)
        await chain.publish(event, tenant_id=journey.tenant_id)
    await chain.settle()
    assert await chain.dead_letters(tenant_id=journey.tenant_id) == []
    page = await journey.granted(shopfloor.LIST_WORK_ORDERS, ListWorkOrders())
    assert page.items


class RoutingExpandedV2(RoutingExpanded):
    """Tomorrow's version of an event."""

    EVENT: ClassVar[EventType] = EventType("routing", "expanded", "expansion", version=2)


@pytest.fixture
async def today(lineside_servers: Servers) -> AsyncIterator[Harness]:
    """Today's release of one service, which soon gives up on what it does not know."""
    settings = {"predictions": {"retry_delays": (0.05, 0.05)}}
    async with Harness.start(
        lineside_servers, services=["predictions"], settings=settings
    ) as harness:
        yield harness


@asynccontextmanager
async def _tomorrows_release(harness: Harness) -> AsyncIterator[None]:
    """Replace the running service by one that knows version 2 as well."""
    (today,) = harness.installation.instances.pop("predictions")
    await today.stop()
    values = harness.installation.settings_of(catalogue.service("predictions"))
    service = app.build(Settings(**values))
    for consumer in service.consumers:
        if isinstance(consumer, Consumer) and consumer.name == handlers.ORDERS_CONSUMER:
            consumer.on_batch(RoutingExpandedV2)(handlers.on_routing_expanded)
    stop = asyncio.Event()
    running = asyncio.create_task(service.run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def _dead_letter(harness: Harness) -> Recorded:
    js = await harness.jetstream()
    for _ in range(100):
        letters = await recording.record(js, stream=streams.DEAD_LETTERS)
        if letters:
            return letters[0]
        await asyncio.sleep(0.1)
    raise AssertionError("nothing was set aside")


async def _has_prediction(harness: Harness, tenant_id: UUID) -> bool:
    request = ListDeliveryPredictions()
    answer = await harness.ask(predictions.LIST_DELIVERY_PREDICTIONS, request, tenant_id=tenant_id)
    return bool(answer.body.items)


async def test_an_unknown_version_waits_for_the_release_that_knows_it(today: Harness) -> None:
    tenant = today.new_tenant()
    tomorrows = RoutingExpandedV2.model_validate_json(BODIES["routing.expanded.v1"])
    await today.publish(tomorrows, tenant_id=tenant)
    letter = await _dead_letter(today)
    assert letter.headers["Lineside-Dlq-Reason"] == "unknown_version"
    assert letter.headers["Lineside-Dlq-Attempts"] == "3"
    assert "routing.expanded.v2" in letter.headers["Lineside-Dlq-Error"]
    assert not await _has_prediction(today, tenant)
    async with _tomorrows_release(today):
        await dead_letters.redrive(await today.jetstream(), letter.sequence)
        await today.settle()
        for _ in range(50):
            if await _has_prediction(today, tenant):
                break
            await asyncio.sleep(0.1)
        assert await _has_prediction(today, tenant)
    assert await today.dead_letters() == []
