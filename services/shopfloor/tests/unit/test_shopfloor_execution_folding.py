"""Logs add up the same whether they are read one by one or all at once, in whatever order."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from lineside_contracts.problems import ProblemCode
from lineside_contracts.shopfloor import LogKind, OperationStatus
from lineside_contracts.values import Actor
from lineside_shopfloor.execution.domain import logs as floor_logs, plans, progress
from lineside_shopfloor.execution.domain.logs import NO_LANE, FloorLog, TrackKey
from lineside_shopfloor.execution.domain.plans import Departure, Plan
from lineside_shopfloor.execution.domain.progress import Progress
from lineside_shopfloor.work_orders.domain.operations import FloorOperation

BEGUN = datetime(2026, 11, 2, 6, tzinfo=UTC)
WORK_ORDER = UUID(int=1)
LANES = (NO_LANE, UUID(int=11), UUID(int=12))
SOMEBODY = Actor(id="op-1", name="Olga")


def operation(number: int, *, after: Sequence[int] = (), **over: Any) -> FloorOperation:
    values = {
        "id": UUID(int=100 + number),
        "operation_number": number,
        "operation_name": f"Operation {number}",
        "status": OperationStatus.PENDING,
        "run_id": UUID(int=200 + number),
        "unit_code": "EA",
        "planned_input": Decimal(20),
        "planned_output": Decimal(20),
        "planned_hours": Decimal(1),
        "predecessor_operation_numbers": tuple(after),
    }
    return FloorOperation.model_validate(values | over)


def plan(**over: Any) -> Plan:
    operations = (operation(10), operation(20, after=[10]))
    made = Plan(
        operations={o.operation_number: o for o in operations}, quantity_ordered=Decimal(20)
    )
    return replace(made, **over)


def log(position: int, kind: str, number: int = 10, **over: Any) -> FloorLog:
    made = FloorLog(
        id=UUID(int=1000 + position),
        logged_at=BEGUN + timedelta(minutes=position),
        happened_at=BEGUN + timedelta(minutes=position),
        kind=LogKind(kind),
        activity="run",
        work_order_id=WORK_ORDER,
        work_order_number="WO-1",
        logged_by=SOMEBODY,
        operation_number=number,
    )
    return replace(made, **over)


quantities = st.integers(0, 6).map(Decimal)


@st.composite
def shift(draw: st.DrawFn) -> list[FloorLog]:
    """Any reports at all, in the order they happen, sense or nonsense."""
    count = draw(st.integers(1, 14))
    made = []
    for position in range(count):
        kind = draw(st.sampled_from(list(LogKind)))
        counts = kind in {LogKind.COMPLETE, LogKind.PAUSE}
        made.append(
            log(
                position,
                kind,
                draw(st.sampled_from([10, 20])),
                lane_id=draw(st.sampled_from(LANES)),
                activity=draw(st.sampled_from(["setup", "run"])),
                worker_count=draw(st.integers(1, 3)),
                happened_at=BEGUN + timedelta(seconds=draw(st.integers(0, 50)) + 60 * position),
                good_quantity=draw(quantities) if counts else Decimal(0),
                scrap_quantity=draw(quantities) if counts else Decimal(0),
                rework_quantity=draw(quantities) if counts else Decimal(0),
                is_from_rework=counts and draw(st.booleans()),
                rework_operation_number=draw(st.sampled_from([None, 10, 20])),
                completes_operation=kind is LogKind.COMPLETE and draw(st.booleans()),
                stops_production=kind is LogKind.ISSUE and draw(st.booleans()),
            )
        )
    return made


def all_intervals(standing: Progress, closed: Sequence[Any]) -> list[Any]:
    going = [track.open for track in standing.tracks.values() if track.open is not None]
    return sorted([*closed, *going], key=lambda i: (i.started_at, i.key, i.ended_at is None))


@given(shift())
@settings(max_examples=300, deadline=None)
def test_one_by_one_and_all_at_once_come_to_the_same(reported: list[FloorLog]) -> None:
    wanted = plan()
    at_once = progress.fold(wanted, reported)
    standing, closed, faults = Progress(), [], []
    for one in reported:
        standing = progress.advance(wanted, standing, [one])
        closed += standing.closed
        faults += standing.faults
    assert standing.tracks == at_once.tracks
    assert standing.totals == at_once.totals
    assert standing.completions == at_once.completions
    assert (standing.completion, standing.started_at) == (at_once.completion, at_once.started_at)
    assert all_intervals(standing, closed) == all_intervals(at_once, at_once.closed)
    assert faults == at_once.faults


@given(shift(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_in_which_logs_arrive_does_not_matter(
    reported: list[FloorLog], chance: Any
) -> None:
    arrived = list(reported)
    chance.shuffle(arrived)
    assert floor_logs.effective(arrived) == floor_logs.effective(reported)


@given(shift())
@settings(max_examples=150, deadline=None)
def test_nothing_appears_or_vanishes(reported: list[FloorLog]) -> None:
    standing = progress.fold(plan(), reported)
    new = [r for r in reported if not r.is_from_rework]
    totals = list(standing.totals.values())
    assert sum(t.good for t in totals) == sum(r.good_quantity for r in reported)
    assert sum(t.scrap for t in totals) == sum(r.scrap_quantity for r in reported)
    opened = sum(r.rework_quantity for r in reported)
    assert sum(t.used for t in totals) == opened + sum(
        r.good_quantity + r.scrap_quantity for r in new
    )


@given(shift())
@settings(max_examples=150, deadline=None)
def test_intervals_of_a_track_never_overlap_and_minutes_are_theirs(
    reported: list[FloorLog],
) -> None:
    standing = progress.fold(plan(), reported)
    by_track: dict[TrackKey, list[Any]] = {}
    for interval in all_intervals(standing, standing.closed):
        by_track.setdefault(interval.key, []).append(interval)
    for own in by_track.values():
        for earlier, later in itertools.pairwise(own):
            assert earlier.ended_at <= later.started_at
    for number, totals in standing.totals.items():
        own = [i for i in standing.closed if i.key.operation_number == number]
        run = sum(i.minutes for i in own if i.activity == "run")
        setup = sum(i.minutes for i in own if i.activity == "setup")
        labour = sum(i.minutes * i.worker_count for i in own if i.activity != "pause")
        assert (totals.run_minutes, totals.setup_minutes) == (run, setup)
        assert totals.labour_minutes == labour


@pytest.mark.parametrize(
    ("kinds", "fault"),
    [
        (["pause"], ProblemCode.PRODUCTION_NOT_STARTED),
        (["complete"], ProblemCode.PRODUCTION_NOT_STARTED),
        (["issue"], ProblemCode.PRODUCTION_NOT_STARTED),
        (["start", "start"], ProblemCode.ALREADY_RUNNING),
        (["start", "pause", "start"], ProblemCode.ALREADY_PAUSED),
        (["start", "pause", "pause"], ProblemCode.ALREADY_PAUSED),
        (["start", "resume"], ProblemCode.CANNOT_RESUME_WITHOUT_PAUSE),
        (["start", "pause", "complete", "resume", "issue"], None),
    ],
)
def test_the_state_of_a_track_says_what_may_follow(
    kinds: list[str], fault: ProblemCode | None
) -> None:
    reported = [log(position, kind) for position, kind in enumerate(kinds)]
    found = progress.fold(plan(), reported).faults
    assert [f.code for f in found] == ([fault] if fault else [])


def test_a_start_of_the_other_activity_changes_over_without_a_gap() -> None:
    reported = [log(0, "start", activity="setup"), log(30, "start"), log(90, "pause")]
    standing = progress.fold(plan(), reported)
    totals = standing.of(10)
    minutes: Any = (totals.setup_minutes, totals.run_minutes)
    assert minutes == (30, 60)
    assert standing.faults == []


def test_the_last_piece_completes_operations_and_ends_every_track() -> None:
    reported = [
        log(0, "start", lane_id=LANES[1]),
        log(1, "start", lane_id=LANES[2]),
        log(2, "complete", lane_id=LANES[1], good_quantity=Decimal(20)),
        log(3, "start", 20),
        log(9, "complete", 20, good_quantity=Decimal(20)),
    ]
    standing = progress.fold(plan(), reported)
    assert [track.state for track in standing.tracks.values()] == ["idle"] * 3
    assert standing.completions[10].at == reported[2].happened_at
    assert standing.completion is not None
    assert standing.completion.at == reported[4].happened_at
    late = [*reported, log(10, "pause", 20)]
    assert progress.fold(plan(), late).faults[0].code is ProblemCode.WORK_ORDER_FINAL


def test_work_that_leaves_its_lane_ends_there() -> None:
    reported = [log(0, "start", lane_id=LANES[1]), log(5, "pause", lane_id=LANES[1])]
    left = plan(departures=(Departure(BEGUN + timedelta(minutes=9), LANES[1]),))
    standing = progress.fold(left, reported)
    (track,) = standing.tracks.values()
    assert (track.state, track.since) == ("idle", BEGUN + timedelta(minutes=9))
    assert [i.minutes for i in standing.closed] == [5, 4]


def test_a_corrected_log_is_replaced_and_a_void_one_vanishes() -> None:
    first = log(1, "complete", good_quantity=Decimal(3))
    fixed = log(8, "complete", corrects_log_id=first.id, happened_at=first.happened_at)
    void = log(9, "complete", corrects_log_id=fixed.id, is_void=True)
    start = log(0, "start")
    assert floor_logs.effective([start, first, fixed]) == [start, fixed]
    assert floor_logs.effective([start, first, fixed, void]) == [start]
    assert floor_logs.newest_of_chain([first, fixed, void], first.id) == void.id


def test_rework_resolved_elsewhere_leaves_one_operation_for_the_other() -> None:
    sheets = operation(10, units_per_product="0.25", unit_decimals=0)
    wanted = plan(operations={10: sheets, 20: operation(20, after=[10])})
    reported = [
        log(0, "start"),
        log(1, "complete", rework_quantity=Decimal(2)),
        log(2, "start", 20),
        log(
            3,
            "complete",
            20,
            good_quantity=Decimal(8),
            is_from_rework=True,
            rework_operation_number=10,
        ),
    ]
    standing = progress.fold(wanted, reported)
    opened, resolved = standing.of(10), standing.of(20)
    left: Any = (opened.rework, opened.rework_out, opened.used)
    came: Any = (resolved.good, resolved.rework_in, resolved.used)
    assert (left, came) == ((0, 2, 2), (8, 8, 0))


def test_the_least_of_several_ends_is_what_is_done() -> None:
    ends = {n: operation(n, after=[10]) for n in (20, 30)}
    wanted = plan(operations={10: operation(10), **ends})
    reported = [
        log(0, "complete", 20, good_quantity=Decimal(9)),
        log(1, "complete", 30, good_quantity=Decimal(4)),
    ]
    totals = progress.fold(wanted, reported).totals
    assert progress.completed_quantity(wanted, totals) == 4


def test_the_ceiling_is_exact() -> None:
    assert plan(quantity_ordered=Decimal(1000), tolerance_percentage=Decimal("0.1")).ceiling == 1001
    third = plans.converted(
        Decimal(1), operation(10, units_per_product="3"), operation(20, units_per_product="1")
    )
    assert plans.floored(third * 3, 0) == 1
