"""Orders without a routing wait for one, and come back by themselves."""

import asyncio
from typing import Any

from lineside_contracts.planning import (
    ProductChanged,
    ProductionOrder,
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCreated,
)
from lineside_contracts.routing import RoutingExpanded, RoutingFailed, RoutingTemplateActivated
from lineside_testkit import builders


def later(order: ProductionOrder, **changes: Any) -> ProductionOrder:
    return ProductionOrder.model_validate({**order.model_dump(), "version": 2, **changes})


async def test_an_order_without_routing_comes_back_when_one_is_activated(works: Any) -> None:
    order = await works.order()
    (failed,) = await works.heard(RoutingFailed)
    assert [fault.code for fault in failed.expansion.faults] == ["routing_missing"]
    assert builders.BROCHURE in failed.expansion.faults[0].message
    assert failed.expansion.version == 1
    await works.active()
    (said,) = await works.heard(RoutingExpanded)
    assert (said.expansion.id, said.expansion.version) == (order.id, 2)
    assert len(said.expansion.runs) == 4


async def test_an_order_that_comes_back_keeps_its_own_correlation(works: Any) -> None:
    order = builders.production_order()
    asked = await works.say(ProductionOrderCreated(production_order=order))
    (failed,) = await works.harness.events(RoutingFailed, tenant_id=works.tenant)
    await works.active()
    (activated,) = await works.harness.events(RoutingTemplateActivated, tenant_id=works.tenant)
    (said,) = await works.harness.events(RoutingExpanded, tenant_id=works.tenant)
    assert failed.envelope.correlation_id == asked.correlation_id
    assert said.envelope.correlation_id == asked.correlation_id
    assert said.envelope.causation_id == activated.envelope.event_id
    assert activated.envelope.correlation_id != asked.correlation_id
    rows = await works.rows("SELECT waiting_order, waiting_correlation_id FROM expansions")
    assert rows == [{"waiting_order": None, "waiting_correlation_id": None}]


async def test_an_order_that_changed_while_it_waited_has_the_correlation_of_its_change(
    works: Any,
) -> None:
    order = await works.order()
    await works.heard(RoutingFailed)
    urgent = later(order, priority="urgent")
    change = ProductionOrderChanged(production_order=urgent, changed_fields=("priority",))
    asked = await works.say(change)
    await works.harness.settle()
    await works.active()
    (said,) = await works.harness.events(RoutingExpanded, tenant_id=works.tenant)
    assert said.envelope.correlation_id == asked.correlation_id


async def test_a_routing_of_the_category_brings_orders_back(works: Any) -> None:
    await works.order()
    await works.order(product_code="POSTER")
    await works.order(product_code="DRILL", product_category="TOOLS")
    await works.heard(RoutingFailed, 3)
    await works.active(product_code=None, product_category="PRINT")
    said = await works.heard(RoutingExpanded, 2)
    await works.harness.settle()
    assert {s.expansion.order.product_code for s in said} == {builders.BROCHURE, "POSTER"}
    assert len(await works.heard(RoutingFailed, 3)) == 3


async def test_the_products_own_routing_comes_before_its_categorys(works: Any) -> None:
    await works.active(routing_code="SHARED", product_code=None, product_category="PRINT")
    own = await works.active()
    await works.order()
    (said,) = await works.heard(RoutingExpanded)
    assert said.expansion.routing_id == own.id


async def test_a_product_that_gets_a_category_finds_its_routing(works: Any) -> None:
    await works.active(product_code=None, product_category="PRINT")
    await works.order(product_category=None)
    await works.heard(RoutingFailed)
    await works.say(ProductChanged(product=builders.product()))
    (said,) = await works.heard(RoutingExpanded)
    assert said.expansion.version == 2


async def test_more_orders_than_a_chunk_holds_all_come_back(works: Any) -> None:
    count = 230
    await asyncio.gather(*(works.order() for _ in range(count)))
    await works.heard(RoutingFailed, count)
    await works.active()
    said = await works.heard(RoutingExpanded, count)
    await works.harness.settle()
    assert len({s.expansion.id for s in said}) == count
    assert len(await works.heard(RoutingExpanded, count)) == count


async def test_an_order_that_comes_while_its_template_is_activated_is_never_left_behind(
    works: Any,
) -> None:
    for number in range(8):
        product = f"PRODUCT-{number}"
        draft = await works.draft(routing_code=f"R-{number}", product_code=product)
        await asyncio.gather(
            works.activate(draft), *(works.order(product_code=product) for _ in range(3))
        )
    await works.harness.settle()
    rows = await works.rows("SELECT status, count(*) AS n FROM expansions GROUP BY status")
    assert rows == [{"status": "expanded", "n": 24}]


async def test_a_cancelled_order_does_not_come_back(works: Any) -> None:
    order = await works.order()
    await works.heard(RoutingFailed)
    gone = later(order, status="cancelled")
    await works.say(ProductionOrderCancelled(production_order=gone))
    await works.harness.settle()
    await works.active()
    await works.harness.settle()
    assert await works.harness.events(RoutingExpanded, tenant_id=works.tenant, count=0) == []


async def test_a_failure_is_announced_once_for_the_same_reasons(works: Any) -> None:
    order = await works.order()
    await works.heard(RoutingFailed)
    urgent = later(order, priority="urgent")
    await works.say(ProductionOrderChanged(production_order=urgent, changed_fields=("priority",)))
    await works.harness.settle()
    assert len(await works.heard(RoutingFailed)) == 1
    await works.active()
    (said,) = await works.heard(RoutingExpanded)
    assert said.expansion.order.priority == "urgent"
