"""Asking what could be promised changes nothing: no row, no event, no number is used up."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from nats.js import JetStreamContext

from lineside_contracts import planning
from lineside_contracts.planning import AskPromise, Promise
from lineside_testkit import states
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey
from lineside_testkit.printing_plant import FLYER
from lineside_testkit.recording import record
from lineside_testkit.storeroom import PAPER, VENDOR_DAYS, Storeroom

BOOKKEEPING = ("inbox", "answered_requests")


async def _plant(chain: Harness, *, sheets: int) -> Storeroom:
    journey = await Journey.begin(chain, release_policy="automatic")
    room = await Storeroom.open(journey)
    await room.bill(FLYER, room.line(PAPER, sequence_number=10))
    await room.put(PAPER, sheets)
    await chain.settle()
    return room


async def _ask(room: Storeroom, quantity: int, **over: Any) -> Promise:
    asked = AskPromise(product_code=FLYER, quantity=Decimal(quantity), **over)
    found: Promise = await room.journey.granted(planning.ASK_PROMISE, asked)
    return found


async def _written(room: Storeroom) -> dict[str, int]:
    """How many rows of bookkeeping the tenant has in planning."""
    counts = {}
    for table in BOOKKEEPING:
        (row,) = await room.journey.harness.sql(
            "planning",
            f"SELECT count(*) AS n FROM {table}",  # noqa: S608 -- names of ours
            tenant_id=room.journey.tenant_id,
        )
        counts[table] = row["n"]
    return counts


async def _said(js: JetStreamContext, tenant_id: UUID) -> int:
    """Count what was said; MRP looks after itself meanwhile, and says so."""
    said = await record(js, tenant_id)
    return sum(not message.name.startswith("mrp_run.") for message in said)


async def test_nothing_is_written_and_nothing_is_said(chain: Harness) -> None:
    room = await _plant(chain, sheets=1_000)
    journey = room.journey
    js = await chain.jetstream()
    state, written = await states.of_tenant(chain, journey.tenant_id), await _written(room)
    said = await _said(js, journey.tenant_id)
    await asyncio.gather(*(_ask(room, quantity) for quantity in (98, 980, 9_800, 98_000)))
    states.insist_equal(await states.of_tenant(chain, journey.tenant_id), state)
    assert await _written(room) == written
    assert await _said(js, journey.tenant_id) == said


async def test_a_promise_is_what_the_order_gets(chain: Harness) -> None:
    room = await _plant(chain, sheets=1_000)
    journey = room.journey
    promised = await _ask(room, 980)
    lines = [journey.line(product_code=FLYER, quantity="980")]
    await journey.confirm(journey.document("SO-1001", lines=lines))
    (order,) = await journey.production_orders(count=1, status="released")
    assert order.estimated_completion_at is not None
    apart = abs((order.estimated_completion_at - promised.earliest_at).total_seconds())
    assert apart < 3_600, (order.estimated_completion_at, promised.earliest_at)


async def test_materials_that_must_be_bought_move_the_date(chain: Harness) -> None:
    room = await _plant(chain, sheets=1_000)
    from_stock, bought = await _ask(room, 980), await _ask(room, 9_800)
    (paper,) = (m for m in bought.materials if m.component_code == PAPER)
    assert paper.needed_quantity == 10_000
    assert (int(paper.from_stock), int(paper.to_buy)) == (1_000, 9_000)
    assert paper.available_on >= room.day(VENDOR_DAYS)
    assert bought.earliest_date >= paper.available_on > from_stock.earliest_date
    assert bought.explanation


async def test_what_others_hold_already_is_not_promised_again(chain: Harness) -> None:
    room = await _plant(chain, sheets=1_000)
    journey = room.journey
    lines = [journey.line(product_code=FLYER, quantity="882")]
    await journey.confirm(journey.document("SO-1001", lines=lines))
    await journey.production_orders(count=1, status="released")
    (paper,) = (m for m in (await _ask(room, 980)).materials if m.component_code == PAPER)
    assert (int(paper.from_stock), int(paper.to_buy)) == (100, 900)


async def test_a_wish_is_answered_with_every_reason_against_it(chain: Harness) -> None:
    room = await _plant(chain, sheets=0)
    today: date = room.day(0)
    answer = await _ask(room, 9_800, requested_date=today)
    assert answer.is_feasible is False
    assert answer.reasons
    late = await _ask(room, 9_800, requested_date=room.day(120))
    assert (late.is_feasible, late.reasons) == (True, ())


async def test_nonsense_is_refused(chain: Harness) -> None:
    room = await _plant(chain, sheets=0)
    async with room.journey.http(role="viewer") as viewer:
        answer = await viewer.post("/promises", json={"product_code": FLYER, "quantity": "0"})
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
        ghost = await viewer.post("/promises", json={"product_code": "GHOST", "quantity": "1"})
        assert ghost.status_code in {404, 422}, ghost.text
        assert ghost.headers["content-type"] == "application/problem+json"
