"""Counted numbers: one row per series, raised in one statement however many are taken.

The row stays locked until the transaction ends, so a number is never given twice; one that was
reserved by a transaction that failed is reserved again.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Integer, Text, Uuid, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import Insert, insert

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_shopfloor import tables
from lineside_shopfloor.work_orders.domain.numbers import Series

_COUNTERS = tables.number_counters


async def reserve(uow: UnitOfWork, counts: Mapping[Series, int]) -> Mapping[Series, int]:
    """Take so many numbers of each series; tells the last one of each."""
    statement = _insert(uow, counts)
    raised = _COUNTERS.c.last_number + statement.excluded.last_number
    return await _run(uow, statement, raised)


async def skip_to(uow: UnitOfWork, series: Series, number: int) -> None:
    """Make a series go on behind a number that was given by hand."""
    statement = _insert(uow, {series: number})
    raised = func.greatest(_COUNTERS.c.last_number, statement.excluded.last_number)
    await _run(uow, statement, raised)


def _insert(uow: UnitOfWork, numbers: Mapping[Series, int]) -> Insert:
    ordered = sorted(numbers)
    arrays = func.unnest(
        bindparam("prefixes", [series.prefix for series in ordered], type_=ARRAY(Text)),
        bindparam("years", [series.year for series in ordered], type_=ARRAY(Integer)),
        bindparam("numbers", [numbers[series] for series in ordered], type_=ARRAY(BigInteger)),
    )
    rows = arrays.table_valued("prefix", "year", "last_number").render_derived()
    return insert(_COUNTERS).from_select(
        ["tenant_id", "prefix", "year", "last_number"],
        select(
            literal(uow.tenant_id, Uuid), rows.c.prefix, rows.c.year, rows.c.last_number
        ).order_by(rows.c.prefix, rows.c.year),
    )


async def _run(uow: UnitOfWork, statement: Insert, raised: Any) -> Mapping[Series, int]:
    c = _COUNTERS.c
    result = await uow.connection.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "prefix", "year"], set_={"last_number": raised}
        ).returning(c.prefix, c.year, c.last_number)
    )
    return {Series(row.prefix, row.year): row.last_number for row in result}
