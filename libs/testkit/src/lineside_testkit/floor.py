"""A journey's shop floor: its lanes, its people over HTTP, and what they do in a day.

floor = await Floor.open(journey)
async with floor.person("operator") as olga:
    order = await floor.released(quantity_ordered="10")
    await olga.report("start", order, lane_number="PRESS-1")
    refused = await olga.ask("POST", "/production-logs", {...})
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar

import httpx

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import shopfloor
from lineside_contracts.shopfloor import CreateWorkOrder, LaneFields
from lineside_testkit.builders import PLANT
from lineside_testkit.journeys import Journey

Json = dict[str, Any]
Found = TypeVar("Found")

PRESSES: Final = ("PRESS-1", "PRESS-2")
"""Two lanes of one work center: fabrication."""

PACKING: Final = "PACK-1"
"""One lane that packs: assembly."""

LANES: Final[tuple[Mapping[str, Any], ...]] = (
    {"lane_number": "PRESS-1", "lane_type": "fabrication", "work_center_code": "PRESS"},
    {"lane_number": "PRESS-2", "lane_type": "fabrication", "work_center_code": "PRESS"},
    {"lane_number": "PACK-1", "lane_type": "assembly", "work_center_code": "FINISHING"},
)
"""The lanes of a printing plant, unless told otherwise."""

_HTTP_SECONDS = 30
_POLL_SECONDS = 0.05
_FIRST_REFUSAL = 400


@dataclass(frozen=True)
class Reply:
    """What the API said, whatever it was."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str | None:
        """The problem's code; None where it is no problem."""
        return self.body.get("code") if isinstance(self.body, dict) else None

    @property
    def is_refusal(self) -> bool:
        """Whether it said no."""
        return self.status >= _FIRST_REFUSAL

    def facts(self, *names: str) -> Json:
        """Some facts of a refusal, by name; None where it has none.

        They are fields of the problem, but one that is named like a member of RFC 9457 (`status`)
        stands under `facts`.
        """
        told = {**self.body, **self.body.get("facts", {})}
        return {name: told.get(name) for name in names}


@dataclass(frozen=True)
class Person:
    """Somebody with a token; every write has an idempotency key of its own."""

    client: httpx.AsyncClient

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        if_match: str | None = None,
        **query: Any,
    ) -> Reply:
        """Send a request and take whatever comes.

        Args:
            method: Of HTTP.
            path: Below /api/v1.
            body: JSON; none when None.
            key: Idempotency key; a new one when None.
            if_match: ETag.
            query: Parameters; None is left out.
        """
        headers = {"If-Match": if_match} if if_match else {}
        if method == "POST":
            headers["Idempotency-Key"] = key or str(SYSTEM_CLOCK.new_id())
        given = {name: value for name, value in query.items() if value is not None}
        answer = await self.client.request(method, path, json=body, params=given, headers=headers)
        content = answer.json() if answer.content else None
        return Reply(answer.status_code, content, answer.headers)

    async def get(self, path: str, **query: Any) -> Any:
        """Read, and insist on an answer.

        Raises:
            AssertionError: It was refused.
        """
        return _granted(await self.ask("GET", path, **query), f"GET {path}")

    async def items(self, path: str, **query: Any) -> list[Json]:
        """Read every page of a list.

        Raises:
            AssertionError: It was refused.
        """
        found: list[Json] = []
        cursor: str | None = None
        while True:
            page = await self.get(path, cursor=cursor, **query)
            found += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return found

    async def post(self, path: str, body: Any = None, **over: Any) -> Any:
        """Write, and insist on success.

        Raises:
            AssertionError: It was refused.
        """
        return _granted(await self.ask("POST", path, body, **over), f"POST {path} {body}")

    async def report(self, kind: str, work_order: Json, **fields: Any) -> Json:
        """Log something, and insist on its being taken.

        Raises:
            AssertionError: It was refused.
        """
        made: Json = await self.post("/production-logs", log(kind, work_order, **fields))
        return made

    async def try_report(self, kind: str, work_order: Json, **fields: Any) -> Reply:
        """Log something and take whatever comes."""
        return await self.ask("POST", "/production-logs", log(kind, work_order, **fields))


@dataclass(frozen=True)
class Floor:
    """The lanes of a journey's plant and the work on them."""

    journey: Journey

    @classmethod
    async def open(
        cls,
        journey: Journey,
        *,
        lanes: Sequence[Mapping[str, Any]] = LANES,
        mode: str = "automatic",
    ) -> "Floor":
        """Register lanes, through the requests people make.

        Args:
            journey: Its plant gets them.
            lanes: Their fields, where not the usual ones.
            mode: Who puts work on lanes (automatic, suggest, manual).
        """
        floor = cls(journey)
        if mode != "automatic":
            await floor.set_mode(mode)
        for fields in lanes:
            await floor.add_lane(**fields)
        return floor

    async def set_mode(self, mode: str) -> None:
        """Say who puts work on the plant's lanes."""
        async with self.person("admin") as admin:
            plant = await admin.get(f"/plants/{PLANT}")
            fields = {name: plant[name] for name in shopfloor.PlantFields.model_fields}
            changed = await admin.ask("PUT", f"/plants/{PLANT}", fields | {"assignment_mode": mode})
            _granted(changed, f"assignment mode {mode}")

    async def add_lane(self, lane_number: str, **over: Any) -> None:
        """Register one lane."""
        fields = {
            "lane_number": lane_number,
            "lane_name": over.pop("lane_name", lane_number.title()),
            "plant_code": PLANT,
            "lane_type": "fabrication",
        }
        await self.journey.granted(shopfloor.LANES.create, LaneFields.model_validate(fields | over))

    @asynccontextmanager
    async def person(
        self,
        role: str,
        *,
        name: str | None = None,
        plants: tuple[str, ...] | None = None,
        lifetime: timedelta = timedelta(hours=1),
    ) -> AsyncIterator[Person]:
        """Let somebody log in.

        Args:
            role: Of the demo roles.
            name: What others read; the role's demo user when None.
            plants: The only plants they may touch; None for all.
            lifetime: Of the token; below zero it has expired already.
        """
        harness = self.journey.harness
        token = harness.installation.issuer.token(
            role,
            now=SYSTEM_CLOCK.now(),
            tenant_id=self.journey.tenant_id,
            ttl=lifetime,
            plants=plants,
            name=name,
        )
        async with httpx.AsyncClient(
            base_url=f"{harness.http_url}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=_HTTP_SECONDS,
        ) as client:
            yield Person(client)

    async def planned(self, **over: Any) -> Json:
        """Make a work order by hand, of ten pieces on a press unless told otherwise."""
        fields = {"plant_code": PLANT, "operation_type": "fabrication", "quantity_ordered": "10"}
        made = await self.journey.granted(
            shopfloor.CREATE_WORK_ORDER, CreateWorkOrder.model_validate(fields | over)
        )
        order: Json = made.model_dump(mode="json")
        return order

    async def released(self, **over: Any) -> Json:
        """Make a work order by hand and release it."""
        order = await self.planned(**over)
        act = shopfloor.ActOnWorkOrder(work_order_id=order["id"])
        released = await self.journey.granted(shopfloor.RELEASE_WORK_ORDER, act)
        found: Json = released.model_dump(mode="json")
        return found

    async def lanes(self, person: Person) -> dict[str, Json]:
        """Every lane as it stands, by number."""
        return {lane["lane_number"]: lane for lane in await person.items("/lanes")}

    async def on_lane(self, person: Person, lane_number: str, work_order: Json) -> Json:
        """Wait until a work order is on a lane; returns the lane.

        Raises:
            AssertionError: It never came.
        """

        async def read() -> Json:
            return (await self.lanes(person))[lane_number]

        return await until(read, lambda lane: work_order["id"] in holders(lane))

    async def work_order(self, person: Person, work_order: Json, **having: Any) -> Json:
        """Wait until a work order has these field values.

        Raises:
            AssertionError: It never had.
        """

        async def read() -> Json:
            found: Json = await person.get(f"/work-orders/{work_order['id']}")
            return found

        return await until(read, lambda one: all(one[k] == v for k, v in having.items()))


def log(kind: str, work_order: Json, **fields: Any) -> Json:
    """The body of a log."""
    return {"kind": kind, "work_order_id": work_order["id"], **fields}


def holders(lane: Json) -> list[str]:
    """The work orders that hold a lane's tracks."""
    return [assignment["work_order_id"] for assignment in lane["assignments"]]


async def until(
    read: Callable[[], Awaitable[Found]],
    accept: Callable[[Found], bool],
    *,
    timeout_seconds: float = 15,
) -> Found:
    """Read again until what is read is as wanted.

    Raises:
        AssertionError: Time is up; the message tells the last thing read.
    """
    last: Found | None = None
    try:
        async with asyncio.timeout(timeout_seconds):
            while True:
                last = await read()
                if accept(last):
                    return last
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        raise AssertionError(f"never was as wanted: {last!r}"[:2000]) from None


def _granted(reply: Reply, what: str) -> Any:
    if reply.is_refusal:
        raise AssertionError(f"{what} was refused: {reply.status} {reply.body}")
    return reply.body
