"""Events through a running service: once in effect, in order, with the right verdict."""

import asyncio
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from lineside_chassis import dead_letters, metrics
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.consumers import Consumer
from lineside_chassis.errors import StaleWrite, Transient
from lineside_contracts import streams
from lineside_contracts.envelope import Envelope


def copier(rig: Any, name: Any = "trial-things", **options: Any) -> Any:
    """A consumer that stores things and says that it copied them."""
    consumer = Consumer(name)

    @consumer.on_batch(rig.made, **options)
    async def on_made(uow: Any, events: Any) -> None:
        rows = [
            {
                "id": event.payload.thing.id,
                "version": event.payload.thing.version,
                "quantity": event.payload.thing.quantity,
                "note": event.payload.thing.note,
            }
            for event in events
        ]
        uow.upsert(rig.things, rows, key=("id",), newer_by="version")
        for event in events:
            uow.emit(rig.copied(thing=event.payload.thing), caused_by=event.envelope)

    return consumer


async def counts(rig: Any, table: Any = "things") -> Any:
    return (await rig.rows(f"SELECT count(*) FROM {table}"))[0][0]  # noqa: S608 -- a test's own table


async def settled(rig: Any, name: Any = "trial-things", stream: Any = streams.EVENTS) -> Any:
    info = await rig.client.jetstream().consumer_info(stream, name)
    return info.num_pending == 0 and info.num_ack_pending == 0


async def test_an_event_goes_through_and_says_what_it_caused(rig: Any, until: Any) -> None:
    await rig.start(consumers=[copier(rig)])
    cause = await rig.publish(rig.event(quantity=Decimal("2.5"), note="ö"))
    copies = await until(lambda: copied(rig))
    assert await rig.rows("SELECT quantity, note FROM things") == [(Decimal("2.5"), "ö")]
    headers = copies[0].headers
    assert headers["ce-correlationid"] == str(cause.correlation_id)
    assert headers["ce-causationid"] == str(cause.event_id)
    assert headers["ce-actorid"] == "u1"
    assert headers["Nats-Msg-Id"] == headers["ce-id"]
    assert copies[0].subject == f"production_order.created.{rig.tenant}.{cause.aggregate_id}"
    await until(lambda: settled(rig))
    assert await counts(rig, "outbox") == 0


async def copied(rig: Any) -> Any:
    messages = await rig.messages(streams.EVENTS)
    return [m for m in messages if m.subject.startswith("production_order.created")]


async def test_the_same_message_twice_has_one_effect(rig: Any, until: Any) -> None:
    await rig.start(consumers=[copier(rig, reduce=False)])
    event = rig.event()
    first = await rig.publish(event)
    await until(lambda: copied(rig))
    for number in range(3):
        await rig.publish(event, event_id=first.event_id, Nats_Msg_Id=f"again-{number}")
    await until(lambda: settled(rig))
    await asyncio.sleep(0.1)
    assert len(await copied(rig)) == 1


async def test_twice_in_one_batch_has_one_effect(rig: Any, until: Any) -> None:
    event = rig.event()
    first = await rig.publish(event)
    await rig.publish(event, event_id=first.event_id, Nats_Msg_Id="again")
    await rig.start(consumers=[copier(rig, reduce=False)])
    await until(lambda: copied(rig))
    await until(lambda: settled(rig))
    await asyncio.sleep(0.1)
    assert len(await copied(rig)) == 1


async def test_poison_does_not_fail_its_neighbours(rig: Any, until: Any) -> None:
    await rig.publish(rig.event())
    await rig.publish(rig.event(), body=b'{"thing": {"id": "no"}}')
    await rig.publish(rig.event(), ce_tenantid="nobody")
    await rig.publish(rig.event())
    await rig.start(consumers=[copier(rig)])
    letters = await until(lambda: rig.messages(streams.DEAD_LETTERS))
    await until(lambda: settled(rig))
    letters = await rig.messages(streams.DEAD_LETTERS)
    assert await counts(rig) == 2
    assert len(letters) == 2
    assert {letter.headers["Lineside-Dlq-Reason"] for letter in letters} == {"poison"}
    assert letters[0].subject.startswith("dlq.trial-things.work_order.created.")
    assert letters[0].headers["Nats-Msg-Id"] == "dlq:trial-things:EVENTS:2"
    assert letters[0].headers["ce-type"] == "work_order.created.v1"


async def test_each_tenant_has_its_own_transaction(rig: Any, until: Any) -> None:
    other = SYSTEM_CLOCK.new_id()
    for tenant in (rig.tenant, other, rig.tenant):
        await rig.publish(rig.event(), tenant=tenant)
    await rig.start(consumers=[copier(rig)])
    await until(lambda: settled(rig))
    found = await rig.rows("SELECT tenant_id, count(*) FROM things GROUP BY 1 ORDER BY 2")
    assert found == [(other, 1), (rig.tenant, 2)]


async def test_a_bug_delays_only_its_own_event_and_ends_as_a_dead_letter(
    rig: Any, until: Any
) -> None:
    consumer = Consumer("trial-things")
    seen = []

    @consumer.on(rig.made)
    async def on_made(uow: Any, event: Any) -> None:
        seen.append(event.payload.thing.note)
        if event.payload.thing.note == "bad":
            raise KeyError("a bug")
        thing = event.payload.thing
        row = {"id": thing.id, "version": 1, "quantity": thing.quantity}
        uow.insert(rig.things, [row])

    for note in ("good", "bad", "good"):
        await rig.publish(rig.event(note=note))
    await rig.start(consumers=[consumer])
    (letter,) = await until(lambda: rig.messages(streams.DEAD_LETTERS))
    assert await counts(rig) == 2
    assert letter.headers["Lineside-Dlq-Reason"] == "bug"
    assert letter.headers["Lineside-Dlq-Error"] == "KeyError: 'a bug'"
    assert letter.headers["Lineside-Dlq-Attempts"] == "3"
    assert await counts(rig, "inbox") == 2


async def test_a_redriven_dead_letter_is_handled_once(rig: Any, until: Any) -> None:
    broken = [True]
    consumer = Consumer("trial-things")

    @consumer.on(rig.made)
    async def on_made(uow: Any, event: Any) -> None:
        if broken[0]:
            raise KeyError("a bug")
        thing = event.payload.thing
        uow.insert(rig.things, [{"id": thing.id, "version": 1, "quantity": thing.quantity}])

    await rig.start(consumers=[consumer])
    about = await rig.publish(rig.event())
    (letter,) = await until(lambda: rig.messages(streams.DEAD_LETTERS))
    broken[0] = False
    await dead_letters.redrive(rig.client.jetstream(), letter.seq)
    await until(lambda: rig.rows("SELECT 1 FROM things"))
    await until(lambda: settled(rig, "trial-things-redrive", streams.REDRIVE))
    assert await rig.messages(streams.DEAD_LETTERS) == []
    assert await rig.messages(streams.REDRIVE) == []
    assert await rig.rows("SELECT event_id FROM inbox") == [(about.event_id,)]


async def test_an_unknown_schema_version_is_tried_for_a_while(rig: Any, until: Any) -> None:
    await rig.start(consumers=[copier(rig)])
    await rig.publish(rig.event(), ce_type="work_order.created.v9")
    (letter,) = await until(lambda: rig.messages(streams.DEAD_LETTERS))
    assert letter.headers["Lineside-Dlq-Reason"] == "unknown_version"


async def test_something_away_pauses_without_counting(rig: Any, until: Any) -> None:
    tries = []
    consumer = Consumer("trial-things")

    @consumer.on(rig.made)
    async def on_made(uow: Any, event: Any) -> None:
        tries.append(event.envelope.event_id)
        if len(tries) < 6:
            raise Transient("somebody is away")
        thing = event.payload.thing
        uow.insert(rig.things, [{"id": thing.id, "version": 1, "quantity": thing.quantity}])

    await rig.start(consumers=[consumer])
    await rig.publish(rig.event())
    await until(lambda: rig.rows("SELECT 1 FROM things"))
    assert await rig.messages(streams.DEAD_LETTERS) == []
    await until(lambda: settled(rig))


async def test_a_lost_lock_is_tried_again_at_once(rig: Any, until: Any) -> None:
    tries = []
    consumer = Consumer("trial-things")

    @consumer.on(rig.made)
    async def on_made(uow: Any, event: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise StaleWrite("somebody was faster")
        thing = event.payload.thing
        uow.insert(rig.things, [{"id": thing.id, "version": 1, "quantity": thing.quantity}])

    await rig.start(consumers=[consumer])
    await rig.publish(rig.event())
    await until(lambda: rig.rows("SELECT 1 FROM things"))
    assert len(tries) == 3


async def test_a_killed_connection_loses_nothing(rig: Any, until: Any) -> None:
    await rig.start(consumers=[copier(rig)])
    for number in range(40):
        await rig.publish(rig.event())
        if number % 10 == 5:
            await rig.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE starts_with(application_name, 'lineside-')"
            )

    async def all_copied() -> Any:
        return len(await copied(rig)) == 40

    await until(all_copied)
    assert await counts(rig) == 40
    assert await rig.messages(streams.DEAD_LETTERS) == []


async def test_the_newest_of_an_aggregate_is_handled_and_order_is_kept(
    rig: Any, until: Any
) -> None:
    orders = []
    consumer = Consumer("trial-things")

    @consumer.on_batch(rig.made, rig.moved)
    async def newest(uow: Any, events: Any) -> None:
        orders.append([(e.payload.thing.note, e.payload.thing.version) for e in events])

    first, second = SYSTEM_CLOCK.new_id(), SYSTEM_CLOCK.new_id()
    await rig.publish(rig.event(thing_id=first, note="a", version=1))
    await rig.publish(rig.event(thing_id=second, note="b", version=1))
    await rig.publish(rig.moved(thing=rig.event(thing_id=first, note="a", version=3).thing))
    await rig.publish(rig.moved(thing=rig.event(thing_id=first, note="a", version=2).thing))
    await rig.start(consumers=[consumer])
    await until(lambda: settled(rig))
    assert orders == [[("b", 1), ("a", 3)]]


async def test_what_a_batch_says_without_a_cause_is_said_event_by_event(
    rig: Any, until: Any
) -> None:
    sizes = []
    consumer = Consumer("trial-things")

    @consumer.on_batch(rig.made)
    async def careless(uow: Any, events: Any) -> None:
        sizes.append(len(events))
        for event in events:
            uow.emit(rig.copied(thing=event.payload.thing))

    causes = [await rig.publish(rig.event()) for _ in range(3)]
    await rig.start(consumers=[consumer])
    await until(lambda: settled(rig))
    assert sizes == [3, 1, 1, 1]

    async def copies() -> Any:
        found = [Envelope.from_headers(m.headers) for m in await rig.messages(streams.EVENTS)]
        said = [about for about in found if about.event_type == rig.copied.EVENT.wire_name]
        return said if len(said) == len(causes) else None

    copied = [(about.causation_id, about.correlation_id) for about in await until(copies)]
    assert copied == [(cause.event_id, cause.correlation_id) for cause in causes]


async def test_two_replicas_share_the_work_and_order_per_aggregate_holds(
    rig: Any, until: Any
) -> None:
    handled = []

    def consumer() -> Consumer:
        made: Consumer = copier(rig)

        @made.on(rig.made)
        async def on_made(uow: Any, event: Any) -> None:
            handled.append(event.envelope.event_id)

        return made

    for _ in range(2):
        await rig.start(consumers=[consumer()])
    ids = [SYSTEM_CLOCK.new_id() for _ in range(20)]
    for version in range(1, 11):
        for thing_id in ids:
            await rig.publish(rig.event(thing_id=thing_id, version=version))
    await until(lambda: settled(rig))
    assert await rig.rows("SELECT DISTINCT version FROM things") == [(10,)]
    assert await counts(rig) == 20
    assert len(set(handled)) == 200
    assert await counts(rig, "inbox") == 200


async def test_an_event_nobody_here_takes_is_passed_over(rig: Any, until: Any) -> None:
    await rig.start(consumers=[copier(rig)])
    await rig.publish(rig.event(), ce_type="work_order.other.v1")
    await until(lambda: settled(rig))
    assert await counts(rig) == 0
    assert await rig.messages(streams.DEAD_LETTERS) == []


async def test_a_text_postgres_cannot_hold_is_poison(rig: Any, until: Any) -> None:
    await rig.start(consumers=[copier(rig)])
    await rig.publish(rig.event(note="a\x00b"))
    (letter,) = await until(lambda: rig.messages(streams.DEAD_LETTERS))
    assert letter.headers["Lineside-Dlq-Reason"] == "poison"


async def test_stopping_finishes_the_batch_in_hand(rig: Any, until: Any) -> None:
    begun = asyncio.Event()
    consumer = Consumer("trial-things")

    @consumer.on(rig.made)
    async def on_made(uow: Any, event: Any) -> None:
        begun.set()
        await asyncio.sleep(0.5)
        thing = event.payload.thing
        uow.insert(rig.things, [{"id": thing.id, "version": 1, "quantity": thing.quantity}])
        uow.emit(rig.copied(thing=thing))

    await rig.start(consumers=[consumer])
    await rig.publish(rig.event())
    await begun.wait()
    await rig.stop()
    assert await counts(rig) == 1
    assert await counts(rig, "outbox") == 0
    assert len(await copied(rig)) == 1


async def test_a_broker_that_dies_and_returns_is_consumed_again(
    rig: Any, until: Any, broker: Any
) -> None:
    await rig.start(consumers=[copier(rig)])
    await rig.publish(rig.event())
    await until(lambda: copied(rig))
    broker.kill()
    await asyncio.sleep(0.3)
    broker.start()

    async def reconnected() -> bool:
        return bool(rig.client.is_connected)

    await until(reconnected)
    await rig.publish(rig.event())

    async def both() -> bool:
        return len(await copied(rig)) == 2

    await until(both, 20)
    assert await counts(rig) == 2


async def test_only_a_redrive_may_say_that_its_subject_was_another(rig: Any, until: Any) -> None:
    await rig.start(consumers=[copier(rig)])
    stranger, event = SYSTEM_CLOCK.new_id(), rig.event()
    forged = f"work_order.created.{stranger}.{event.thing.id}"
    await rig.publish(event, ce_tenantid=str(stranger), **{"Lineside-Dlq-Subject": forged})
    (letter,) = await until(lambda: rig.messages(streams.DEAD_LETTERS))
    assert letter.headers["Lineside-Dlq-Reason"] == "poison"
    assert await counts(rig) == 0


async def test_each_event_sees_what_the_one_before_it_wrote(rig: Any, until: Any) -> None:
    consumer = Consumer("trial-things")
    seen = []

    @consumer.on(rig.made)
    async def on_made(uow: Any, event: Any) -> None:
        thing = event.payload.thing
        found = (await uow.connection.execute(select(rig.things.c.version))).all()
        seen.append((uow.actor.name, [row.version for row in found]))
        if thing.version == 1:
            uow.insert(rig.things, [{"id": thing.id, "version": 1, "quantity": thing.quantity}])
        else:
            change = {"id": thing.id, "version": thing.version}
            uow.update(rig.things, [change], expect_version=True)

    thing = SYSTEM_CLOCK.new_id()
    for version in (1, 2, 3):
        await rig.publish(rig.event(thing_id=thing, version=version))
    await rig.start(consumers=[consumer])
    await until(lambda: settled(rig))
    assert seen == [("Jürgen", []), ("Jürgen", [1]), ("Jürgen", [2])]
    assert await rig.rows("SELECT version FROM things") == [(3,)]


async def test_families_of_one_batch_share_a_transaction(rig: Any, until: Any) -> None:
    consumer = Consumer("trial-things")
    seen: list[Any] = []

    @consumer.on_batch(rig.made)
    async def on_made(uow: Any, events: Any) -> None:
        rows = [{"id": e.payload.thing.id, "version": 1, "quantity": 1} for e in events]
        uow.insert(rig.things, rows)
        seen.append(id(uow))

    @consumer.on_batch(rig.moved)
    async def on_moved(uow: Any, events: Any) -> None:
        found = (await uow.connection.execute(select(rig.things.c.id))).all()
        seen.append((id(uow), len(found)))

    event = rig.event()
    await rig.publish(rig.moved(thing=rig.event(thing_id=event.thing.id, version=2).thing))
    await rig.publish(event)
    await rig.start(consumers=[consumer])
    await until(lambda: settled(rig))
    assert seen == [seen[0], (seen[0], 1)]


async def test_one_event_costs_four_statements_and_two_of_the_relay(rig: Any, until: Any) -> None:
    await rig.start(consumers=[copier(rig)], settings=rig.settings(relay_database_url=""))
    counter = metrics.STATEMENTS.labels("trial")
    before = counter._value.get()  # noqa: SLF001 -- prometheus has no public way
    await rig.publish(rig.event())
    await until(lambda: rig.rows("SELECT 1 FROM outbox"))
    await until(lambda: settled(rig))
    assert counter._value.get() - before == 4  # noqa: SLF001
