"""Work orders are dated as capacity plans their runs: one rule, two services, the same instants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from hypothesis import given, settings, strategies as st

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.planning import (
    CALENDARS,
    MAINTENANCE_WINDOWS,
    CalendarFields,
    CapacityChecked,
    CapacityPlan,
    MaintenanceWindowFields,
    ProductionOrderChanged,
)
from lineside_contracts.routing import (
    WORK_CENTERS,
    Expansion,
    ExpansionOrder,
    ProductionRun,
    RoutingExpanded,
    WorkCenterFields,
)
from lineside_contracts.shopfloor import (
    PLANTS,
    PlantFields,
    WorkOrder,
    WorkOrderChanged,
    WorkOrderCreated,
)
from lineside_manufacturing import stored_calendars, time_spans
from lineside_manufacturing.stored_calendars import CalendarContent, CalendarSource, Closure
from lineside_planning.capacity.domain import centers, checking, orders, tasks
from lineside_planning.capacity.domain.centers import CenterFacts
from lineside_planning.capacity.domain.plants import PlantDays
from lineside_shopfloor.places.domain.facts import CenterTime, Facts, PlantFacts, WorkingTimes
from lineside_shopfloor.work_orders.domain import dates
from lineside_shopfloor.work_orders.domain.dates import Due, Group
from lineside_testkit import builders
from lineside_testkit.harness import Harness

PLANT, BERLIN = "MAIN", "Europe/Berlin"
TODAY = SYSTEM_CLOCK.now().date()
EARLY = "early mon-fri 06:00-14:00 10:00-10:30"
NIGHT = "night sun-thu 22:00-06:00 01:00-01:30"

Span = tuple[datetime, datetime]


def make_run(number: int, *, after: Sequence[int] = (), **over: Any) -> ProductionRun:
    values = {
        "id": SYSTEM_CLOCK.new_id(),
        "sequence_number": number,
        "operation_code": f"OP{number}",
        "operation_name": f"Operation {number}",
        "operation_type": "fabrication",
        "work_center_code": "PRESS",
        "plant_code": PLANT,
        "unit_code": "EA",
        "unit_decimals": 0,
        "units_per_product": "1",
        "yield_percentage": 100,
        "planned_input": 1000,
        "planned_output": 1000,
        "planned_scrap": 0,
        "setup_minutes": 30,
        "run_minutes": 600,
        "run_seconds_per_unit": 36,
        "predecessor_sequence_numbers": tuple(after),
    }
    return ProductionRun.model_validate(values | over)


def make_expansion(runs: Sequence[ProductionRun], order_id: UUID, due_date: date) -> Expansion:
    order = builders.production_order(id=order_id, due_date=due_date)
    about = {name: getattr(order, name, None) for name in ExpansionOrder.model_fields}
    about |= {"production_order_id": order_id, "quantity": order.quantity_ordered}
    return Expansion(
        id=order_id,
        version=1,
        order=ExpansionOrder.model_validate(about),
        plant_code=PLANT,
        runs=tuple(runs),
    )


@dataclass(frozen=True)
class World:
    """Stored calendars by work center, "" for the plant; efficiencies in percent."""

    calendars: Mapping[str, CalendarSource]
    efficiencies: Mapping[str, Decimal]


SHIFTS = (
    {"name": "early", "start": "06:00", "end": "14:00"},
    {"name": "late", "start": "14:00", "end": "22:00"},
    {"name": "night", "start": "22:00", "end": "06:00"},
)
NOW = datetime(2026, 10, 20, 9, 17, 3, tzinfo=UTC)
CENTERS = ("PRESS", "BENCH")


@st.composite
def sources(draw: st.DrawFn) -> CalendarSource:
    names = draw(st.sets(st.integers(0, 2), max_size=3))
    weekdays = sorted(draw(st.sets(st.integers(0, 6), min_size=1)))
    holidays = [f"2026-{m:02}-{d:02}" for m, d in draw(st.sets(st.sampled_from(DAYS), max_size=5))]
    shifts = [SHIFTS[n] | {"weekdays": weekdays, "breaks": []} for n in sorted(names)]
    starts = draw(st.lists(st.integers(0, 1200), max_size=2))
    closures = [
        Closure(UUID(int=n), 1, NOW + timedelta(hours=h), NOW + timedelta(hours=h + 50))
        for n, h in enumerate(starts)
    ]
    written = orjson.dumps(shifts).decode(), orjson.dumps(holidays).decode()
    known = CalendarContent(SYSTEM_CLOCK.new_id(), 1, "C", *written)
    return CalendarSource(BERLIN, draw(st.sampled_from([None, known])), tuple(closures))


DAYS = [(10, 26), (11, 2), (11, 3), (11, 16), (12, 24), (12, 25)]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    return World(
        {code: draw(sources()) for code in ("", *CENTERS)},
        {code: Decimal(draw(st.sampled_from(["33.3333", "80", "100", "150"]))) for code in CENTERS},
    )


@st.composite
def routings(draw: st.DrawFn) -> list[ProductionRun]:
    runs: list[ProductionRun] = []
    for number in range(10, 10 * draw(st.integers(2, 6)), 10):
        earlier = [run.sequence_number for run in runs]
        after = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
        runs.append(
            make_run(
                number,
                after=sorted(after),
                work_center_code=draw(st.sampled_from([*CENTERS, None, "UNKNOWN"])),
                setup_minutes=Decimal(draw(st.integers(0, 90))),
                run_minutes=Decimal(draw(st.integers(0, 30_000_000))).scaleb(-4),
                wait_minutes=Decimal(draw(st.sampled_from([0, 0, 45, 2000]))),
                transfer_batch_quantity=draw(st.sampled_from([None, 1, 150, 999, 5000])),
                setup_scrap_quantity=draw(st.sampled_from([0, 40])),
                time_basis=draw(st.sampled_from(["per_unit", "per_unit", "fixed", "per_batch"])),
                batch_size=300,
            )
        )
    return runs


def by_planning(world: World, expansion: Expansion, due_date: date) -> dict[int, Span]:
    calendar = {c: stored_calendars.working_calendar(s) for c, s in world.calendars.items()}
    now = time_spans.microseconds_of(NOW)
    known = {
        code: CenterFacts(code, code, PLANT, calendar[code], 1, world.efficiencies[code])
        for code in CENTERS
    }
    known["UNKNOWN"] = CenterFacts("UNKNOWN", None, PLANT, calendar[""], 1, is_known=False)
    known[tasks.NOWHERE] = CenterFacts(tasks.NOWHERE, None, PLANT, calendar[""], None)
    state = orders.with_expansion(orders.OrderState(expansion.id), expansion)
    loaded = {code: centers.loaded(facts, {}, now=now) for code, facts in known.items()}
    left = tasks.tasks_of(state.runs, {}, loaded)
    due = PlantDays(PLANT, BERLIN, calendar[""]).due(due_date)
    places = checking.planned_places(left, due=due, now=now)
    instant = time_spans.instant_of
    return {number: (instant(p.start), instant(p.end)) for number, p in places.items()}


def by_floor(world: World, expansion: Expansion, due_date: date) -> dict[int, Span]:
    times = {code: CenterTime(world.calendars[code], world.efficiencies[code]) for code in CENTERS}
    facts = Facts(
        plants={PLANT: PlantFacts(UUID(int=1), PLANT, "Main works", BERLIN)},
        times=WorkingTimes({PLANT: world.calendars[""]}, times),
    )
    groups = [Group([run], PLANT) for run in expansion.runs]
    found = dates.planned_backward(groups, Due(due_date, PLANT), facts=facts, now=NOW)
    return {
        run.sequence_number: (planned.start_at, planned.end_at)
        for run, planned in zip(expansion.runs, found, strict=True)
        if planned.start_at is not None and planned.end_at is not None
    }


@settings(max_examples=80, deadline=None)
@given(world=worlds(), runs=routings(), days=st.integers(0, 70))
def test_on_the_same_facts_both_find_the_same_instants(
    world: World, runs: list[ProductionRun], days: int
) -> None:
    due_date = NOW.date() + timedelta(days=days)
    expansion = make_expansion(runs, SYSTEM_CLOCK.new_id(), due_date)
    assert by_floor(world, expansion, due_date) == by_planning(world, expansion, due_date)


async def open_plant(harness: Harness, tenant: UUID, closed_from: datetime) -> None:
    """A plant by one calendar, a press by another and in maintenance, a slow bench."""
    holiday = (closed_from + timedelta(days=1)).date().isoformat()
    window = {
        "maintenance_window_code": "M-1",
        "work_center_code": "PRESS",
        "plant_code": PLANT,
        "starts_at": closed_from,
        "ends_at": closed_from + timedelta(days=3),
    }
    wanted: list[tuple[Any, Any, dict[str, Any]]] = [
        (
            CALENDARS,
            CalendarFields,
            {"calendar_code": "DAYS", "shifts": EARLY, "holidays": holiday},
        ),
        (CALENDARS, CalendarFields, {"calendar_code": "NIGHTS", "shifts": NIGHT}),
        (PLANTS, PlantFields, {"plant_code": PLANT, "calendar_code": "DAYS"}),
        (WORK_CENTERS, WorkCenterFields, {"work_center_code": "PRESS", "calendar_code": "NIGHTS"}),
        (
            WORK_CENTERS,
            WorkCenterFields,
            {"work_center_code": "BENCH", "efficiency_percentage": "80"},
        ),
        (MAINTENANCE_WINDOWS, MaintenanceWindowFields, window),
    ]
    for kind, model, values in wanted:
        name = {kind.name_field: values[kind.code_field], "plant_code": PLANT, "time_zone": BERLIN}
        known = {field: name[field] for field in name if field in model.model_fields}
        fields = model.model_validate(known | values)
        answer = await harness.ask(kind.create, fields, tenant_id=tenant)
        assert answer.status == 201, answer.body
        await harness.settle()


def branches() -> list[ProductionRun]:
    """Print in batches and dry, cut beside it, join at the bench, pack where nobody says."""
    return [
        make_run(10, transfer_batch_quantity=200, setup_scrap_quantity=50, wait_minutes=90),
        make_run(20, run_minutes="1234.5678", work_center_code="CUTTER"),
        make_run(30, after=[10, 20], work_center_code="BENCH", operation_type="assembly"),
        make_run(40, after=[30], work_center_code="BENCH", operation_type="assembly"),
        make_run(50, after=[40], work_center_code=None, operation_type="testing"),
    ]


def spans_of(plan: CapacityPlan) -> dict[int, Span]:
    return {
        run.sequence_number: (run.planned_start_at, run.planned_end_at)
        for run in plan.runs
        if run.planned_start_at is not None and run.planned_end_at is not None
    }


def assert_agree(work_orders: Sequence[WorkOrder], plan: CapacityPlan) -> None:
    spans = spans_of(plan)
    assert sorted(o.operation_number for w in work_orders for o in w.operations) == sorted(spans)
    for work_order in work_orders:
        own = [spans[o.operation_number] for o in work_order.operations]
        expected = min(start for start, _ in own), max(end for _, end in own)
        assert (work_order.planned_start_at, work_order.planned_end_at) == expected


async def test_work_orders_stand_where_capacity_plans_their_runs(chain: Harness) -> None:
    tenant, order_id = chain.new_tenant(), SYSTEM_CLOCK.new_id()
    due = TODAY + timedelta(days=40)
    closed_from = datetime.combine(due - timedelta(days=5), time(1), UTC)
    await open_plant(chain, tenant, closed_from)
    expansion = make_expansion(branches(), order_id, due)
    await chain.publish(RoutingExpanded(expansion=expansion), tenant_id=tenant)
    made = await chain.events(WorkOrderCreated, tenant_id=tenant, count=4)
    (checked,) = await chain.events(CapacityChecked, tenant_id=tenant, count=1)
    assert_agree([e.payload.work_order for e in made], checked.payload.capacity_plan)

    later = builders.production_order(
        id=order_id, version=2, status="routed", due_date=due + timedelta(days=11)
    )
    moved = ProductionOrderChanged(production_order=later, changed_fields=("due_date",))
    await chain.publish(moved, tenant_id=tenant)
    changed = await chain.events(WorkOrderChanged, tenant_id=tenant, count=4)
    *_, again = await chain.events(CapacityChecked, tenant_id=tenant, count=2)
    assert again.payload.capacity_plan.due_date == later.due_date
    assert_agree([e.payload.work_order for e in changed], again.payload.capacity_plan)
