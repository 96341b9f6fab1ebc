"""A sales system as outsiders write one: plain nats-py, JSON, one subject."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import nats
from nats.aio.client import Client

SUBJECT = "sales.order.confirmed"
REPLY_HEADER = "Lineside-Reply-To"
ANSWER_SECONDS = 30.0
"""The bridge waits some seconds for a product that may still arrive before it refuses."""

Line = tuple[str, str, str, int]
"""Product, quantity, unit, days until it is due."""


@dataclass(frozen=True)
class DemoOrder:
    """An order of the demonstration, and what it shows."""

    number: str
    shows: str
    lines: Sequence[Line]
    priority: str = "medium"
    copies: int = 1
    is_refused: bool = False
    lacks_material: bool = False

    def document(self, *, tenant_id: UUID, now: datetime) -> dict[str, Any]:
        """The order in Lineside's own JSON."""
        return {
            "tenant_id": str(tenant_id),
            "order_number": self.number,
            "revision": 1,
            "confirmed_at": now.isoformat(),
            "customer": {"code": "C-100", "name": "Northwind Publishing"},
            "currency": "EUR",
            "priority": self.priority,
            "lines": [
                {
                    "line_number": number,
                    "product_code": product,
                    "quantity": quantity,
                    "unit": unit,
                    "due_date": (now + timedelta(days=days)).date().isoformat(),
                }
                for number, (product, quantity, unit, days) in enumerate(self.lines, start=1)
            ],
        }


def orders(run: str) -> list[DemoOrder]:
    """The orders of one run; `run` makes their numbers new."""
    return [
        DemoOrder(
            f"SO-{run}-1",
            "10,000 brochures: printing 10,361 · die cutting 10,153 · folding 10,051 · 10,000",
            [("BROCHURE-A4", "10000", "EA", 21)],
            priority="urgent",
        ),
        DemoOrder(
            f"SO-{run}-2",
            "1,000 books: block 4,404 and cover 330 side by side; binding glue comes in 5 days",
            [("BOOK-A5", "1000", "EA", 30)],
        ),
        DemoOrder(
            f"SO-{run}-3",
            "120 BX of 50 are 6,000 boxes; their inserts are made by an order of their own",
            [("BOX-200", "120", "BX", 14)],
            priority="high",
        ),
        DemoOrder(
            f"SO-{run}-4",
            "one order, three products, three production orders",
            [
                ("BROCHURE-A5", "2500", "EA", 21),
                ("BOOK-A5", "250", "EA", 28),
                ("BOX-200", "500", "EA", 21),
            ],
            priority="high",
        ),
        DemoOrder(
            f"SO-{run}-5",
            "the same message sent three times has one effect",
            [("BROCHURE-A4", "98", "EA", 10)],
            copies=3,
        ),
        DemoOrder(
            f"SO-{run}-6",
            "refused, with every reason at once",
            [("POSTER-A1", "100", "EA", 14), ("BOOK-A5", "10", "TON", 14)],
            is_refused=True,
        ),
        DemoOrder(
            f"SO-{run}-7",
            "short of recycled paper: on hold, bought, received, and released by itself",
            [("BROCHURE-ECO", "48000", "EA", 12)],
            priority="high",
            lacks_material=True,
        ),
    ]


class SalesSystem:
    """Publishes orders and keeps the answers."""

    def __init__(self, client: Client) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self._client = client
        self._js = client.jetstream()

    async def confirm(self, order: DemoOrder, *, tenant_id: UUID, now: datetime) -> None:
        """Publish an order as often as it says; JetStream has it on disk when this returns."""
        body = json.dumps(order.document(tenant_id=tenant_id, now=now)).encode()
        headers = {REPLY_HEADER: f"sales.reply.{order.number}"}
        for _ in range(order.copies):
            await self._js.publish(SUBJECT, body, headers=headers)

    async def answered(self, numbers: Sequence[str]) -> None:
        """Wait for the bridge's answers, but not for ever."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while not set(numbers) <= self.answers.keys():  # noqa: ASYNC110 -- set by callbacks
                    await asyncio.sleep(0.1)
        except TimeoutError:
            return


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[SalesSystem]:
    """Log in as a sales system and listen for answers."""
    client = await nats.connect(url)
    try:
        system = SalesSystem(client)

        async def keep(message: Any) -> None:
            number = message.subject.removeprefix("sales.reply.")
            system.answers.setdefault(number, json.loads(message.data))

        await client.subscribe("sales.reply.>", cb=keep)
        yield system
    finally:
        await client.close()
