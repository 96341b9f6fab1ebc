"""Months, what is compared of table and file, and the columns both have."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from lineside_shopfloor import tables
from lineside_shopfloor.archive.domain import columns, fingerprints, months
from lineside_shopfloor.archive.domain.fingerprints import Fingerprint

MONTHS = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 1)).map(
    lambda day: day.replace(day=1)
)


def test_a_file_has_every_column_of_the_table() -> None:
    written = {column.name for column in tables.production_logs.c if column.computed is None}
    assert written - {"tenant_id"} == columns.COLUMNS.keys()
    assert not columns.DERIVED.keys() & columns.COLUMNS.keys()


@given(month=MONTHS, by=st.integers(min_value=-200, max_value=200))
def test_months_are_counted_without_gaps(month: date, by: int) -> None:
    assert months.shifted(months.shifted(month, by), -by) == month
    assert months.bounds(month)[1] == months.bounds(months.shifted(month, 1))[0]
    assert months.read(months.written(month)) == month


@given(
    month=MONTHS,
    at=st.datetimes(
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001 -- made aware below
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
)
def test_a_month_is_due_when_its_last_log_is_two_years_old(month: date, at: datetime) -> None:
    _begins, ends = months.bounds(month)
    if months.is_due(month, now=at, retention_months=24):
        assert ends <= at.replace(day=1) - timedelta(days=2 * 365)
    else:
        assert ends > at - timedelta(days=2 * 366 + 31)


@pytest.mark.parametrize(
    ("now", "is_due"),
    [
        (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), False),
        (datetime(2026, 12, 1, tzinfo=UTC), True),
    ],
    ids=["before the turn of the month", "after it"],
)
def test_november_stays_until_the_november_two_years_later_is_over(
    now: datetime, is_due: bool
) -> None:
    assert months.is_due(date(2024, 11, 1), now=now, retention_months=24) is is_due


def test_only_later_parts_carry_a_number() -> None:
    names = [months.file_name(date(2024, 11, 1), part) for part in (1, 2)]
    assert names == ["2024-11.parquet", "2024-11-2.parquet"]


def test_every_difference_of_table_and_file_is_named() -> None:
    def figures(count: int, total: int) -> list[int]:
        return [count, 7, *[n for _ in columns.COLUMNS for n in (count, 0, 9, total)]]

    table = Fingerprint.of(figures(3, 30))
    assert fingerprints.differences(table, Fingerprint.of(figures(3, 30))) == []
    named = fingerprints.differences(table, Fingerprint.of(figures(3, 31)))
    assert len(named) == len(columns.COLUMNS)
    assert "total of good_quantity: 30 in the table, 31 in the file" in named
