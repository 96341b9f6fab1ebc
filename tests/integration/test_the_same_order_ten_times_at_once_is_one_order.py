"""Everything may come twice and in any order: there is one order, and it ends where it should."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import nats
import pytest

from lineside_contracts.planning import ProductionOrderCreated
from lineside_contracts.sales import SalesOrderAnswer
from lineside_contracts.shopfloor import WorkOrderCreated
from lineside_testkit import journeys, recording, states
from lineside_testkit.builders import BOOK
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import AMENDED, CANCELLED, CONFIRMED, Journey
from lineside_testkit.recording import Recorded
from lineside_testkit.servers import Servers

SINKS = ("shopfloor", "predictions")
HEARD = ("sales.order", "production_order", "routing")
"""Families whose events the sinks hear and do not say."""


async def test_ten_at_once_are_one(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    document = journey.document("SO-1")
    await asyncio.gather(*(journey.confirm(document) for _ in range(10)))
    await chain.events(WorkOrderCreated, tenant_id=journey.tenant_id, count=2)
    await chain.settle()
    assert len(await chain.events(ProductionOrderCreated, tenant_id=journey.tenant_id)) == 1
    assert len(await chain.events(WorkOrderCreated, tenant_id=journey.tenant_id)) == 2


async def test_the_same_order_later_changes_nothing(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    document = journey.document("SO-1")
    await journey.confirm(document)
    await chain.events(WorkOrderCreated, tenant_id=journey.tenant_id, count=2)
    await chain.settle()
    before = await states.of_tenant(chain, journey.tenant_id)
    said = len(await recording.record(await chain.jetstream(), journey.tenant_id))
    await journey.confirm(document)
    await chain.settle()
    states.insist_equal(before, await states.of_tenant(chain, journey.tenant_id))
    assert len(await recording.record(await chain.jetstream(), journey.tenant_id)) == said


async def test_every_sender_of_the_same_order_gets_the_same_answer(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    body = json.dumps(journey.document("SO-1")).encode()
    client = await nats.connect(journeys.plain_address(chain))
    replies = await client.subscribe("sales.reply.erp.>")
    for number in range(3):
        headers = {"Lineside-Reply-To": f"sales.reply.erp.{number}"}
        await client.jetstream().publish(CONFIRMED, body, headers=headers)
    texts = [(await replies.next_msg(timeout=10)).data for _ in range(3)]
    await client.close()
    answers = [SalesOrderAnswer.model_validate_json(text) for text in texts]
    assert len({answer.sales_order_id for answer in answers}) == 1
    assert sorted(answer.status for answer in answers) == ["accepted", "duplicate", "duplicate"]


async def _confirm_and_amend(journey: Journey) -> None:
    """Twelve orders, some of which grow or shrink before work begins."""
    await journey.confirm(*(journey.document(f"SO-{n:02}") for n in range(12)))
    await journey.harness.settle(timeout=60)
    for revision, quantity, numbers in ((2, "15000", range(6)), (3, "4000", range(3))):
        lines = [journey.line(quantity=quantity)]
        amended = [journey.document(f"SO-{n:02}", revision=revision, lines=lines) for n in numbers]
        await journey.confirm(*amended, subject=AMENDED)
        await journey.harness.settle(timeout=60)


async def _live(journey: Journey) -> None:
    """Orders that are confirmed, amended, given another line, and cancelled."""
    await _confirm_and_amend(journey)
    more = [journey.line(), journey.line(2, product_code=BOOK, quantity="500")]
    longer = [journey.document(f"SO-{n:02}", revision=2, lines=more) for n in range(6, 9)]
    await journey.confirm(*longer, subject=AMENDED)
    gone = [{**journey.document(f"SO-{n:02}"), "revision": 2} for n in range(9, 12)]
    await journey.confirm(*gone, subject=CANCELLED)
    await journey.harness.settle(timeout=60)


async def test_a_life_delivered_twice_and_shuffled_ends_like_a_calm_one(chain: Harness) -> None:
    calm, doubled = await Journey.begin(chain), await Journey.begin(chain)
    await _live(calm)
    async with recording.doubling(await chain.jetstream()) as doubler:
        await _live(doubled)
    await chain.settle(timeout=60)
    assert doubler.copied > 100
    ends = [await states.of_tenant(chain, journey.tenant_id) for journey in (calm, doubled)]
    states.insist_equal(*ends)
    assert await chain.dead_letters(tenant_id=doubled.tenant_id) == []


async def test_yesterdays_events_said_again_change_nothing(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    await _live(journey)
    before = await states.of_tenant(chain, journey.tenant_id)
    js = await chain.jetstream()
    said = await recording.record(js, journey.tenant_id)
    await recording.say_again(js, recording.shuffled(said, seed=7))
    await chain.settle(timeout=60)
    states.insist_equal(before, await states.of_tenant(chain, journey.tenant_id))
    assert len(await recording.record(js, journey.tenant_id)) == 2 * len(said)


@pytest.fixture
async def sinks(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(lineside_servers, services=SINKS) as harness:
        yield harness


async def _feed(sinks: Harness, heard: Sequence[Recorded]) -> None:
    js = await sinks.jetstream()
    for message in heard:
        await js.publish(message.subject, message.body, headers=message.headers)
    await sinks.settle(timeout=60)


def _for(tenant_id: UUID, messages: Sequence[Recorded], *, other: UUID) -> list[Recorded]:
    """The same story, told of another tenant."""
    return [
        Recorded(
            subject=message.subject.replace(str(other), str(tenant_id)),
            headers={
                name: value.replace(str(other), str(tenant_id))
                for name, value in message.headers.items()
            }
            | {"Nats-Msg-Id": f"{tenant_id}:{message.sequence}"},
            body=message.body,
            sequence=message.sequence,
        )
        for message in messages
    ]


async def _heard(chain: Harness, journey: Journey) -> list[Recorded]:
    """What the sinks would have heard of a journey."""
    return [
        message
        for message in await recording.record(await chain.jetstream(), journey.tenant_id)
        if message.name.rpartition(".")[0] in HEARD
    ]


async def test_first_deliveries_in_any_order_end_alike(chain: Harness, sinks: Harness) -> None:
    journey = await Journey.begin(chain)
    await _confirm_and_amend(journey)
    told = await _heard(chain, journey)
    in_order, in_disorder = sinks.new_tenant(), sinks.new_tenant()
    await _feed(sinks, _for(in_order, told, other=journey.tenant_id))
    mixed = recording.shuffled(told, seed=3)
    await _feed(sinks, _for(in_disorder, mixed, other=journey.tenant_id))
    ends = [await states.of_tenant(sinks, tenant) for tenant in (in_order, in_disorder)]
    states.insist_equal(*ends)
    assert await sinks.dead_letters() == []


async def test_a_cancellation_that_overtakes_its_order_still_cancels(
    chain: Harness, sinks: Harness
) -> None:
    journey = await Journey.begin(chain)
    await _live(journey)
    told = await _heard(chain, journey)
    backwards = sinks.new_tenant()
    await _feed(sinks, _for(backwards, told[::-1], other=journey.tenant_id))
    open_orders = await sinks.sql(
        "shopfloor",
        "SELECT DISTINCT sales_order_number FROM work_orders WHERE status <> 'cancelled'"
        " ORDER BY 1",
        tenant_id=backwards,
    )
    assert [row["sales_order_number"] for row in open_orders] == [f"SO-{n:02}" for n in range(9)]
