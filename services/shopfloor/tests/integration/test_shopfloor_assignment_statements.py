"""What deciding costs, counted as PostgreSQL counts it: for one event as for many."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from prometheus_client import REGISTRY

from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context
from lineside_contracts.envelope import EventPayload
from lineside_contracts.shopfloor import WorkOrderStatusChanged
from lineside_shopfloor.assignment.handlers import events as assignment
from lineside_testkit.events import received
from lineside_testkit.harness import Harness

COUNTED = "shopfloor-assigned"
IDLE, FILLING = 4, 13
"""BEGIN, begin_work, the free lanes, COMMIT; and with lanes to fill: who is named, whose turn, the
free lanes again, the queue, two locks, what holds each of the locked, and the one write."""

Decide = Callable[[Sequence[EventPayload]], Awaitable[int]]


@pytest.fixture
async def decide(harness: Harness, lane_floor: Any) -> AsyncIterator[Decide]:
    await harness.client()
    opened = Database(harness.installation.database("shopfloor").urls["app"], service=COUNTED)

    async def run(payloads: Sequence[EventPayload]) -> int:
        heard: list[Any] = [received(payload, lane_floor.tenant) for payload in payloads]
        context = Context.of_event(heard[0].envelope)
        ids = [event.envelope.event_id for event in heard]
        before = _counted()
        async with opened.consuming(context, consumer="counted", event_ids=ids) as (uow, _):
            uow.is_batch = len(heard) > 1
            await assignment.on_floor(uow, heard)
        return _counted() - before

    yield run
    await opened.close()


def _counted() -> int:
    name = "lineside_sql_statements_total"
    return int(REGISTRY.get_sample_value(name, {"service": COUNTED}) or 0)


@pytest.mark.parametrize("count", [1, 40])
async def test_a_batch_costs_the_same_statements_for_one_event_as_for_many(
    count: int, lane_floor: Any, decide: Decide
) -> None:
    await lane_floor.plant()
    lane_ids = [await lane_floor.lane(f"L{n}") for n in range(count)]
    work = [await lane_floor.released() for _ in range(count)]
    await lane_floor.harness.settle()
    said = [
        WorkOrderStatusChanged(work_order=one, old_status="planned", new_status="released")
        for one in work
    ]
    assert await decide(said) == IDLE
    await lane_floor.harness.sql(
        "shopfloor", "UPDATE plants SET assignment_mode = 'automatic'", tenant_id=lane_floor.tenant
    )
    assert await decide(said) == FILLING
    held = [work_order_id for lane in lane_ids for work_order_id in await lane_floor.on(lane)]
    assert sorted(held) == sorted(one.id for one in work)
    assert await decide(said) == IDLE
