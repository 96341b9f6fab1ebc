"""How right predictions were: marks kept on the way, scored at the end, summed up by kind of work.

Of each order the predictions at confirmation, at release and at half of the work are kept; when it
is finished, each of their dates was kept or not. From how many P80 dates of similar work (the same
product category and set of operations) were kept follows the confidence in new ones (RULES 33).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import NAMESPACE_OID, UUID, uuid5

from lineside_contracts.predictions import AccuracyOfWork, Confidence, KeptDates

QUANTILES: tuple[tuple[str, Decimal], ...] = (
    ("p50", Decimal(50)),
    ("p80", Decimal(80)),
    ("p95", Decimal(95)),
)
ENOUGH_PROJECTS = 10
HIGH_ABOVE, MEDIUM_FROM = 80, 60

_TENTH = Decimal("0.1")


class Moment(StrEnum):
    """When a prediction is kept to be scored."""

    CONFIRMATION = "confirmation"
    RELEASE = "release"
    HALF = "half"


@dataclass(frozen=True, slots=True)
class Mark:
    """A prediction that will be scored. `is_finite` tells that capacity had been asked."""

    p50_date: date
    p80_date: date
    p95_date: date
    is_finite: bool = False


Marks = Mapping[Moment, Mark]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where an order stands when it is predicted."""

    is_released: bool
    remaining_minutes: Decimal
    total_minutes: Decimal

    @property
    def is_half_done(self) -> bool:
        """Whether half of its standard time has been worked, and not all of it."""
        return 0 < self.remaining_minutes * 2 <= self.total_minutes


@dataclass(frozen=True, slots=True)
class KindOfWork:
    """What makes orders similar. `id` stands for both of the others."""

    id: UUID
    product_category: str | None
    operation_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """One kept prediction of a finished order."""

    moment: Moment
    mark: Mark
    finished_on: date

    def kept(self, quantile: str) -> bool:
        """Whether the order was finished on or before the date."""
        promised: date = getattr(self.mark, f"{quantile}_date")
        return self.finished_on <= promised


@dataclass(frozen=True)
class Accuracy:
    """How right predictions of one kind of work were.

    Attributes:
        kept: How many dates were kept, by quantile.
    """

    project_count: int = 0
    order_count: int = 0
    on_time_count: int = 0
    prediction_count: int = 0
    kept: Mapping[str, int] = field(default_factory=lambda: {name: 0 for name, _ in QUANTILES})


NO_ACCURACY = Accuracy()


def kind_of_work(product_category: str | None, operation_codes: Sequence[str]) -> KindOfWork:
    """Name the kind of work an order is: its product's category and its set of operations."""
    codes = tuple(sorted(set(operation_codes)))
    name = "\n".join((product_category or "", *codes))
    return KindOfWork(uuid5(NAMESPACE_OID, name), product_category, codes)


def marked(marks: Marks, new: Mark, stage: Stage) -> Marks:
    """Keep a prediction at each moment that has come and was not kept yet.

    The first prediction rests on standard times; the first one after capacity was asked stands in
    for it, as long as nothing is released: that is what a promise is made of.
    """
    kept = dict(marks)
    first = kept.get(Moment.CONFIRMATION)
    is_early = Moment.RELEASE not in kept and not stage.is_released
    if first is None or (is_early and new.is_finite and not first.is_finite):
        kept[Moment.CONFIRMATION] = new
    if stage.is_released:
        kept.setdefault(Moment.RELEASE, new)
    if stage.is_half_done:
        kept.setdefault(Moment.HALF, new)
    return kept


def scores(marks: Marks, *, finished_on: date) -> tuple[Score, ...]:
    """Score what was kept of an order that is finished."""
    return tuple(Score(moment, marks[moment], finished_on) for moment in Moment if moment in marks)


def add_order(
    accuracy: Accuracy, scored: Sequence[Score], *, is_on_time: bool, is_new_project: bool
) -> Accuracy:
    """Count a finished order in."""
    return replace(
        accuracy,
        project_count=accuracy.project_count + is_new_project,
        order_count=accuracy.order_count + 1,
        on_time_count=accuracy.on_time_count + is_on_time,
        prediction_count=accuracy.prediction_count + len(scored),
        kept={
            name: accuracy.kept[name] + sum(score.kept(name) for score in scored)
            for name, _ in QUANTILES
        },
    )


def together(several: Sequence[Accuracy]) -> Accuracy:
    """Sum up over kinds of work: counts are added, percentages never averaged."""
    return Accuracy(
        project_count=sum(each.project_count for each in several),
        order_count=sum(each.order_count for each in several),
        on_time_count=sum(each.on_time_count for each in several),
        prediction_count=sum(each.prediction_count for each in several),
        kept={name: sum(each.kept[name] for each in several) for name, _ in QUANTILES},
    )


def confidence_of(accuracy: Accuracy) -> Confidence:
    """High above 80 % of P80 dates kept, medium from 60 %, else low; low below 10 projects."""
    if accuracy.project_count < ENOUGH_PROJECTS or not accuracy.prediction_count:
        return Confidence.LOW
    share = Fraction(100 * accuracy.kept["p80"], accuracy.prediction_count)
    if share > HIGH_ABOVE:
        return Confidence.HIGH
    return Confidence.MEDIUM if share >= MEDIUM_FROM else Confidence.LOW


def view(accuracy: Accuracy, kind: KindOfWork | None = None) -> AccuracyOfWork:
    """Write it as people read it; None for all kinds of work together."""
    return AccuracyOfWork(
        product_category=kind.product_category if kind else None,
        operation_codes=kind.operation_codes if kind else (),
        confidence=confidence_of(accuracy),
        project_count=accuracy.project_count,
        order_count=accuracy.order_count,
        kept=tuple(_kept(accuracy, name, expected) for name, expected in QUANTILES),
        on_time_count=accuracy.on_time_count,
        on_time_percentage=percentage(accuracy.on_time_count, accuracy.order_count),
    )


def percentage(part: int, whole: int) -> Decimal | None:
    """A share to one decimal, half up; None of nothing."""
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(_TENTH, ROUND_HALF_UP)


def _kept(accuracy: Accuracy, name: str, expected: Decimal) -> KeptDates:
    kept, count = accuracy.kept[name], accuracy.prediction_count
    share = percentage(kept, count)
    title = name.upper()
    return KeptDates(
        quantile=name,
        expected_percentage=expected,
        kept_count=kept,
        prediction_count=count,
        kept_percentage=share,
        statement=(
            f"no {title} date has been scored yet"
            if share is None
            else f"of our {title} dates, {share} % were kept ({kept} of {count})"
        ),
    )
