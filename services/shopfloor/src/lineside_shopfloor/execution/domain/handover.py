"""What one shift hands over to the next, as it stood at a moment (RULES 38)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from lineside_contracts.shopfloor import (
    HandoverIssue,
    HandoverLane,
    HandoverWorkOrder,
    LogKind,
    WorkOrder,
)
from lineside_contracts.values import Priority
from lineside_manufacturing import quantities

MOST_ISSUES = 50
"""So many of a work order are shown, the newest: a shift hands over what matters now."""

_RANK = {Priority.URGENT: 0, Priority.HIGH: 1, Priority.MEDIUM: 2, Priority.LOW: 3}
_PERCENT = 100
_PERCENT_DECIMALS = 1
_ZERO = Decimal(0)

RESUMING = frozenset({LogKind.START, LogKind.RESUME})
"""With these work goes on."""

STOPPING = LogKind.PAUSE
"""With this it stops, as with an issue that says so."""

Track = tuple[int | None, UUID | None]
"""Operation number and lane, each None where a report names none."""


@dataclass(frozen=True, slots=True)
class Reported:
    """Good and scrap of one operation, as had happened by the moment."""

    good: Decimal = _ZERO
    scrap: Decimal = _ZERO


@dataclass(frozen=True, slots=True)
class Report:
    """A report that tells of trouble, or of its end.

    Attributes:
        is_stop: A pause, or an issue that stopped production.
        issue: As it is shown.
    """

    track: Track
    is_stop: bool
    issue: HandoverIssue


@dataclass(frozen=True, slots=True)
class Resumption:
    """Work went on at a track."""

    track: Track
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """What was reported of one work order until the moment.

    Attributes:
        reported: By operation number; None stands for reports without one.
        lanes: What went on at the moment.
        reports: Trouble, in any order.
        resumptions: Of work that had stopped, in any order.
    """

    reported: Mapping[int | None, Reported] = field(default_factory=dict)
    lanes: Sequence[HandoverLane] = ()
    reports: Sequence[Report] = ()
    resumptions: Sequence[Resumption] = ()


def handed_over(
    work_orders: Iterable[WorkOrder], happened: Mapping[UUID, Happened], *, at: datetime
) -> tuple[HandoverWorkOrder, ...]:
    """Say how each work order stood, the most urgent first, then the earliest due.

    Args:
        work_orders: Those that had begun and had not ended.
        happened: What was reported of each until then.
        at: The moment.
    """
    nothing = Happened()
    items = [_item(w, happened.get(w.id, nothing), at=at) for w in work_orders]
    return tuple(sorted(items, key=_urgency))


def open_issues(
    work_order: WorkOrder, happened: Happened, *, at: datetime
) -> tuple[HandoverIssue, ...]:
    """Tell which reported trouble was still open, the newest first.

    What stopped production is open until work goes on there; what did not stop it, until its
    operation is complete.
    """
    resumed: dict[Track, datetime] = {}
    for one in happened.resumptions:
        resumed[one.track] = max(one.happened_at, resumed.get(one.track, one.happened_at))
    done = {
        o.operation_number
        for o in work_order.operations
        if o.completed_at is not None and o.completed_at <= at
    }
    still = [
        report.issue
        for report in happened.reports
        if report.track[0] not in done and not _is_resumed(report, resumed)
    ]
    newest = sorted(still, key=lambda i: (i.happened_at, i.production_log_id), reverse=True)
    return tuple(newest[:MOST_ISSUES])


def completed_quantity(work_order: WorkOrder, reported: Mapping[int | None, Reported]) -> Decimal:
    """Tell the good pieces of a work order: of its last operation, the least where several end."""
    followed = {n for o in work_order.operations for n in o.predecessor_operation_numbers}
    ends = [o.operation_number for o in work_order.operations if o.operation_number not in followed]
    if not ends:
        return sum((one.good for one in reported.values()), _ZERO)
    return min(reported.get(number, Reported()).good for number in ends)


def _item(work_order: WorkOrder, happened: Happened, *, at: datetime) -> HandoverWorkOrder:
    completed = completed_quantity(work_order, happened.reported)
    names = set(HandoverWorkOrder.model_fields) & set(WorkOrder.model_fields)
    return HandoverWorkOrder.model_validate(
        {
            **work_order.model_dump(include=names),
            "work_order_id": work_order.id,
            "started_at": work_order.actual_start_at,
            "quantity_completed": completed,
            "scrap_quantity": sum((one.scrap for one in happened.reported.values()), _ZERO),
            "progress_percentage": _percentage(completed, work_order.quantity_ordered),
            "lanes": sorted(happened.lanes, key=lambda lane: lane.lane_number or ""),
            "open_issues": open_issues(work_order, happened, at=at),
        }
    )


def _is_resumed(report: Report, resumed: Mapping[Track, datetime]) -> bool:
    last = resumed.get(report.track)
    return report.is_stop and last is not None and last >= report.issue.happened_at


def _percentage(completed: Decimal, ordered: Decimal) -> Decimal:
    if ordered == 0:
        return Decimal(_PERCENT)
    share = quantities.exact(completed) / quantities.exact(ordered)
    return quantities.round_half_up(share * _PERCENT, _PERCENT_DECIMALS)


def _urgency(item: HandoverWorkOrder) -> tuple[int, bool, str, str]:
    due = item.due_date.isoformat() if item.due_date else ""
    return _RANK[item.priority], item.due_date is None, due, item.work_order_number


def by_work_order(
    reported: Iterable[tuple[UUID, int | None, Reported]],
    lanes: Iterable[tuple[UUID, HandoverLane]],
    told: Iterable[tuple[UUID, Report | Resumption]],
) -> dict[UUID, Happened]:
    """Put together what was loaded of several work orders."""
    quantities_of: dict[UUID, dict[int | None, Reported]] = defaultdict(dict)
    lanes_of: dict[UUID, list[HandoverLane]] = defaultdict(list)
    reports: dict[UUID, list[Report]] = defaultdict(list)
    resumptions: dict[UUID, list[Resumption]] = defaultdict(list)
    for work_order_id, number, one in reported:
        quantities_of[work_order_id][number] = one
    for work_order_id, lane in lanes:
        lanes_of[work_order_id].append(lane)
    for work_order_id, said in told:
        if isinstance(said, Report):
            reports[work_order_id].append(said)
        else:
            resumptions[work_order_id].append(said)
    return {
        work_order_id: Happened(
            reported=quantities_of[work_order_id],
            lanes=lanes_of[work_order_id],
            reports=reports[work_order_id],
            resumptions=resumptions[work_order_id],
        )
        for work_order_id in {*quantities_of, *lanes_of, *reports, *resumptions}
    }
