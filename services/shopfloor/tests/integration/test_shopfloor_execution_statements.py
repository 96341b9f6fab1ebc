"""What a report costs, counted as PostgreSQL counts it, BEGIN and COMMIT included."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context
from lineside_contracts.shopfloor import (
    ASSIGN_LANE,
    AssignLane,
    ListProductionLogs,
    ProductionLog,
    RecordProductionLog,
)
from lineside_shopfloor.execution.requests import production_logs
from lineside_testkit.harness import Harness

ORDINARY = 6
"""BEGIN, the idempotency key, the work order's lock, what is known of it, one write, COMMIT."""

COSTS = {
    "start": ORDINARY + 2,
    "pause": ORDINARY,
    "resume": ORDINARY + 2,
    "complete": ORDINARY,
    "late": ORDINARY + 3,
    "corrected": ORDINARY + 4,
    "last": ORDINARY + 2,
    "list": 5,
}
"""Starting and going on lock the lane; the last piece frees it; a late report and a correction read
all logs again and write the intervals anew."""

COUNTED = "shopfloor-logs-counted"


@pytest.fixture
async def database(harness: Harness) -> AsyncIterator[Database]:
    await harness.client()
    opened = Database(harness.installation.database("shopfloor").urls["app"], service=COUNTED)
    yield opened
    await opened.close()


def _counted() -> int:
    name = "lineside_sql_statements_total"
    return int(REGISTRY.get_sample_value(name, {"service": COUNTED}) or 0)


async def test_an_ordinary_report_costs_six_statements(lane_floor: Any, database: Database) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane()
    made = await lane_floor.released()
    await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=made.id, lane_id=lane_id))
    context = Context(
        tenant_id=lane_floor.tenant, correlation_id=SYSTEM_CLOCK.new_id(), actor_id="op-1"
    )
    costs: dict[str, int] = {}

    async def report(name: str, kind: str, **over: Any) -> ProductionLog:
        values = {"kind": kind, "work_order_id": made.id, **over}
        request = RecordProductionLog.model_validate(values)
        before = _counted()
        async with database.answering(context, key=name, subject="counted", body_hash=b"1") as (
            uow,
            _,
        ):
            answer = await production_logs.record_production_log(uow, request)
        costs[name] = _counted() - before
        assert isinstance(answer, ProductionLog), answer
        return answer

    await report("start", "start")
    await report("pause", "pause")
    await report("resume", "resume")
    complete = await report("complete", "complete", good_quantity="3")
    late = complete.happened_at - timedelta(milliseconds=1)
    await report("late", "issue", reason_code="noise", happened_at=late)
    await report("corrected", "complete", corrects_log_id=complete.id, good_quantity="2")
    last = await report("last", "complete", good_quantity="3")
    assert last.work_order_status == "completed"
    before = _counted()
    async with database.unit_of_work(context, read_only=True) as uow:
        page = await production_logs.list_production_logs(uow, ListProductionLogs())
    costs["list"] = _counted() - before
    assert len(page.items) == len(COSTS) - 1
    print("statements:", costs)  # noqa: T201 -- a figure people ask for
    assert costs == COSTS
