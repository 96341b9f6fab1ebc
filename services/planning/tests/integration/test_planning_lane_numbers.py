"""Lanes are known by their ids: two plants may number theirs alike."""

from typing import Any
from uuid import UUID

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.shopfloor import Lane, LaneChanged
from lineside_testkit import builders
from lineside_testkit.harness import Harness


def lane(lane_id: UUID, plant_code: str, **over: Any) -> LaneChanged:
    values = {
        "id": lane_id,
        "version": 1,
        "lane_number": "L-1",
        "lane_name": "Lane 1",
        "plant_code": plant_code,
        "lane_type": "fabrication",
        "work_center_code": f"PRESS-{plant_code}",
        "created_at": builders.AT,
        "created_by": builders.ACTOR,
        "updated_at": builders.AT,
        "updated_by": builders.ACTOR,
    }
    return LaneChanged(lane=Lane.model_validate(values | over))


async def test_lanes_of_one_number_in_two_plants_are_two_whatever_order_they_come_in(
    harness: Harness,
) -> None:
    tenant = harness.new_tenant()
    main, north = SYSTEM_CLOCK.new_id(), SYSTEM_CLOCK.new_id()
    for said in (
        lane(main, "MAIN", version=2, capacity=3),
        lane(north, "NORTH"),
        lane(main, "MAIN"),
        lane(north, "NORTH", version=2, capacity=2),
    ):
        await harness.publish(said, tenant_id=tenant)
    await harness.settle()
    rows = await harness.sql(
        "planning",
        "SELECT id, plant_code, work_center_code, capacity FROM lanes ORDER BY plant_code",
        tenant_id=tenant,
    )
    assert [tuple(row.values()) for row in rows] == [
        (main, "MAIN", "PRESS-MAIN", 3),
        (north, "NORTH", "PRESS-NORTH", 2),
    ]
    assert await harness.dead_letters(tenant_id=tenant) == []
