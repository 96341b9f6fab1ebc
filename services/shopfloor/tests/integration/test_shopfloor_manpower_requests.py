"""People at work orders, through the service: put, list, release, correct, and what they cost."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.planning import LabourRate, LabourRateChanged
from lineside_contracts.problems import ProblemCode
from lineside_contracts.shopfloor import (
    ALLOCATE_MANPOWER,
    CREATE_WORK_ORDER,
    GET_LABOUR_COST,
    LIST_MANPOWER,
    PLANTS,
    RELEASE_MANPOWER,
    UPDATE_MANPOWER,
    AllocateManpower,
    CreateWorkOrder,
    GetLabourCost,
    ListManpower,
    ManpowerAllocation,
    ManpowerChange,
    PlantFields,
    ReleaseManpower,
    UpdateManpower,
    WorkOrder,
)
from lineside_contracts.values import Actor
from lineside_testkit.harness import Harness

WHO = Actor(id="planner", name="Paula Planner")


@pytest.fixture
async def tenant(harness: Harness) -> UUID:
    made = harness.new_tenant()
    for code in ("MAIN", "NORTH"):
        plant = PlantFields(plant_code=code, plant_name=f"{code} works", time_zone="Europe/Berlin")
        assert (await harness.ask(PLANTS.create, plant, tenant_id=made)).status == 201
    return made


@pytest.fixture
async def work_order(
    harness: Harness, tenant: UUID, by_hand: Callable[..., CreateWorkOrder]
) -> WorkOrder:
    asked = by_hand(operations=[{"operation_number": 10, "operation_name": "Cut"}])
    made: WorkOrder = (await harness.ask(CREATE_WORK_ORDER, asked, tenant_id=tenant)).body
    return made


async def allocate(harness: Harness, tenant: UUID, **fields: Any) -> ManpowerAllocation:
    request = AllocateManpower(**{"user_id": "ola", "user_name": "Ola Operator", **fields})
    answer = await harness.ask(ALLOCATE_MANPOWER, request, tenant_id=tenant)
    assert answer.status == 201, answer.body
    made: ManpowerAllocation = answer.body
    return made


async def rate(harness: Harness, tenant: UUID, role: str, hourly: str) -> None:
    now = SYSTEM_CLOCK.now()
    state = LabourRate(
        id=SYSTEM_CLOCK.new_id(),
        version=1,
        role_code=role,
        role_name=role.title(),
        hourly_rate=hourly,
        created_at=now,
        created_by=WHO,
        updated_at=now,
        updated_by=WHO,
    )
    await harness.publish(LabourRateChanged(labour_rate=state), tenant_id=tenant)
    await harness.settle()


async def test_labour_cost_is_that_of_the_roles_rates_once_they_are_known(
    harness: Harness, tenant: UUID, work_order: WorkOrder
) -> None:
    there = await allocate(
        harness, tenant, work_order_id=work_order.id, operation_number=10, worker_count=2
    )
    assert (there.work_order_number, there.plant_code) == (work_order.work_order_number, "MAIN")
    release = ReleaseManpower(
        manpower_allocation_id=there.id, expected_version=1, hours_worked="7.5"
    )
    released = await harness.ask(RELEASE_MANPOWER, release, tenant_id=tenant)
    assert (released.status, released.body.version) == (200, 2)
    asked = GetLabourCost(work_order_id=work_order.id)
    unknown = (await harness.ask(GET_LABOUR_COST, asked, tenant_id=tenant)).body
    assert (unknown.total_cost, unknown.roles_without_rate) == (0, ("operator",))
    await rate(harness, tenant, "operator", "24.50")
    known = (await harness.ask(GET_LABOUR_COST, asked, tenant_id=tenant)).body
    assert (known.total_hours, known.total_cost) == (15, 367.5)


async def test_of_five_who_put_somebody_at_the_same_work_one_does(
    harness: Harness, tenant: UUID, work_order: WorkOrder
) -> None:
    request = AllocateManpower(work_order_id=work_order.id, user_id="ola")
    answers = await asyncio.gather(
        *(harness.ask(ALLOCATE_MANPOWER, request, tenant_id=tenant) for _ in range(5))
    )
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409, 409]
    codes = {answer.problem.code for answer in answers if answer.status == 409}
    assert codes == {ProblemCode.ALREADY_ASSIGNED}


async def test_lists_show_who_is_there_by_person_plant_and_state(
    harness: Harness, tenant: UUID, work_order: WorkOrder, by_hand: Callable[..., CreateWorkOrder]
) -> None:
    north = await harness.ask(CREATE_WORK_ORDER, by_hand(plant_code="NORTH"), tenant_id=tenant)
    first = await allocate(harness, tenant, work_order_id=work_order.id)
    second = await allocate(harness, tenant, work_order_id=north.body.id, user_id="kim")
    await harness.ask(
        RELEASE_MANPOWER, ReleaseManpower(manpower_allocation_id=first.id), tenant_id=tenant
    )

    async def listed(**filters: Any) -> list[UUID]:
        plants = filters.pop("plants", None)
        request = ListManpower(**filters)
        answer = await harness.ask(LIST_MANPOWER, request, tenant_id=tenant, plants=plants)
        return [allocation.id for allocation in answer.body.items]

    assert await listed() == [second.id, first.id]
    assert await listed(user_id="ola") == [first.id]
    assert await listed(is_active=True) == [second.id]
    assert await listed(is_active=False) == [first.id]
    assert await listed(plant_code="NORTH") == [second.id]
    assert await listed(plants=frozenset({"MAIN"})) == [first.id]
    assert await listed(work_order_id=work_order.id, role="supervisor") == []
    page = (await harness.ask(LIST_MANPOWER, ListManpower(limit=1), tenant_id=tenant)).body
    assert await listed(cursor=page.next_cursor) == [first.id]


async def test_a_correction_keeps_what_somebody_else_changed_meanwhile(
    harness: Harness, tenant: UUID, work_order: WorkOrder
) -> None:
    there = await allocate(harness, tenant, work_order_id=work_order.id)

    async def update(version: int, **fields: Any) -> Any:
        request = UpdateManpower(
            manpower_allocation_id=there.id,
            expected_version=version,
            change=ManpowerChange(**fields),
        )
        return await harness.ask(UPDATE_MANPOWER, request, tenant_id=tenant)

    assert (await update(1, worker_count=4)).body.worker_count == 4
    assert (await update(1, worker_count=9)).problem.code is ProblemCode.VERSION_CONFLICT
    assert (await update(2, worker_count=4)).body.version == 2


async def test_people_limited_to_plants_touch_those_only(
    harness: Harness, tenant: UUID, work_order: WorkOrder
) -> None:
    request = AllocateManpower(work_order_id=work_order.id, user_id="ola")
    answer = await harness.ask(
        ALLOCATE_MANPOWER, request, tenant_id=tenant, plants=frozenset({"NORTH"})
    )
    assert answer.problem.code is ProblemCode.PLANT_FORBIDDEN
    there = await allocate(harness, tenant, work_order_id=work_order.id)
    release = ReleaseManpower(manpower_allocation_id=there.id)
    answer = await harness.ask(
        RELEASE_MANPOWER, release, tenant_id=tenant, plants=frozenset({"NORTH"})
    )
    assert answer.problem.code is ProblemCode.PLANT_FORBIDDEN
