"""Marks are kept once each and scored at the end; confidence is the share of P80 dates kept."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lineside_contracts.predictions import Confidence
from lineside_predictions.domain import scoring
from lineside_predictions.domain.scoring import Accuracy, Mark, Marks, Moment, Stage

DAY = date(2026, 12, 1)
DAYS = st.dates(date(2026, 11, 20), date(2027, 3, 1))
MARK = Mark(DAY, DAY + timedelta(days=2), DAY + timedelta(days=4))
LATER = Mark(DAY + timedelta(days=9), DAY + timedelta(days=9), DAY + timedelta(days=9))
FINITE = Mark(DAY, DAY + timedelta(days=3), DAY + timedelta(days=5), is_finite=True)


def stage(left: int, *, released: bool = False) -> Stage:
    return Stage(is_released=released, remaining_minutes=Decimal(left), total_minutes=Decimal(100))


def test_confirmation_release_and_half_are_kept_once_each() -> None:
    marks = scoring.marked({}, MARK, stage(100))
    assert marks == {Moment.CONFIRMATION: MARK}
    marks = scoring.marked(marks, LATER, stage(100, released=True))
    marks = scoring.marked(marks, MARK, stage(50, released=True))
    marks = scoring.marked(marks, LATER, stage(10, released=True))
    assert marks == {Moment.CONFIRMATION: MARK, Moment.RELEASE: LATER, Moment.HALF: MARK}


def test_the_first_answer_of_capacity_stands_in_for_standard_times_until_release() -> None:
    marks = scoring.marked(scoring.marked({}, MARK, stage(100)), FINITE, stage(100))
    assert marks[Moment.CONFIRMATION] == FINITE
    again = Mark(DAY, DAY, DAY, is_finite=True)
    assert scoring.marked(marks, again, stage(100))[Moment.CONFIRMATION] == FINITE
    late = scoring.marked({Moment.CONFIRMATION: MARK}, FINITE, stage(100, released=True))
    assert late[Moment.CONFIRMATION] == MARK


def test_what_is_all_done_is_not_half_done() -> None:
    assert not stage(0).is_half_done
    assert not stage(51).is_half_done
    assert stage(50).is_half_done


@given(DAYS, DAYS, DAYS, DAYS)
def test_a_date_is_kept_by_whoever_is_done_on_or_before_it(
    p50: date, p80: date, p95: date, finished: date
) -> None:
    marks: Marks = {Moment.RELEASE: Mark(p50, p80, p95)}
    (score,) = scoring.scores(marks, finished_on=finished)
    assert [score.kept(name) for name in ("p50", "p80", "p95")] == [
        finished <= each for each in (p50, p80, p95)
    ]


def test_nothing_kept_is_nothing_scored() -> None:
    assert scoring.scores({}, finished_on=DAY) == ()


@pytest.mark.parametrize(
    ("kept", "scored", "projects", "confidence"),
    [
        (81, 100, 10, Confidence.HIGH),
        (80, 100, 10, Confidence.MEDIUM),
        (60, 100, 10, Confidence.MEDIUM),
        (59, 100, 10, Confidence.LOW),
        (100, 100, 9, Confidence.LOW),
        (0, 0, 10, Confidence.LOW),
    ],
)
def test_confidence_is_the_share_of_p80_dates_kept(
    kept: int, scored: int, projects: int, confidence: Confidence
) -> None:
    accuracy = Accuracy(
        project_count=projects,
        prediction_count=scored,
        kept={"p50": 0, "p80": kept, "p95": scored},
    )
    assert scoring.confidence_of(accuracy) is confidence


def test_a_project_counts_once_and_each_of_its_predictions() -> None:
    scored = scoring.scores({Moment.CONFIRMATION: MARK, Moment.HALF: LATER}, finished_on=DAY)
    accuracy = scoring.add_order(Accuracy(), scored, is_on_time=True, is_new_project=True)
    accuracy = scoring.add_order(accuracy, scored, is_on_time=False, is_new_project=False)
    assert (accuracy.project_count, accuracy.order_count, accuracy.on_time_count) == (1, 2, 1)
    assert accuracy.prediction_count == 4
    assert accuracy.kept == {"p50": 4, "p80": 4, "p95": 4}
    assert scoring.together([accuracy, accuracy]).prediction_count == 8


def test_the_view_says_it_in_words() -> None:
    accuracy = Accuracy(10, 12, 9, 24, {"p50": 12, "p80": 19, "p95": 24})
    seen = scoring.view(accuracy, scoring.kind_of_work("BOOKS", ["FOLD", "BIND", "FOLD"]))
    assert seen.operation_codes == ("BIND", "FOLD")
    assert seen.on_time_percentage == Decimal("75.0")
    assert seen.kept[1].statement == "of our P80 dates, 79.2 % were kept (19 of 24)"
    assert scoring.view(Accuracy()).kept[0].kept_percentage is None


@given(st.permutations(["CUT", "FOLD", "PACK"]), st.sampled_from([None, "BOOKS"]))
def test_the_same_set_of_operations_is_the_same_kind_of_work(
    codes: list[str], category: str | None
) -> None:
    kind = scoring.kind_of_work(category, codes)
    assert kind.id == scoring.kind_of_work(category, ["PACK", "CUT", "FOLD", "CUT"]).id
    assert kind.id != scoring.kind_of_work(category, ["CUT", "FOLD"]).id
    assert kind.id != scoring.kind_of_work("BOXES", codes).id
    assert isinstance(kind.id, UUID)
