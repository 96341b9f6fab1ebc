"""Serial numbers: unique per product (RULES 9), each named once per operation of its order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, Row, Text, bindparam, select, true

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_shopfloor import tables
from lineside_shopfloor.execution.domain.logs import FloorLog

_SERIALS = tables.product_serials
_WORK_ORDERS = tables.work_orders
_LOGS = tables.production_logs


@dataclass(frozen=True, slots=True)
class Named:
    """The serial numbers of a log, as far as they are known already.

    Attributes:
        taken: They stand for other pieces of the product.
        carried: They came with the pieces, from another operation or from the corrected log.
    """

    taken: tuple[str, ...] = ()
    carried: frozenset[str] = frozenset()


async def look_up(uow: UnitOfWork, log: FloorLog) -> Named:
    """Look up the serial numbers of a log; nothing is asked where it names none.

    The pieces of one production order carry theirs from operation to operation: there each may be
    named once per operation. A correction takes over those of the log it corrects.
    """
    if not log.serial_numbers or log.product_code is None:
        return Named()
    owners = await _owners(uow, log)
    strange = {row.serial_number for row in owners if not _is_same_order(row, log)}
    taken = strange | await _repeated(uow, log)
    return Named(taken=tuple(sorted(taken)), carried=frozenset(row.serial_number for row in owners))


def keep(uow: UnitOfWork, log: FloorLog, named: Named, *, corrected: FloorLog | None) -> None:
    """Keep the serial numbers of a log; those its correction leaves out are free again.

    Somebody who names one of them for other pieces at the same moment fails on its key.
    """
    if log.product_code is None:
        return
    left = set(corrected.serial_numbers) - set(log.serial_numbers) if corrected else set()
    about = {"product_code": log.product_code, "work_order_id": log.work_order_id}
    freed = [{**about, "serial_number": serial} for serial in sorted(left)]
    uow.delete(_SERIALS, freed, key=("product_code", "work_order_id", "serial_number"))
    new = sorted(set(log.serial_numbers) - named.carried)
    rows = [{**about, "serial_number": serial, "log_id": log.id} for serial in new]
    uow.insert(_SERIALS, rows)


async def _owners(uow: UnitOfWork, log: FloorLog) -> Sequence[Any]:
    query = (
        select(
            _SERIALS.c.serial_number,
            _SERIALS.c.work_order_id,
            _WORK_ORDERS.c.production_order_id,
        )
        .join(
            _WORK_ORDERS,
            (_WORK_ORDERS.c.tenant_id == _SERIALS.c.tenant_id)
            & (_WORK_ORDERS.c.id == _SERIALS.c.work_order_id),
        )
        .where(
            _SERIALS.c.product_code == log.product_code,
            one_of(_SERIALS.c.serial_number, log.serial_numbers),
        )
    )
    return (await uow.connection.execute(query)).all()


def _is_same_order(row: Row[Any], log: FloorLog) -> bool:
    if row.work_order_id == log.work_order_id:
        return True
    return row.production_order_id is not None and (
        row.production_order_id == log.production_order_id
    )


async def _repeated(uow: UnitOfWork, log: FloorLog) -> set[str]:
    """Those that another log of the same operation names already."""
    later = _LOGS.alias("later")
    query = select(_LOGS.c.serial_numbers).where(
        _LOGS.c.work_order_id == log.work_order_id,
        _LOGS.c.kind == log.kind.value,
        _LOGS.c.operation_number.is_not_distinct_from(log.operation_number),
        _LOGS.c.serial_numbers.bool_op("&&")(
            bindparam("named", list(log.serial_numbers), type_=ARRAY(Text))
        ),
        _LOGS.c.id != log.corrects_log_id if log.corrects_log_id else true(),
        ~select(later.c.id)
        .where(later.c.tenant_id == _LOGS.c.tenant_id, later.c.corrects_log_id == _LOGS.c.id)
        .exists(),
    )
    rows = (await uow.connection.execute(query)).scalars()
    named = {serial for serials in rows for serial in serials}
    return named & set(log.serial_numbers)
