"""Events in: which payload types a durable consumer takes, and what is called for them.

orders = Consumer("planning-orders")

@orders.on_batch(SalesOrderConfirmed)
async def on_sales_order_confirmed(uow, events): ...
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from lineside_chassis.delivery import Delivery
from lineside_chassis.errors import Poison, UnknownVersion
from lineside_chassis.processing import Handled, Item, Outcome
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts import envelope, streams
from lineside_contracts.envelope import Envelope, EventPayload, Received

OnEvent = Callable[[UnitOfWork, Received[Any]], Awaitable[None]]
OnEvents = Callable[[UnitOfWork, list[Received[Any]]], Awaitable[None]]
OnEventT = TypeVar("OnEventT", bound=Callable[..., Awaitable[None]])


@dataclass(frozen=True, slots=True)
class _Route:
    """Payload types and what is called with their events of one batch and tenant."""

    wire_names: frozenset[str]
    run: OnEvents


class Consumer:
    """A durable consumer of business events.

    Attributes:
        name: The durable's name; a constant, since it is a place in the stream.
        stream: The stream it reads.
    """

    def __init__(self, name: str, *, stream: str = streams.EVENTS) -> None:
        self.name = name
        self.stream = stream
        self._types: dict[str, type[EventPayload]] = {}
        self._routes: list[_Route] = []

    @property
    def filter_subjects(self) -> list[str]:
        """The subjects of its payload types, every tenant and aggregate."""
        return sorted({f"{payload.EVENT.name}.*.*" for payload in self._types.values()})

    @property
    def payload_types(self) -> tuple[type[EventPayload], ...]:
        """What it takes."""
        return tuple(self._types.values())

    def on(self, *payload_types: type[EventPayload]) -> Callable[[OnEventT], OnEventT]:
        """Call `handler(uow, event)` for each event, in stream order.

        What one call registers is written before the next one loads. Events it says carry the
        event's correlation, actor and cause.
        """

        def register(handler: OnEventT) -> OnEventT:
            self._register(payload_types, _one_by_one(handler))
            return handler

        return register

    def on_batch(
        self, *payload_types: type[EventPayload], reduce: bool = True
    ) -> Callable[[OnEventT], OnEventT]:
        """Call `handler(uow, events)` once per tenant and batch, in stream order.

        Events it says name their cause, one of these.

        Args:
            payload_types: What it takes.
            reduce: Keep only the newest event of each aggregate.
        """

        def register(handler: OnEventT) -> OnEventT:
            self._register(payload_types, _together(handler, reduce=reduce))
            return handler

        return register

    def read(self, delivery: Delivery) -> Item | None:
        """Decode an event; None when no handler takes its type.

        Raises:
            Poison: It is no valid event.
            UnknownVersion: Its type is known, its schema version is not.
        """
        about = _envelope(delivery)
        payload_type = self._types.get(about.event_type)
        if payload_type is None:
            self._refuse_unknown_version(about.event_type)
            return None
        payload = envelope.decode_payload(payload_type, delivery.body)
        return Item(
            delivery=delivery,
            key=about.event_id,
            context=Context.of_event(about),
            content=Received(envelope=about, payload=payload),
        )

    async def apply(self, uow: UnitOfWork, items: Sequence[Item]) -> Mapping[UUID, Outcome]:
        """Run every handler over its events, in the order they were registered."""
        for route in self._routes:
            events: list[Received[Any]] = [
                item.content
                for item in items
                if item.content.envelope.event_type in route.wire_names
            ]
            if events:
                await uow.flush()
                await route.run(uow, events)
        return {}

    async def reply(self, item: Item, outcome: Handled) -> None:
        """Events are not answered."""

    def _register(self, payload_types: Sequence[type[EventPayload]], run: OnEvents) -> None:
        names = frozenset(payload.EVENT.wire_name for payload in payload_types)
        self._types |= {payload.EVENT.wire_name: payload for payload in payload_types}
        self._routes.append(_Route(names, run))

    def _refuse_unknown_version(self, event_type: str) -> None:
        name, _, _version = event_type.rpartition(".v")
        if any(payload.EVENT.name == name for payload in self._types.values()):
            raise UnknownVersion(f"{self.name} does not know {event_type}")


def _envelope(delivery: Delivery) -> Envelope:
    """Read the headers; who may publish is decided by subject, so the subject must agree."""
    try:
        about = Envelope.from_headers(delivery.headers)
    except ValueError as error:
        raise Poison(f"no valid event headers: {error}") from error
    if not delivery.subject.endswith(f".{about.tenant_id}.{about.aggregate_id}"):
        raise Poison(f"the headers are not of {delivery.subject}")
    return about


def _one_by_one(handler: OnEvent) -> OnEvents:
    async def run(uow: UnitOfWork, events: list[Received[Any]]) -> None:
        for event in events:
            await uow.flush()
            uow.cause = event.envelope
            await handler(uow, event)
        uow.cause = None

    return run


def _together(handler: OnEvents, *, reduce: bool) -> OnEvents:
    async def run(uow: UnitOfWork, events: list[Received[Any]]) -> None:
        taken = newest_per_aggregate(events) if reduce else events
        uow.is_batch = len(taken) > 1
        uow.cause = None if uow.is_batch else taken[0].envelope
        await handler(uow, taken)
        uow.cause, uow.is_batch = None, False

    return run


def newest_per_aggregate(events: Sequence[Received[Any]]) -> list[Received[Any]]:
    """Keep the highest version of each aggregate, in stream order.

    Aggregates of different kinds may share an id: an order, its expansion and its materials do.
    """
    newest: dict[tuple[str, UUID], int] = {}
    for position, event in enumerate(events):
        aggregate = event.payload.EVENT.aggregate, event.envelope.aggregate_id
        held = newest.get(aggregate)
        version = event.envelope.aggregate_version
        if held is None or version >= events[held].envelope.aggregate_version:
            newest[aggregate] = position
    return [events[position] for position in sorted(newest.values())]
