"""Sales changes its mind faster than the chain turns; in the end everybody agrees with it.

Many orders are confirmed, amended, cancelled and reopened at once, without a pause, while every
event is delivered twice and out of order and some orders are released and held by people.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts import planning, predictions, sales
from lineside_contracts.planning import ActOnProductionOrder, ListProductionOrders, ProductionOrder
from lineside_contracts.predictions import DeliveryPrediction, ListDeliveryPredictions
from lineside_contracts.sales import ListSalesOrders, SalesOrder
from lineside_contracts.shopfloor import WorkOrder
from lineside_testkit import journeys, recording
from lineside_testkit.builders import BOOK, BROCHURE
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import AMENDED, CANCELLED, CONFIRMED, Journey
from lineside_testkit.printing_plant import FLYER

ORDERS = 25
REVISIONS = 5
PRODUCTS = (BROCHURE, BOOK, FLYER)


@dataclass(frozen=True)
class Truth:
    """What every service says in the end."""

    sales_orders: list[SalesOrder]
    production_orders: Mapping[str | None, list[ProductionOrder]]
    work_orders: Mapping[UUID | None, list[WorkOrder]]
    predictions: Mapping[str, DeliveryPrediction]

    @classmethod
    async def of(cls, journey: Journey) -> "Truth":
        sold = await journey.list_all(sales.LIST_SALES_ORDERS, ListSalesOrders)
        orders = defaultdict(list)
        for order in await journey.list_all(planning.LIST_PRODUCTION_ORDERS, ListProductionOrders):
            orders[order.sales_order_number].append(order)
        floor = defaultdict(list)
        for work_order in await journey.all_work_orders():
            floor[work_order.production_order_id].append(work_order)
        predicted = await journey.list_all(
            predictions.LIST_DELIVERY_PREDICTIONS, ListDeliveryPredictions
        )
        return cls(sold, orders, floor, {each.project_number: each for each in predicted})

    def disagreements(self) -> list[str]:
        """Where planning, floor or prediction do not say what sales said last."""
        return [d for sold in self.sales_orders for d in self._about(sold)]

    def lacks_a_promise(self, sold: SalesOrder) -> bool:
        """Whether an order in force was never told a date."""
        return sold.status == "confirmed" and sold.promised_date is None

    def _about(self, sold: SalesOrder) -> list[str]:
        number = sold.order_number
        every = self.production_orders[number]
        standing = [order for order in every if order.status != "cancelled"]
        wanted = (
            {line.line_number: (line.product_code, line.quantity) for line in sold.lines}
            if sold.status == "confirmed"
            else {}
        )
        made = {o.sales_line_number: (o.product_code, o.quantity_ordered) for o in standing}
        found = []
        if made != wanted or len(made) != len(standing):
            found.append(f"{number} r{sold.revision} {sold.status}: {wanted}, planned is {made}")
        found += [f for order in every for f in self._about_floor(order)]
        return [*found, *self._about_prediction(number, standing)]

    def _about_floor(self, order: ProductionOrder) -> list[str]:
        every = self.work_orders[order.id]
        active = [work_order for work_order in every if work_order.status != "cancelled"]
        name = f"{order.sales_order_number}/{order.sales_line_number} {order.status}"
        if order.status == "cancelled":
            return [f"{name}: {len(active)} work orders go on"] if active else []
        last = [w for w in active if not self._is_followed(w, active)]
        found = []
        if [w.quantity_ordered for w in last] != [order.quantity_ordered]:
            quantities = [str(w.quantity_ordered) for w in last]
            found.append(f"{name}: {order.quantity_ordered} ordered, the floor makes {quantities}")
        if len(active) != order.work_order_count:
            found.append(f"{name}: {order.work_order_count} counted, {len(active)} on the floor")
        return found

    def _is_followed(self, work_order: WorkOrder, others: list[WorkOrder]) -> bool:
        return any(work_order.id in other.predecessor_work_order_ids for other in others)

    def _about_prediction(self, number: str, standing: list[ProductionOrder]) -> list[str]:
        prediction = self.predictions.get(number)
        predicted = {
            (order.production_order_id, order.quantity)
            for order in (prediction.orders if prediction else ())
            if order.status != "cancelled"
        }
        planned = {(order.id, order.quantity_ordered) for order in standing}
        return [] if predicted == planned else [f"{number}: {planned} predicted as {predicted}"]


def _lines(journey: Journey, dice: random.Random) -> list[dict[str, Any]]:
    numbers = dice.sample(range(1, 4), dice.randint(1, 3))
    return [
        journey.line(n, product_code=dice.choice(PRODUCTS), quantity=str(dice.randint(1, 40) * 250))
        for n in sorted(numbers)
    ]


async def _change_of_mind(journey: Journey, number: str, dice: random.Random) -> None:
    """One order's life: a confirmation, and then whatever sales thinks of."""
    for revision in range(1, REVISIONS + 1):
        subject = (
            dice.choice([CONFIRMED, AMENDED, AMENDED, CANCELLED]) if revision > 1 else CONFIRMED
        )
        document = journey.document(number, revision=revision, lines=_lines(journey, dice))
        await journey.confirm(document, subject=subject)
        await asyncio.sleep(dice.random() * 0.2)


async def _meddle(journey: Journey, dice: random.Random) -> None:
    """People release, hold and resume whatever they see; refusals are fine."""
    acts = (
        planning.RELEASE_PRODUCTION_ORDER,
        planning.HOLD_PRODUCTION_ORDER,
        planning.RESUME_PRODUCTION_ORDER,
    )
    for _ in range(25):
        orders = await journey.list_all(planning.LIST_PRODUCTION_ORDERS, ListProductionOrders)
        if orders:
            request = ActOnProductionOrder(
                production_order_id=dice.choice(orders).id, reason="a person said so"
            )
            answer = await journey.ask(dice.choice(acts), request)
            assert answer.status in {200, 409, 412, 422}, answer.body
        await asyncio.sleep(0.04)


@pytest.mark.parametrize("seed", [1, 2])
async def test_everybody_agrees_with_sales_in_the_end(chain: Harness, seed: int) -> None:
    journey = await Journey.begin(chain)
    dice = random.Random(seed)  # noqa: S311 -- repeatable on purpose
    lives = [
        _change_of_mind(journey, f"SO-{n:02}", random.Random(f"{seed}-{n}"))  # noqa: S311
        for n in range(ORDERS)
    ]
    async with recording.doubling(await chain.jetstream(), seed=seed):
        await asyncio.gather(_meddle(journey, dice), *lives)
        await chain.settle(timeout=60)
    await chain.settle(timeout=60)
    truth = await Truth.of(journey)
    assert len(truth.sales_orders) == ORDERS
    assert truth.disagreements() == []
    assert {sold.status for sold in truth.sales_orders} == {"confirmed", "cancelled"}
    unpromised = [s.order_number for s in truth.sales_orders if truth.lacks_a_promise(s)]
    assert unpromised == []
    numbers = [o.production_order_number for some in truth.production_orders.values() for o in some]
    counted = sorted(map(journeys.number_of, numbers))
    assert counted == list(range(1, len(numbers) + 1))
    assert await chain.dead_letters(tenant_id=journey.tenant_id) == []
