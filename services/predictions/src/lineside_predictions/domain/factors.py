"""Why a project's date is what it is: numbers a person can check."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from lineside_contracts.predictions import PredictionFactor
from lineside_predictions.domain import scoring
from lineside_predictions.domain.order_dates import OrderDates
from lineside_predictions.domain.runs import Progress
from lineside_predictions.domain.scoring import NO_ACCURACY, Accuracy
from lineside_predictions.domain.velocity import Velocity

OPEN = "open"
COMPLETED = "completed"
CANCELLED = "cancelled"

_TENTH = Decimal("0.1")
_MINUTES_PER_HOUR = 60
_NO_PROGRESS = Progress(Decimal(0), Decimal(0), {}, Decimal(0))


@dataclass(frozen=True)
class ProjectOrder:
    """One order of a project with its dates.

    Attributes:
        kind_of_work: Which accuracy speaks for it; None: not known yet.
        lane_conflicts: Lanes it shares with other work that cannot run there at once.
        is_on_time: Whether it was finished by the date promised; None: not finished.
    """

    production_order_id: UUID
    production_order_number: str
    sales_order_id: UUID | None
    status: str
    due_date: date
    quantity: Decimal
    dates: OrderDates
    plant_code: str | None = None
    progress: Progress = _NO_PROGRESS
    kind_of_work: UUID | None = None
    lane_conflicts: int | None = None
    is_on_time: bool | None = None


@dataclass(frozen=True)
class Experience:
    """What was measured: velocities by plant and operation type, accuracy by kind of work."""

    velocities: Mapping[str, Mapping[str, Velocity]] = field(default_factory=dict)
    accuracy: Mapping[UUID, Accuracy] = field(default_factory=dict)

    def velocities_of(self, plant_code: str | None) -> Mapping[str, Velocity]:
        """By operation type."""
        return self.velocities.get(plant_code or "", {})

    def accuracy_of(self, kind_of_work: UUID | None) -> Accuracy:
        """Of predictions of such work."""
        return self.accuracy.get(kind_of_work, NO_ACCURACY) if kind_of_work else NO_ACCURACY


NO_EXPERIENCE = Experience()


def factors(
    orders: Sequence[ProjectOrder], latest: ProjectOrder, *, today: date, experience: Experience
) -> tuple[PredictionFactor, ...]:
    """List them, those of the order that is ready last first.

    Args:
        orders: Those of the project that count.
        latest: Which of them is ready last.
        today: In UTC.
        experience: What was measured before.
    """
    return (
        *_work(orders, latest),
        *_waits(latest, today=today),
        *_velocities(latest, experience),
        *_history(orders, latest, experience),
        _scored(experience.accuracy_of(latest.kind_of_work)),
    )


def _work(orders: Sequence[ProjectOrder], latest: ProjectOrder) -> Iterator[PredictionFactor]:
    open_orders = [order for order in orders if order.status == OPEN]
    yield PredictionFactor(
        name="open_orders",
        value=Decimal(len(open_orders)),
        unit="orders",
        explanation=f"{len(open_orders)} of {len(orders)} production orders are still open",
    )
    number, remaining = latest.production_order_number, latest.dates.remaining_work_minutes
    yield PredictionFactor(
        name="latest_order_work",
        value=remaining,
        unit="minutes",
        explanation=f"{number} is the last to be ready: {remaining} standard minutes are left",
    )
    quantity = _total(order.progress.remaining_quantity for order in open_orders)
    yield PredictionFactor(
        name="remaining_quantity",
        value=quantity,
        unit="units",
        explanation=f"{quantity} units have not left their last operation yet",
    )
    yield _hours(open_orders)
    wip = _total(order.progress.wip_quantity for order in open_orders)
    yield PredictionFactor(
        name="wip",
        value=wip,
        unit="units",
        explanation=f"{wip} units are in process: begun, and not yet good at their last operation",
    )


def _hours(orders: Sequence[ProjectOrder]) -> PredictionFactor:
    by_type: dict[str, Decimal] = {}
    for order in orders:
        for name, minutes in order.progress.remaining_minutes.items():
            by_type[name] = by_type.get(name, Decimal(0)) + minutes
    listed = ", ".join(f"{name} {_in_hours(by_type[name])}" for name in sorted(by_type))
    return PredictionFactor(
        name="remaining_hours",
        value=_in_hours(_total(by_type.values())),
        unit="hours",
        explanation=f"standard hours left: {listed}" if listed else "no standard hours are left",
    )


def _waits(latest: ProjectOrder, *, today: date) -> Iterator[PredictionFactor]:
    """What the last order waits for besides its own work."""
    number, dates = latest.production_order_number, latest.dates
    if dates.queue_minutes is not None:
        yield PredictionFactor(
            name="queue",
            value=dates.queue_minutes,
            unit="minutes",
            explanation=(
                f"{number} is loaded on its work centers behind other orders: "
                f"{dates.queue_minutes} working minutes of waiting for capacity"
            ),
        )
    if dates.materials_available_on is not None:
        yield PredictionFactor(
            name="materials",
            value=Decimal(max(0, (dates.materials_available_on - today).days)),
            unit="days",
            explanation=(
                f"the last material of {number} is expected on {dates.materials_available_on}"
            ),
        )
    if latest.lane_conflicts is not None and latest.status == OPEN:
        yield PredictionFactor(
            name="lane_conflicts",
            value=Decimal(latest.lane_conflicts),
            unit="lanes",
            explanation=(
                f"on {latest.lane_conflicts} lanes more released work competes with that of "
                f"{number} than they take at once"
            ),
        )


def _velocities(latest: ProjectOrder, experience: Experience) -> Iterator[PredictionFactor]:
    measured = experience.velocities_of(latest.plant_code)
    for name in sorted(latest.progress.remaining_minutes.keys() & measured.keys()):
        velocity = measured[name]
        hours, units = _rounded(velocity.hours_per_day), _rounded(velocity.units_per_day)
        pace = (
            f"work takes {_rounded(100 / velocity.ratio)} % of its standard time"
            if velocity.ratio
            else "too few to reckon with: standard times count"
        )
        yield PredictionFactor(
            name=f"velocity_{name}",
            value=hours,
            unit="hours/day",
            explanation=(
                f"{name} earned {hours} standard hours a worked day"
                f" ({velocity.day_count} of the last 30 working days); {pace}"
            ),
        )
        yield PredictionFactor(
            name=f"units_{name}",
            value=units,
            unit="units/day",
            explanation=f"{name} put through {units} pieces a worked day",
        )


def _history(
    orders: Sequence[ProjectOrder], latest: ProjectOrder, experience: Experience
) -> Iterator[PredictionFactor]:
    """Its own orders tell first; before one is finished, similar work does."""
    own = [order.is_on_time for order in orders if order.is_on_time is not None]
    similar = experience.accuracy_of(latest.kind_of_work)
    on_time, count, whose = sum(own), len(own), "finished orders of this project"
    if not own:
        on_time, count, whose = similar.on_time_count, similar.order_count, "orders of similar work"
    share = scoring.percentage(on_time, count)
    if share is not None:
        yield PredictionFactor(
            name="historical_on_time_rate",
            value=share,
            unit="%",
            explanation=f"{on_time} of {count} {whose} were finished by the date promised",
        )


def _scored(accuracy: Accuracy) -> PredictionFactor:
    kept, count = accuracy.kept["p80"], accuracy.prediction_count
    if accuracy.project_count < scoring.ENOUGH_PROJECTS:
        explanation = "fewer than 10 finished projects of similar work: confidence is low"
    else:
        share = scoring.percentage(kept, count)
        explanation = f"of {count} P80 dates of similar work, {share} % were kept"
    return PredictionFactor(
        name="scored_predictions", value=Decimal(count), unit="predictions", explanation=explanation
    )


def _total(values: Iterable[Decimal]) -> Decimal:
    return sum(values, Decimal(0))


def _in_hours(minutes: Decimal) -> Decimal:
    return (minutes / _MINUTES_PER_HOUR).quantize(_TENTH)


def _rounded(value: float) -> Decimal:
    return Decimal(value).quantize(_TENTH)
