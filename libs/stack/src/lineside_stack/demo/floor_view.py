"""What the people of the demonstration's floor look at: lanes, queue, orders, dates.

Whatever happens by itself is waited for, but not for ever.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from lineside_stack.api import Api
from lineside_stack.demo.purchasing import PLANT
from lineside_stack.failures import CommandError
from lineside_stack.order_picture import Json

Found = TypeVar("Found")

PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.1
LIMIT = 500
_OPEN = {"released", "in_progress"}
_OVER = {"completed", "cancelled"}


@dataclass(frozen=True)
class FloorView:
    """The floor as a supervisor sees it."""

    api: Api

    async def work_order(self, work_order_id: str) -> Json:
        """One work order as it stands."""
        found: Json = await self.api.get(f"/work-orders/{work_order_id}")
        return found

    async def work_orders(self, production_order_id: str) -> list[Json]:
        """Those of a production order, in the order of their operations."""
        page = await self.api.get(
            "/work-orders", production_order_id=production_order_id, limit=LIMIT
        )
        return sorted(page["items"], key=lambda one: one["operations"][0]["operation_number"])

    async def work_order_on(self, lane_number: str) -> Json:
        """What is on a lane, once something is.

        Raises:
            CommandError: Nothing came.
        """

        async def look() -> str | None:
            lane = (await self._lanes())[lane_number]
            found: str | None = lane["current_work_order_id"]
            return found

        return await self.work_order(await awaited(look, f"no work order came to {lane_number}"))

    async def taken_by(self, lane_number: str, work_order: Json) -> None:
        """Wait until a work order is on a lane.

        Raises:
            CommandError: It never came.
        """

        async def look() -> Json | None:
            lane = (await self._lanes())[lane_number]
            return lane if lane["current_work_order_id"] == work_order["id"] else None

        await awaited(look, f"{work_order['work_order_number']} never came to {lane_number}")

    async def place_of(self, work_order: Json) -> tuple[str, str | None]:
        """The lane a work order is on, or the one it waits for and what holds that.

        Raises:
            CommandError: It got none and waits for none.
        """

        async def look() -> tuple[str, str | None] | None:
            return await self._placed(work_order)

        return await awaited(look, f"{work_order['work_order_number']} got no lane")

    async def next_work(self, production_order_id: str) -> Json | None:
        """The first work order that may be done; None when all are done.

        Raises:
            CommandError: Some are not done, and none is released.
        """

        async def look() -> list[Json] | None:
            every = await self.work_orders(production_order_id)
            ready = [one for one in every if one["status"] in _OPEN]
            return ready or ([] if all(one["status"] in _OVER for one in every) else None)

        found = await awaited(look, "no successor was released")
        return found[0] if found else None

    async def prediction(self, work_order: Json) -> Json | None:
        """When a work order's project will be ready."""
        page = await self.api.get(
            "/delivery-predictions", project_number=work_order["project_number"]
        )
        return next(iter(page["items"]), None)

    async def moved_prediction(self, work_order: Json, before: Json | None) -> Json:
        """The prediction, once it has heard of the work that was done.

        Raises:
            CommandError: It never did.
        """
        left = before["remaining_work_minutes"] if before else None

        async def look() -> Json | None:
            found = await self.prediction(work_order)
            return found if found and found["remaining_work_minutes"] != left else None

        return await awaited(look, "the prediction did not move")

    async def _lanes(self) -> dict[str, Json]:
        page = await self.api.get("/lanes", plant_code=PLANT, limit=LIMIT)
        return {lane["lane_number"]: lane for lane in page["items"]}

    async def _placed(self, work_order: Json) -> tuple[str, str | None] | None:
        lanes = await self._lanes()
        for number, lane in lanes.items():
            if any(one["work_order_id"] == work_order["id"] for one in lane["assignments"]):
                return number, None
        queue = await self.api.get("/lane-queue", plant_code=PLANT, limit=LIMIT)
        if all(one["work_order_id"] != work_order["id"] for one in queue["items"]):
            return None
        needed = work_order["operations"][0]["work_center_code"]
        fitting = [one for one in lanes.values() if one["work_center_code"] == needed]
        if any(one["current_work_order_id"] is None for one in fitting):
            return None
        return next(((one["lane_number"], one["current_work_order_id"]) for one in fitting), None)


async def awaited(look: Callable[[], Awaitable[Found | None]], otherwise: str) -> Found:
    """Look again until there is something; `otherwise` says what there was not.

    Raises:
        CommandError: Patience is at its end.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                found = await look()
                if found is not None:
                    return found
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise CommandError(f"on the floor: {otherwise}") from None
