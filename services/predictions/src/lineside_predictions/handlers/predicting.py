"""What every handler ends with: predict some orders again, combine them, score them, say the news.

load projects and plants → orders of the projects → what was measured → decide → save, say
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.predictions import DeliveryPredictionUpdated
from lineside_manufacturing import calendars
from lineside_manufacturing.calendars import WorkingCalendar
from lineside_predictions.domain import order_dates, prediction, runs, scoring
from lineside_predictions.domain.factors import CANCELLED, COMPLETED, OPEN, Experience, ProjectOrder
from lineside_predictions.domain.order_dates import OrderDates
from lineside_predictions.domain.prediction import Project, ProjectRecord
from lineside_predictions.domain.scoring import Mark, Marks, Stage
from lineside_predictions.handlers import finishing
from lineside_predictions.store import experience, orders as stored_orders, projects
from lineside_predictions.store.orders import OrderRecord
from lineside_predictions.store.projects import Surroundings

REASONS: Mapping[str, str] = {
    "routing.expanded": "the order was planned",
    "capacity.checked": "capacity was checked",
    "production_order.changed": "the order was changed",
    "production_order.cancelled": "an order was cancelled",
    "work_order.status_changed": "a work order changed its status",
    "production_log.recorded": "work was reported",
    "lane.assigned": "a lane was assigned",
    "lane.released": "a lane was released",
    "lane.status_changed": "a lane changed its status",
    "daily": "a new day began at the plant",
}
"""What people read of why, by event."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What made an order be predicted again."""

    envelope: Envelope | None
    kind: str

    @classmethod
    def of(cls, envelope: Envelope) -> "Cause":
        """An event."""
        return cls(envelope, envelope.event_type.rpartition(".v")[0])

    @property
    def reason(self) -> str:
        """In words."""
        return REASONS.get(self.kind, self.kind)


Causes = Mapping[UUID | None, Cause]
"""By production order."""


@dataclass(frozen=True)
class Change:
    """Orders that are to be predicted again.

    Attributes:
        orders: As they are now known.
        known: Those that are stored and locked; the others are new.
        named: Projects that may be new, by id.
        causes: By order.
        around: Projects and plants, where somebody has loaded them already.
        is_refresh: Whether factors are brought up to date even where nothing else changes.
    """

    orders: Sequence[OrderRecord]
    known: Mapping[UUID, OrderRecord]
    causes: Causes
    named: Mapping[UUID, Project] = field(default_factory=dict)
    around: Surroundings | None = None
    is_refresh: bool = False

    @property
    def project_ids(self) -> set[UUID]:
        """Whose date may move."""
        return {order.project_id for order in self.orders if order.project_id}


async def load_surroundings(uow: UnitOfWork, changed: Sequence[OrderRecord]) -> Surroundings:
    """Load and lock the projects of orders, and load the calendars of their plants."""
    return await projects.load_surroundings(
        uow,
        project_ids={order.project_id for order in changed if order.project_id},
        plant_codes=[order.plant_code for order in changed if order.plant_code],
    )


async def predict(uow: UnitOfWork, change: Change) -> None:
    """Predict some orders and their projects again, save everything, say what is news."""
    if not change.orders:
        return
    around = change.around or await load_surroundings(uow, change.orders)
    held = around.projects
    orders = await stored_orders.load_orders_of_projects(uow, held) if held else {}
    orders |= {order.id: order for order in change.orders}
    measured = await experience.load_experience(
        uow,
        plants={code: _calendar(around, code) for code in _plant_codes(orders.values())},
        kinds={order.kind_of_work for order in orders.values() if order.kind_of_work},
    )
    predicted = [_with_date(uow, order, around, measured) for order in change.orders]
    predicted = await finishing.score(uow, predicted)
    stored_orders.save_orders(uow, predicted, known=change.known)
    orders |= {order.id: order for order in predicted}
    by_project: dict[UUID | None, list[ProjectOrder]] = {}
    for order in orders.values():
        if part := order.as_project_order():
            by_project.setdefault(order.project_id, []).append(part)
    _renew_projects(uow, change, predicted, by_project=by_project, held=held, measured=measured)


def _renew_projects(
    uow: UnitOfWork,
    change: Change,
    predicted: Sequence[OrderRecord],
    *,
    by_project: Mapping[UUID | None, Sequence[ProjectOrder]],
    held: Mapping[UUID, ProjectRecord],
    measured: Experience,
) -> None:
    news, refreshed = [], []
    changed: dict[UUID | None, list[OrderRecord]] = {}
    for order in predicted:
        changed.setdefault(order.project_id, []).append(order)
    for each in sorted(change.project_ids):
        record = held.get(each)
        if record is None and each in change.named:
            record = ProjectRecord(change.named[each], None)
        if record is None:
            continue
        parts = by_project.get(each, [])
        fresh = changed.get(each, [])
        cause = _cause(change.causes, fresh)
        made = prediction.renew(
            record, parts, now=uow.now, experience=measured, reason=cause.reason if cause else None
        )
        if made is not None:
            news.append(made)
            _say(uow, made, fresh, before=held.get(each), cause=cause)
        elif change.is_refresh:
            now = prediction.refresh(record, parts, now=uow.now, experience=measured)
            refreshed += [now] if now else []
    projects.save_predictions(uow, news, known=held)
    projects.save_refreshed(uow, refreshed)


def _cause(causes: Causes, fresh: Sequence[OrderRecord]) -> Cause | None:
    return next((causes[order.id] for order in fresh if order.id in causes), None)


def _say(
    uow: UnitOfWork,
    made: ProjectRecord,
    fresh: Sequence[OrderRecord],
    *,
    before: ProjectRecord | None,
    cause: Cause | None,
) -> None:
    if made.prediction is None:
        return
    old = before.prediction if before else None
    event = DeliveryPredictionUpdated(
        delivery_prediction=made.prediction,
        previous_predicted_date=old.predicted_date if old else None,
        changed_orders=tuple(
            prediction.listed(part) for order in fresh if (part := order.as_project_order())
        ),
    )
    uow.emit(event, caused_by=cause.envelope if cause else None)


def _with_date(
    uow: UnitOfWork, order: OrderRecord, around: Surroundings, measured: Experience
) -> OrderRecord:
    """Predict an order whose runs are known."""
    if not order.expansion_version or order.status == CANCELLED:
        return order
    is_done = bool(order.runs) and all(run.is_done for run in order.runs)
    if is_done and order.status == COMPLETED:
        return order
    calendar = _calendar(around, order.plant_code)
    order = replace(order, progress=_progress(order))
    if is_done:
        return _finished(uow, order, calendar)
    forecast = order_dates.paced(order.forecast, order.runs, now=uow.now)
    dates = order_dates.predict_order(
        order.runs,
        now=uow.now,
        calendar=calendar,
        forecast=forecast,
        velocities=measured.velocities_of(order.plant_code),
    )
    return replace(order, status=OPEN, dates=dates, forecast=forecast, marks=_marks(order, dates))


def _finished(uow: UnitOfWork, order: OrderRecord, calendar: WorkingCalendar) -> OrderRecord:
    """An order all of whose runs are done was ready on the day the last of them ended."""
    ended = [run.ended_at for run in order.runs if run.ended_at]
    day = calendar.local_date(max(ended, default=uow.now))
    dates = OrderDates(
        remaining_work_minutes=runs.NOTHING,
        p50_date=day,
        p80_date=day,
        p95_date=day,
    )
    return replace(order, status=COMPLETED, dates=dates, finished_on=order.finished_on or day)


def _calendar(around: Surroundings, plant_code: str | None) -> WorkingCalendar:
    """A plant nobody has told of yet works the standard week, in UTC."""
    return around.plants.get(plant_code or "", calendars.standard_calendar("UTC"))


def _plant_codes(orders: Iterable[OrderRecord]) -> set[str]:
    return {order.plant_code for order in orders if order.plant_code}


def _progress(order: OrderRecord) -> runs.Progress:
    return runs.progress(order.runs, quantity=order.quantity or runs.NOTHING)


def _marks(order: OrderRecord, dates: OrderDates) -> Marks:
    new = Mark(
        dates.p50_date,
        dates.p80_date,
        dates.p95_date,
        is_finite=dates.queue_minutes is not None,
    )
    stage = Stage(
        is_released=any(run.is_released or run.processed for run in order.runs),
        remaining_minutes=dates.remaining_work_minutes,
        total_minutes=order.progress.total_minutes,
    )
    return scoring.marked(order.marks, new, stage)
