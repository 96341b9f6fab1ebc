"""Rubbish on every subject: it is set aside with its reason, and the neighbours get through."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from lineside_chassis import dead_letters
from lineside_contracts import registry, streams
from lineside_contracts.problems import Fault
from lineside_contracts.sales import SalesOrderRejected
from lineside_testkit import builders, recording
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey
from lineside_testkit.recording import Recorded

STREAMS = (streams.EVENTS, streams.MASTER_DATA)
RUBBISH: Mapping[str, bytes] = {
    "cut off": b'{"production_order": {"id": "0190b5c0-',
    "no JSON": b"\x00\xff\xfe nothing",
    "empty": b"",
    "a list": b"[1, 2, 3]",
    "wrong types": b'{"sales_order": 7, "production_order": [], "expansion": null, "plant": true}',
    "large": b'{"x": "' + b"y" * 300_000 + b'"}',
}


async def _subjects(chain: Harness) -> dict[str, set[str]]:
    """The subjects each durable consumer of events listens to."""
    js = await chain.jetstream()
    return {
        info.config.durable_name: set(
            info.config.filter_subjects or [info.config.filter_subject or ""]
        )
        for stream in STREAMS
        for info in await js.consumers_info(stream)
        if info.config.durable_name
    }


def _headers(journey: Journey, name: str) -> dict[str, str]:
    identity = str(journey.harness.new_tenant())
    return {
        "ce-id": identity,
        "ce-type": f"{name}.v1",
        "ce-tenantid": str(journey.tenant_id),
        "ce-subject": identity,
        "ce-aggregateversion": "1",
        "ce-time": builders.AT.isoformat(),
        "ce-correlationid": identity,
    }


def _without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}


async def _publish_rubbish(journey: Journey, name: str) -> int:
    """Publish every kind of rubbish as an event of a name; tells how many messages."""
    whole = _headers(journey, name)
    messages = [(whole | {"ce-id": str(journey.harness.new_tenant())}, b) for b in RUBBISH.values()]
    headless = [{}, _without(whole, "ce-tenantid"), whole | {"ce-aggregateversion": "first"}]
    messages += [(headers, b"{}") for headers in headless]
    for headers, body in messages:
        subject = f"{name}.{journey.tenant_id}.{journey.harness.new_tenant()}"
        await journey.harness.publish_raw(subject, body, headers)
    return len(messages)


async def _letters(chain: Harness, journey: Journey) -> list[Recorded]:
    """The dead letters of a tenant, by their original subject."""
    every = await recording.record(await chain.jetstream(), stream=streams.DEAD_LETTERS)
    return [letter for letter in every if str(journey.tenant_id) in letter.subject]


async def test_every_consumer_sets_every_kind_of_rubbish_aside(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    listening = await _subjects(chain)
    names = {s.removesuffix(".*.*") for subjects in listening.values() for s in subjects}
    kinds = 0
    for name in sorted(names):
        kinds = await _publish_rubbish(journey, name)
    await journey.confirm(journey.document("SO-1"))
    await journey.work_orders(count=2)
    await chain.settle(timeout=60)
    letters = await _letters(chain, journey)
    found = Counter(letter.headers["Lineside-Dlq-Consumer"] for letter in letters)
    assert found == {consumer: kinds * len(subjects) for consumer, subjects in listening.items()}
    assert {letter.headers["Lineside-Dlq-Reason"] for letter in letters} == {"poison"}
    assert all(letter.headers["Lineside-Dlq-Error"] for letter in letters)


async def test_valid_events_with_absurd_contents_stop_nobody(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    order = builders.production_order(
        product_name="NUL \x00 inside", product_code="GHOST", quantity_ordered="999999999999"
    )
    for event in registry.EVENTS:
        if event.EVENT.state == "production_order" and event.EVENT.verb in {"created", "cancelled"}:
            await chain.publish(
                event.model_validate({"production_order": order}), tenant_id=journey.tenant_id
            )
    expansion = {"expansion": {"id": str(order.id), "version": 1, "order": _order_of(order)}}
    (expanded,) = [e for e in registry.EVENTS if e.EVENT.name == "routing.expanded"]
    await chain.publish(expanded.model_validate(expansion), tenant_id=journey.tenant_id)
    await journey.confirm(journey.document("SO-1"))
    await journey.work_orders(count=2)
    await chain.settle(timeout=60)
    assert {letter.headers["Lineside-Dlq-Reason"] for letter in await _letters(chain, journey)} <= {
        "poison"
    }


def _order_of(order: Any) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(order.model_dump_json())
    return values | {"production_order_id": values["id"], "quantity": values["quantity_ordered"]}


async def _letters_about(chain: Harness, text: str) -> list[Recorded]:
    """Wait for dead letters whose body names something."""
    js = await chain.jetstream()
    for _ in range(100):
        every = await recording.record(js, stream=streams.DEAD_LETTERS)
        letters = [letter for letter in every if text.encode() in letter.body]
        if letters:
            return letters
        await asyncio.sleep(0.2)
    raise AssertionError(f"nothing about {text} was set aside")


async def test_an_unknown_tenants_order_waits_in_the_dead_letters_until_it_is_known(
    chain: Harness,
) -> None:
    stranger = Journey(chain, chain.new_tenant())
    await stranger.confirm(stranger.document("SO-1"))
    letters = await _letters_about(chain, str(stranger.tenant_id))
    (letter,) = letters
    assert letter.headers["Lineside-Dlq-Consumer"] == "sales-bridge-ingress"
    assert str(stranger.tenant_id) in letter.headers["Lineside-Dlq-Error"]
    await stranger.open_plant()
    js = await chain.jetstream()
    await dead_letters.redrive(js, letter.sequence)
    await stranger.work_orders(count=2)
    left = await recording.record(js, stream=streams.DEAD_LETTERS)
    assert letter.sequence not in {other.sequence for other in left}


async def test_rubbish_on_the_ingress_is_refused_by_name_or_set_aside(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    bound = f"sales.order.confirmed.{journey.tenant_id}"
    for body in RUBBISH.values():
        await chain.publish_raw(bound, body)
    await chain.publish_raw("sales.order.confirmed.nobody", b"{}")
    await chain.publish_raw("sales.order.cancelled", b"{}")
    await chain.publish_raw("sales.order.amended", b"[" * 100_000)
    await journey.confirm(journey.document("SO-1"))
    await journey.work_orders(count=2)
    await chain.settle(timeout=60)
    rejected = await chain.events(
        SalesOrderRejected, tenant_id=journey.tenant_id, count=len(RUBBISH)
    )
    assert len(rejected) == len(RUBBISH)
    assert all(_is_understandable(event.payload.rejected_order.faults) for event in rejected)


def _is_understandable(faults: tuple[Fault, ...]) -> bool:
    return bool(faults) and all(len(fault.message) > 10 for fault in faults)
