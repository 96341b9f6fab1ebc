"""What people ask of the floor."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts.master_data import DeleteMasterData
from lineside_contracts.problems import ProblemCode
from lineside_contracts.shopfloor import (
    CANCEL_WORK_ORDER,
    CREATE_WORK_ORDER,
    DEPARTMENTS,
    GET_WORK_ORDER,
    LANES,
    LIST_WORK_ORDER_OPERATIONS,
    LIST_WORK_ORDERS,
    PLANTS,
    RELEASE_WORK_ORDER,
    UPDATE_WORK_ORDER,
    ActOnWorkOrder,
    CreateWorkOrder,
    DepartmentFields,
    GetWorkOrder,
    LaneFields,
    ListWorkOrders,
    PlantFields,
    UpdateWorkOrder,
    WorkOrder,
    WorkOrderChange,
    WorkOrderCreated,
    WorkOrderOperation,
)
from lineside_contracts.values import OperationType
from lineside_testkit.harness import Answer, Harness

ByHand = Callable[..., CreateWorkOrder]


@pytest.fixture
async def tenant(harness: Harness) -> UUID:
    made = harness.new_tenant()
    for code in ("MAIN", "NORTH"):
        plant = PlantFields(plant_code=code, plant_name=f"{code} works", time_zone="Europe/Berlin")
        assert (await harness.ask(PLANTS.create, plant, tenant_id=made)).status == 201
    return made


async def create(harness: Harness, tenant: UUID, request: CreateWorkOrder) -> WorkOrder:
    answer = await harness.ask(CREATE_WORK_ORDER, request, tenant_id=tenant)
    assert answer.status == 201, answer.body
    made: WorkOrder = answer.body
    return made


async def search(harness: Harness, tenant: UUID, words: str, **over: Any) -> list[WorkOrder]:
    request = ListWorkOrders(search=words, **over)
    answer = await harness.ask(LIST_WORK_ORDERS, request, tenant_id=tenant)
    assert answer.status == 200, answer.body
    return list(answer.body.items)


async def test_a_work_order_made_by_hand_is_read_back_as_it_was_answered(
    harness: Harness, tenant: UUID, by_hand: ByHand
) -> None:
    operations = [
        {"operation_number": 20, "operation_name": "Weld", "run_minutes": "45"},
        {"operation_number": 10, "operation_name": "Cut", "setup_minutes": "15"},
    ]
    made = await create(harness, tenant, by_hand(operations=operations))
    assert (made.version, made.status, made.plant_name) == (1, "planned", "MAIN works")
    assert [o.operation_number for o in made.operations] == [10, 20]
    assert made.operations[1].predecessor_operation_numbers == (10,)
    get = GetWorkOrder(work_order_id=made.id)
    assert (await harness.ask(GET_WORK_ORDER, get, tenant_id=tenant)).body == made
    listed = await harness.ask(LIST_WORK_ORDER_OPERATIONS, get, tenant_id=tenant)
    shown = [WorkOrderOperation.model_validate(view.model_dump()) for view in listed.body.items]
    assert tuple(shown) == made.operations
    (said,) = await harness.events(WorkOrderCreated, tenant_id=tenant)
    assert said.payload.work_order == made


async def test_every_fault_of_a_work_order_is_named_at_once(
    harness: Harness, tenant: UUID, by_hand: ByHand
) -> None:
    twice = [{"operation_number": 10, "operation_name": name} for name in ("Cut", "Weld")]
    wrong = by_hand(
        plant_code="NOWHERE",
        department_code="NOBODY",
        planned_start_date="2026-12-15",
        planned_end_date="2026-12-01",
        operations=twice,
    )
    answer = await harness.ask(CREATE_WORK_ORDER, wrong, tenant_id=tenant)
    assert answer.status == 422
    assert [fault.path for fault in answer.problem.faults] == [
        "plant_code",
        "department_code",
        "planned_end_date",
        "operations[1].operation_number",
    ]


async def test_numbers_are_given_once_and_both_conflicts_are_named(
    harness: Harness, tenant: UUID, by_hand: ByHand
) -> None:
    await create(
        harness, tenant, by_hand(work_order_number="REPAIR-7", sap_production_order="4711")
    )
    again = by_hand(work_order_number="REPAIR-7", sap_production_order="4711")
    answer = await harness.ask(CREATE_WORK_ORDER, again, tenant_id=tenant)
    assert (answer.status, answer.problem.code) == (409, ProblemCode.WORK_ORDER_NUMBER_TAKEN)
    assert answer.problem.facts == {
        "work_order_number": "REPAIR-7",
        "sap_production_order": "4711",
    }
    other = by_hand(sap_production_order="4711")
    answer = await harness.ask(CREATE_WORK_ORDER, other, tenant_id=tenant)
    assert answer.problem.code is ProblemCode.SAP_NUMBER_TAKEN
    elsewhere = harness.new_tenant()
    plant = PlantFields(plant_code="MAIN", plant_name="Theirs")
    await harness.ask(PLANTS.create, plant, tenant_id=elsewhere)
    await create(harness, elsewhere, again)


async def test_of_five_who_want_a_number_at_once_one_gets_it(
    harness: Harness, tenant: UUID, by_hand: ByHand
) -> None:
    wanted = by_hand(work_order_number="REPAIR-8")
    answers = await asyncio.gather(
        *(harness.ask(CREATE_WORK_ORDER, wanted, tenant_id=tenant) for _ in range(5))
    )
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409, 409]


async def test_of_five_who_change_the_same_version_one_does(
    harness: Harness, tenant: UUID, by_hand: ByHand
) -> None:
    made = await create(harness, tenant, by_hand())
    act = ActOnWorkOrder(work_order_id=made.id, expected_version=1)
    answers = await asyncio.gather(
        *(harness.ask(RELEASE_WORK_ORDER, act, tenant_id=tenant) for _ in range(5))
    )
    assert sorted(answer.status for answer in answers) == [200, 412, 412, 412, 412]


async def test_counted_numbers_go_on_behind_one_given_by_hand(
    harness: Harness, tenant: UUID, by_hand: ByHand
) -> None:
    first = await create(harness, tenant, by_hand())
    series = first.work_order_number.rpartition("-")[0]
    await create(harness, tenant, by_hand(work_order_number=f"{series}-5"))
    assert (await create(harness, tenant, by_hand())).work_order_number == f"{series}-6"


async def test_the_same_idempotency_key_makes_one_work_order(
    harness: Harness, tenant: UUID, by_hand: ByHand
) -> None:
    ask = [
        await harness.ask(CREATE_WORK_ORDER, by_hand(), tenant_id=tenant, idempotency_key="k1")
        for _ in range(2)
    ]
    assert ask[0] == ask[1]


async def test_a_stale_version_changes_nothing(
    harness: Harness, tenant: UUID, by_hand: ByHand
) -> None:
    made = await create(harness, tenant, by_hand())

    async def update(version: int, **fields: Any) -> Answer:
        request = UpdateWorkOrder(
            work_order_id=made.id, expected_version=version, change=WorkOrderChange(**fields)
        )
        return await harness.ask(UPDATE_WORK_ORDER, request, tenant_id=tenant)

    changed = await update(1, priority="urgent", sap_production_order="4712", quantity_ordered="7")
    assert (changed.status, changed.body.version, changed.body.priority) == (200, 2, "urgent")
    stale = await update(1, priority="low")
    assert (stale.status, stale.problem.code) == (412, ProblemCode.VERSION_CONFLICT)
    assert stale.problem.facts == {"expected_version": 1, "current_version": 2}
    same = await update(2, priority="urgent")
    assert (same.status, same.body.version) == (200, 2)
    get = GetWorkOrder(work_order_id=made.id)
    assert (await harness.ask(GET_WORK_ORDER, get, tenant_id=tenant)).body == changed.body


async def test_a_step_the_table_does_not_allow_is_refused(
    harness: Harness, tenant: UUID, by_hand: ByHand
) -> None:
    made = await create(harness, tenant, by_hand())
    act = ActOnWorkOrder(work_order_id=made.id, reason="Wrong rack")
    answer = await harness.ask(CANCEL_WORK_ORDER, act, tenant_id=tenant)
    assert (answer.status, answer.body.cancel_reason) == (200, "Wrong rack")
    refused = await harness.ask(RELEASE_WORK_ORDER, act, tenant_id=tenant)
    assert (refused.status, refused.problem.code) == (409, "invalid_status_transition")
    assert refused.problem.facts == {"from": "cancelled", "to": "released", "allowed": []}


async def test_pages_show_every_work_order_once(
    harness: Harness, tenant: UUID, by_hand: ByHand
) -> None:
    made = [await create(harness, tenant, by_hand()) for _ in range(7)]
    for filters in ({}, {"search": "brochure"}):
        seen, cursor = [], None
        while True:
            request = ListWorkOrders(limit=3, cursor=cursor, **filters)
            page = (await harness.ask(LIST_WORK_ORDERS, request, tenant_id=tenant)).body
            seen += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == made[::-1]


async def test_a_cursor_of_another_list_is_refused(harness: Harness, tenant: UUID) -> None:
    for request in (
        ListWorkOrders(cursor="nonsense"),
        ListWorkOrders(cursor="WyJ4Il0"),
        ListWorkOrders(cursor="WyJ4IiwieSJd", search="brochure"),
    ):
        answer = await harness.ask(LIST_WORK_ORDERS, request, tenant_id=tenant)
        assert (answer.status, answer.problem.code) == (400, ProblemCode.INVALID_CURSOR)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("R-100", "R-100"),
        ("r100", "R-100"),
        ("4711000", "R-100"),
        ("4711-00", "R-100"),
        ("Lackierung", "R-200"),
        ("LÄCK", "R-200"),
        ("cover brochure", "R-300"),
        ("die-cut", "R-300"),
        ("lakierung", "R-200"),
        ("cvoer", "R-300"),
        ("brochrue cvoer", "R-300"),
        ("R-20O", "R-200"),
        ("47110x0", "R-100"),
    ],
)
async def test_search_finds_numbers_words_beginnings_and_what_was_mistyped(
    harness: Harness, searched: UUID, typed: str, number: str
) -> None:
    found = await search(harness, searched, typed)
    assert [w.work_order_number for w in found][:1] == [number]


@pytest.fixture(scope="session")
async def searched(harness: Harness, by_hand: ByHand) -> UUID:
    tenant = harness.new_tenant()
    for code in ("MAIN", "NORTH"):
        plant = PlantFields(plant_code=code, plant_name=code)
        await harness.ask(PLANTS.create, plant, tenant_id=tenant)
    await create(
        harness,
        tenant,
        by_hand(work_order_number="R-100", sap_production_order="4711000", description="Schneiden"),
    )
    await create(
        harness,
        tenant,
        by_hand(work_order_number="R-200", description="Läckierung blau", plant_code="NORTH"),
    )
    await create(
        harness,
        tenant,
        by_hand(work_order_number="R-300", description="Die-cut the cover of a brochure"),
    )
    await create(harness, tenant, by_hand(work_order_number="R-3001", description="Fold leaflets"))
    return tenant


async def test_the_whole_number_stands_before_those_it_begins(
    harness: Harness, searched: UUID
) -> None:
    found = await search(harness, searched, "R-300")
    assert [w.work_order_number for w in found] == ["R-300", "R-3001"]


@pytest.mark.parametrize("typed", ["zzzzzz", "' ) | !", ":*", "--", "\\"])
async def test_what_means_nothing_finds_nothing(
    harness: Harness, searched: UUID, typed: str
) -> None:
    assert await search(harness, searched, typed) == []


async def test_filters_hold_for_searches_too(harness: Harness, searched: UUID) -> None:
    assert len(await search(harness, searched, "R")) == 4
    (north,) = await search(harness, searched, "R", plant_code="NORTH")
    assert north.work_order_number == "R-200"


async def test_a_search_sees_one_tenant(harness: Harness, searched: UUID) -> None:
    other = harness.new_tenant()
    assert await search(harness, other, "brochure") == []
    assert await search(harness, other, "brochrue") == []


async def test_another_tenants_work_order_does_not_exist(
    harness: Harness, tenant: UUID, by_hand: ByHand
) -> None:
    made = await create(harness, tenant, by_hand())
    other = harness.new_tenant()
    act = ActOnWorkOrder(work_order_id=made.id)
    get = GetWorkOrder(work_order_id=made.id)
    for endpoint, request in (
        (GET_WORK_ORDER, get),
        (LIST_WORK_ORDER_OPERATIONS, get),
        (RELEASE_WORK_ORDER, act),
        (CANCEL_WORK_ORDER, act),
    ):
        assert (await harness.ask(endpoint, request, tenant_id=other)).status == 404
    listed = await harness.ask(LIST_WORK_ORDERS, ListWorkOrders(), tenant_id=other)
    assert listed.body.items == ()


async def test_a_person_limited_to_plants_sees_and_touches_those_only(
    harness: Harness, tenant: UUID, by_hand: ByHand
) -> None:
    mine = await create(harness, tenant, by_hand(plant_code="NORTH"))
    theirs = await create(harness, tenant, by_hand(plant_code="MAIN"))
    north = frozenset({"NORTH"})
    for words in (None, "brochure"):
        listed = await harness.ask(
            LIST_WORK_ORDERS, ListWorkOrders(search=words), tenant_id=tenant, plants=north
        )
        assert listed.body.items == (mine,)
    act = ActOnWorkOrder(work_order_id=theirs.id)
    for endpoint, request in (
        (GET_WORK_ORDER, GetWorkOrder(work_order_id=theirs.id)),
        (RELEASE_WORK_ORDER, act),
        (CANCEL_WORK_ORDER, act),
        (CREATE_WORK_ORDER, by_hand(plant_code="MAIN")),
        (UPDATE_WORK_ORDER, UpdateWorkOrder(work_order_id=theirs.id, change=WorkOrderChange())),
    ):
        answer = await harness.ask(endpoint, request, tenant_id=tenant, plants=north)
        assert (answer.status, answer.problem.code) == (403, ProblemCode.PLANT_FORBIDDEN)
    filtered = ListWorkOrders(plant_code="MAIN")
    listed = await harness.ask(LIST_WORK_ORDERS, filtered, tenant_id=tenant, plants=north)
    assert listed.body.items == ()


async def test_a_plant_needs_a_real_time_zone(harness: Harness) -> None:
    plant = PlantFields(plant_code="X", plant_name="X", time_zone="Middle/Earth")
    answer = await harness.ask(PLANTS.create, plant, tenant_id=harness.new_tenant())
    assert [fault.code for fault in answer.problem.faults] == ["unknown_time_zone"]


async def test_departments_and_lanes_need_their_plant(harness: Harness, tenant: UUID) -> None:
    department = DepartmentFields(
        department_code="PRINT", department_name="Printing", plant_code="MAIN"
    )
    lane = LaneFields(
        lane_number="L1",
        lane_name="Press 1",
        plant_code="MAIN",
        lane_type=OperationType.FABRICATION,
    )
    for endpoint, fields in ((DEPARTMENTS.create, department), (LANES.create, lane)):
        lost = fields.model_copy(update={"plant_code": "NOWHERE"})
        answer = await harness.ask(endpoint, lost, tenant_id=tenant)
        assert [fault.code for fault in answer.problem.faults] == ["unknown_plant"]
        assert (await harness.ask(endpoint, fields, tenant_id=tenant)).status == 201
    delete = DeleteMasterData(code="MAIN")
    refused = await harness.ask(PLANTS.delete, delete, tenant_id=tenant)
    assert (refused.status, refused.problem.facts) == (
        409,
        {"needed_by": ["departments", "lanes"]},
    )
