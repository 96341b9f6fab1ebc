"""The service on a real PostgreSQL and a real NATS server, two replicas of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from lineside_contracts.endpoint import Endpoint
from lineside_contracts.shopfloor import (
    CREATE_WORK_ORDER,
    GET_LANE,
    LANES,
    PLANTS,
    RELEASE_WORK_ORDER,
    ActOnWorkOrder,
    CreateWorkOrder,
    GetLane,
    LaneFields,
    LaneState,
    Plant,
    PlantFields,
    WorkOrder,
)
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers


@pytest.fixture(scope="session")
async def harness(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers, services=["shopfloor"], replicas={"shopfloor": 2}
    ) as started:
        yield started


@dataclass
class LaneFloor:
    """A tenant's plants, lanes and released work, for tests of who gets which lane."""

    harness: Harness
    tenant: UUID

    async def granted(self, endpoint: Endpoint[Any, Any], request: BaseModel, **over: Any) -> Any:
        answer = await self.harness.ask(endpoint, request, tenant_id=self.tenant, **over)
        assert answer.status < 400, answer.body
        return answer.body

    async def refused(self, endpoint: Endpoint[Any, Any], request: BaseModel, **over: Any) -> Any:
        answer = await self.harness.ask(endpoint, request, tenant_id=self.tenant, **over)
        assert answer.status >= 400, answer.body
        return answer.problem

    async def plant(self, code: str = "MAIN", mode: str = "manual") -> Plant:
        fields = {"plant_code": code, "plant_name": f"{code} works", "assignment_mode": mode}
        made: Plant = await self.granted(PLANTS.create, PlantFields.model_validate(fields))
        return made

    async def mode(self, mode: str, code: str = "MAIN") -> None:
        fields = {"plant_code": code, "plant_name": f"{code} works", "assignment_mode": mode}
        update: Any = PLANTS.update_request
        await self.granted(
            PLANTS.update, update(code=code, fields=PlantFields.model_validate(fields))
        )

    async def lane(self, number: str = "L1", **over: Any) -> UUID:
        made = await self.granted(LANES.create, self.lane_fields(number, **over))
        return UUID(str(made.id))

    def lane_fields(self, number: str = "L1", **over: Any) -> LaneFields:
        values = {
            "lane_number": number,
            "lane_name": f"Lane {number}",
            "plant_code": "MAIN",
            "lane_type": "assembly",
        }
        return LaneFields.model_validate(values | over)

    async def planned(self, **over: Any) -> WorkOrder:
        values = {
            "plant_code": "MAIN",
            "operation_type": "assembly",
            "quantity_ordered": "5",
            "operations": [{"operation_number": 10, "operation_name": "Assemble"}],
        }
        request = CreateWorkOrder.model_validate(values | over)
        made: WorkOrder = await self.granted(CREATE_WORK_ORDER, request)
        return made

    async def released(self, **over: Any) -> WorkOrder:
        made = await self.planned(**over)
        released: WorkOrder = await self.granted(
            RELEASE_WORK_ORDER, ActOnWorkOrder(work_order_id=made.id)
        )
        return released

    async def state(self, lane_id: UUID) -> LaneState:
        found: LaneState = await self.granted(GET_LANE, GetLane(lane_id=lane_id))
        return found

    async def on(self, lane_id: UUID) -> list[UUID]:
        return [held.work_order_id for held in (await self.state(lane_id)).assignments]

    async def track(self, work_order_id: UUID, lane_id: UUID, state: str) -> None:
        """Let work run or pause on a lane, as execution records it."""
        await self.harness.sql(
            "shopfloor",
            "INSERT INTO work_tracks (tenant_id, work_order_id, operation_number, lane_id, state,"
            " activity, since, last_happened_at, last_log_id)"
            " VALUES (%(tenant)s, %(work_order)s, 10, %(lane)s, %(state)s, 'run', now(), now(),"
            " %(work_order)s) ON CONFLICT (tenant_id, work_order_id, operation_number, lane_id)"
            " DO UPDATE SET state = excluded.state",
            tenant_id=self.tenant,
            parameters={
                "tenant": self.tenant,
                "work_order": work_order_id,
                "lane": lane_id,
                "state": state,
            },
        )


@pytest.fixture
def lane_floor(harness: Harness) -> LaneFloor:
    return LaneFloor(harness, harness.new_tenant())
