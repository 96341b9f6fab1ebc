"""Foreign messages: classified, handled, answered, set aside."""

import asyncio
from typing import Any

from lineside_chassis.ingress import RawConsumer, RawItem
from lineside_chassis.processing import Handled, Outcome, TryLater
from lineside_contracts import streams


def bridge(rig: Any, *, later: Any = ()) -> Any:
    waiting = list(later)
    seen = []

    def classify(message: Any) -> Any:
        if not message.body.startswith(b"{"):
            return "not JSON"
        return RawItem(rig.tenant, message.message_key, message, content=message.body.decode())

    async def handle(uow: Any, items: Any) -> Any:
        outcomes: list[Outcome] = []
        for item in items:
            seen.append(item.message)
            if item.content in waiting:
                waiting.remove(item.content)
                outcomes.append(TryLater(0.1))
                continue
            row = {"id": uow.new_id(), "version": 1, "quantity": 1, "note": item.content}
            uow.insert(rig.things, [row])
            outcomes.append(Handled(b"accepted"))
        return outcomes

    consumer = RawConsumer(
        "trial-ingress",
        stream=streams.SALES_INGRESS,
        filter_subjects=["sales.order.confirmed", "sales.order.confirmed.*"],
        classify=classify,
        handle=handle,
    )
    return consumer, seen


async def test_a_message_is_handled_once_and_answered(rig: Any, until: Any) -> None:
    consumer, seen = bridge(rig)
    await rig.start(consumers=[consumer])
    replies = []

    async def hear(message: Any) -> None:
        replies.append((message.subject, message.data))

    for subject in ("sales.reply.shop", "elsewhere.shop"):
        await rig.client.subscribe(subject, cb=hear)
    js = rig.client.jetstream()
    for reply in ("sales.reply.shop", "elsewhere.shop"):
        headers = {"Lineside-Reply-To": reply}
        await js.publish("sales.order.confirmed", b"{}", headers=headers)

    async def both() -> Any:
        return await rig.rows("SELECT count(*) FROM things") == [(2,)]

    await until(both)
    await asyncio.sleep(0.1)
    assert replies == [("sales.reply.shop", b"accepted")]
    assert seen[0].subject == "sales.order.confirmed"
    assert seen[0].age_seconds < 5


async def test_what_is_for_later_comes_again_and_its_neighbours_do_not_wait(
    rig: Any, until: Any
) -> None:
    consumer, seen = bridge(rig, later=["{later}"])
    js = rig.client.jetstream()
    for body in (b"{later}", b"{now}", b"broken"):
        await js.publish("sales.order.confirmed", body, headers={"Nats-Msg-Id": body.decode()})
    await rig.start(consumers=[consumer])

    async def both() -> Any:
        return await rig.rows("SELECT count(*) FROM things") == [(2,)]

    await until(both)
    assert await rig.rows("SELECT note FROM things ORDER BY id") == [("{now}",), ("{later}",)]
    assert await rig.rows("SELECT count(*) FROM inbox") == [(2,)]
    assert seen[-1].delivered_count == 2
    (letter,) = await rig.messages(streams.DEAD_LETTERS)
    assert letter.headers["Lineside-Dlq-Error"] == "Poison: not JSON"
    assert letter.subject == "dlq.trial-ingress.sales.order.confirmed"
