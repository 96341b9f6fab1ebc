"""A real shop-floor log (Levy 2014) as work orders, lanes, and reports in the order of time.

A row of the source is one report: an activity on a resource from a start to an end, with what came
of it (good, rejected, for the material review board). A work order's operations are its
activities, its lanes the resources. A row becomes two logs: its begin, which starts or resumes, and
its end, which reports the quantities; `logs_of` decides which kinds, as a terminal would that
shows whether somebody is at work already.

Rows that are alike in everything but their number in the source are one report said twice: the
content of the row is the idempotency key of its logs.

Source: D. Levy, Production Analysis with Process Mining Technology, NooL 2014,
DOI 10.4121/uuid:68726926-5ac5-4fab-b873-ee76ea412399.
"""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

FILE: Final = Path("production-log") / "production_log.csv"
"""Below the folder of real data sets."""

BREAKDOWN: Final = "BREAKDOWN"
REVIEW: Final = "MRB"
REJECTED: Final = "REJECTED"
END_OF_REPORT: Final = "END-OF-REPORT"
ALONGSIDE: Final = "ALONGSIDE"
"""Somebody worked with others who go on, and has nothing of their own to report."""

STEP: Final = 10
"""Operations are numbered 10, 20, 30."""

_LAST: Final = "Packing"
_NOT_CONTENT: Final = frozenset({"event_seq", "ts_quality"})
"""Number and remarks of those who published the log, no part of what was reported."""

_ACTIVITIES: Final[Mapping[str, Literal["setup", "run"]]] = {"S": "setup"}

Totals = tuple[Decimal, Decimal, Decimal]
"""Good, scrap, rework."""


@dataclass(frozen=True)
class Report:
    """One row of the source, duplicates apart.

    Attributes:
        key: Of the row's content.
        began_at: None where the source has lost it.
        copies: How often the row stands in the source.
    """

    key: str
    order: str
    activity: str
    resource: str
    kind: str
    began_at: datetime | None
    ended_at: datetime | None
    good: Decimal
    scrap: Decimal
    rework: Decimal
    worker: str
    is_rework: bool
    copies: int = 1

    @property
    def totals(self) -> Totals:
        """What it reports."""
        return (self.good, self.scrap, self.rework)


@dataclass(frozen=True)
class Order:
    """A case of the source."""

    number: str
    part: str
    quantity: Decimal
    activities: Sequence[str]

    def operation_number(self, activity: str) -> int:
        """Where an activity stands in the work order."""
        return STEP * (self.activities.index(activity) + 1)


@dataclass(frozen=True)
class FloorLog:
    """All of it."""

    orders: Mapping[str, Order]
    reports: Sequence[Report]
    row_count: int

    @property
    def duplicate_count(self) -> int:
        """Rows that say again what another one says."""
        return self.row_count - len(self.reports)

    @property
    def resources(self) -> list[str]:
        """Where the reports come from: machines, inspection, packing, an oven."""
        return list(dict.fromkeys(report.resource for report in self.reports))

    def totals(self, order: str) -> Totals:
        """What was reported of an order in all, each report once."""
        mine = [report.totals for report in self.reports if report.order == order]
        good, scrap, rework = (sum(column, Decimal(0)) for column in zip(*mine, strict=True))
        return good, scrap, rework


@dataclass(frozen=True)
class Log:
    """One log to be posted.

    Attributes:
        at: When it happened; None where the source does not know.
        fields: Of the request, without work order and lane.
    """

    report: Report
    part: Literal["begin", "end"]
    at: datetime | None
    fields: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.report.key}-{self.part}"


@dataclass
class _Track:
    state: Literal["idle", "running", "paused"] = "idle"
    activity: str = "run"
    open: set[str] = field(default_factory=set)


def read(path: Path, *, orders: int | None = None) -> FloorLog:
    """Read the log.

    Args:
        path: Of the CSV file.
        orders: Only so many orders, the first ones of the file; None for all.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    chosen = list(dict.fromkeys(row["case_id"] for row in rows))[:orders]
    rows = [row for row in rows if row["case_id"] in set(chosen)]
    reports = _distinct(rows)
    return FloorLog(
        orders={number: _order(number, rows) for number in chosen},
        reports=reports,
        row_count=len(rows),
    )


def logs_of(log: FloorLog) -> Iterator[Log]:
    """Turn reports into logs, in the order of time; those without a time come last."""
    tracks: defaultdict[tuple[str, str, str], _Track] = defaultdict(_Track)
    for report, part, at in _in_time(log.reports):
        track = tracks[(report.order, report.activity, report.resource)]
        make = _begin if part == "begin" else _end
        fields = make(report, track)
        if fields is not None:
            yield Log(report, part, at, fields)


def _in_time(
    reports: Sequence[Report],
) -> list[tuple[Report, Literal["begin", "end"], datetime | None]]:
    """At one instant what goes on ends before anything begins."""
    dated: list[tuple[datetime, int, int, Report, Literal["begin", "end"]]] = []
    for number, report in enumerate(reports):
        if report.began_at and report.ended_at:
            is_instant = report.began_at == report.ended_at
            dated.append((report.began_at, 1, number, report, "begin"))
            dated.append((report.ended_at, 2 if is_instant else 0, number, report, "end"))
    dated.sort(key=lambda one: one[:3])
    found: list[tuple[Report, Literal["begin", "end"], datetime | None]] = [
        (report, part, at) for at, _phase, _number, report, part in dated
    ]
    for report in reports:
        if report.began_at is None:
            found += [(report, "begin", None), (report, "end", None)]
    return found


def _begin(report: Report, track: _Track) -> dict[str, Any] | None:
    """Start, resume, change over, or nothing where somebody is at work already."""
    if report.kind == "B":
        return _break_down(track)
    activity = _ACTIVITIES.get(report.kind, "run")
    before, was = track.state, track.activity
    track.open.add(report.key)
    track.state, track.activity = "running", activity
    if before == "running" and was == activity:
        return None
    return {"kind": "resume" if before == "paused" else "start", "activity": activity}


def _break_down(track: _Track) -> dict[str, Any]:
    """A breakdown stops what runs; where nothing runs it is noted."""
    stops = track.state == "running"
    if stops:
        track.state = "paused"
    return {"kind": "issue", "reason_code": BREAKDOWN, "stops_production": stops}


def _end(report: Report, track: _Track) -> dict[str, Any] | None:
    """Report quantities; whoever is the last to leave pauses."""
    if report.kind == "B":
        return _go_on(track)
    track.open.discard(report.key)
    leaves = not track.open and track.state == "running"
    if leaves:
        track.state = "paused"
    if not leaves and not any(report.totals):
        return {"kind": "issue", "reason_code": ALONGSIDE}
    return {"kind": "pause" if leaves else "complete"} | _quantities(report, leaves=leaves)


def _go_on(track: _Track) -> dict[str, Any] | None:
    """After a breakdown those who are still there go on."""
    if not track.open or track.state != "paused":
        return None
    track.state = "running"
    return {"kind": "resume"}


def _quantities(report: Report, *, leaves: bool) -> dict[str, Any]:
    named = {
        "good_quantity": report.good,
        "scrap_quantity": report.scrap,
        "rework_quantity": report.rework,
    }
    fields: dict[str, Any] = {name: str(value) for name, value in named.items() if value}
    reason = REVIEW if report.rework else REJECTED if report.scrap else None
    if reason or leaves:
        fields["reason_code"] = reason or END_OF_REPORT
    return fields


def _distinct(rows: Sequence[Mapping[str, str]]) -> list[Report]:
    found: dict[str, Report] = {}
    for row in rows:
        report = _report(row)
        known = found.get(report.key)
        if known is not None:
            report = Report(**{**vars(known), "copies": known.copies + 1})
        found[report.key] = report
    return list(found.values())


def _report(row: Mapping[str, str]) -> Report:
    content = "\x1f".join(value for name, value in row.items() if name not in _NOT_CONTENT)
    return Report(
        key=hashlib.sha256(content.encode()).hexdigest()[:32],
        order=row["case_id"],
        activity=row["activity"],
        resource=row["resource"] or row["activity"],
        kind=row["report_type"],
        began_at=_instant(row["start_ts"]),
        ended_at=_instant(row["complete_ts"]),
        good=Decimal(row["qty_completed"] or 0),
        scrap=Decimal(row["qty_rejected"] or 0),
        rework=Decimal(row["qty_mrb"] or 0),
        worker=row["worker_id"],
        is_rework=row["rework"] == "Y",
    )


def _instant(text: str) -> datetime | None:
    """Local times without a zone are read as UTC, so that durations stay what they were."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def _order(number: str, rows: Sequence[Mapping[str, str]]) -> Order:
    mine = [row for row in rows if row["case_id"] == number]
    timed = sorted(mine, key=lambda row: (row["start_ts"] or "9", int(row["event_seq"])))
    activities = list(dict.fromkeys(row["activity"] for row in timed))
    activities.sort(key=lambda activity: activity == _LAST)
    first = mine[0]
    return Order(number, first["part_desc"], Decimal(first["work_order_qty"]), activities)
