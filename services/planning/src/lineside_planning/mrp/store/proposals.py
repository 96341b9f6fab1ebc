"""Planned orders and exception messages as people list them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, func, or_, select

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import (
    ListMrpExceptions,
    ListPlannedOrders,
    LotLedgerEntry,
    MrpException,
    Peg,
    PlannedOrder,
)
from lineside_contracts.problems import Problem, ProblemCode
from lineside_manufacturing import quantities
from lineside_planning.mrp.store import naming, runs
from lineside_planning.mrp.store.naming import Names
from lineside_planning.mrp.store.sources import Pairing
from lineside_planning.mrp.tables import (
    mrp_exceptions,
    mrp_items,
    mrp_planning,
    mrp_supplies,
    planned_orders as table,
)

FIRMED = "firmed"

_QUANTIFIED = frozenset({"expedite", "defer", "cancel", "past_due"})
_NO_DATE = date.max
"""Exceptions without a date come last."""

_PLANNED_ON = select(mrp_planning.c.planning_date).scalar_subquery()
_ORDERS: Select[Any] = select(
    table,
    mrp_items.c.product_name,
    func.coalesce(mrp_items.c.unit_code, "EA").label("unit_code"),
    func.coalesce(mrp_items.c.unit_decimals, 0).label("unit_decimals"),
    func.coalesce(mrp_items.c.low_level_code, 0).label("low_level_code"),
    _PLANNED_ON.label("planned_on"),
).select_from(table.outerjoin(mrp_items, mrp_items.c.product_code == table.c.product_code))


async def page_of_orders(
    uow: UnitOfWork, request: ListPlannedOrders, plants: Collection[str] | None
) -> Page[PlannedOrder]:
    """Read a page of proposals, soonest release first.

    Args:
        uow: The unit of work.
        request: Which.
        plants: Those a person is limited to; None: all.

    Returns:
        The page, without pegs.

    Raises:
        Refused: The cursor is none of ours.
    """
    query = _ORDERS.where(table.c.status == "proposed", *_matching(table, request, plants))
    if request.make_or_buy is not None:
        query = query.where(table.c.make_or_buy == request.make_or_buy)
    if request.release_before is not None:
        query = query.where(table.c.release_on < request.release_before)
    query = _after(query, table.c.release_on, table.c.id, request.cursor)
    rows = (await uow.connection.execute(query.limit(request.limit + 1))).mappings().all()
    found = [planned_order(row) for row in rows]
    return pages.page(found, limit=request.limit, key=lambda o: [o.release_on, o.id])


async def find_order(
    uow: UnitOfWork, planned_order_id: UUID, *, locked: bool = False
) -> Mapping[str, Any] | None:
    """Read a planned order's row, with what `planned_order` wants.

    Args:
        uow: The unit of work.
        planned_order_id: Which.
        locked: Keep others from changing it.

    Returns:
        The row, or None.
    """
    query = _ORDERS.where(table.c.id == planned_order_id)
    if locked:
        query = query.with_for_update(of=table)
    row = (await uow.connection.execute(query)).mappings().one_or_none()
    return None if row is None else dict(row)


async def rows_of_item(uow: UnitOfWork, pool: tuple[str, str]) -> list[Mapping[str, Any]]:
    """Read the proposals of one item, soonest release first.

    Args:
        uow: The unit of work.
        pool: Product and plant.

    Returns:
        Their rows, as `planned_order` wants them.
    """
    product, plant = pool
    query = _ORDERS.where(
        table.c.product_code == product, table.c.plant_code == plant, table.c.status == "proposed"
    )
    rows = await uow.connection.execute(query.order_by(table.c.release_on, table.c.id))
    return [dict(row) for row in rows.mappings()]


def planned_order(row: Mapping[str, Any], pegs: Sequence[Peg] = ()) -> PlannedOrder:
    """Read a planned order; its one event makes its one version.

    Args:
        row: As stored, with its item and planning date.
        pegs: Whom it serves.

    Returns:
        The planned order.
    """
    return PlannedOrder(
        id=row["id"],
        version=1,
        product_code=row["product_code"],
        product_name=row["product_name"],
        plant_code=row["plant_code"],
        make_or_buy=row["make_or_buy"],
        quantity=row["quantity"],
        unit_code=row["unit_code"],
        release_on=row["release_on"],
        due_on=row["due_on"],
        level=row["low_level_code"],
        is_past_due=row["planned_on"] is not None and row["release_on"] < row["planned_on"],
        status=row["status"],
        ledger=_ledger(row),
        pegs=tuple(pegs),
    )


def firm(uow: UnitOfWork, row: Mapping[str, Any]) -> None:
    """Make a proposal firm: it stays where it is as a supply until what it becomes is told of.

    Args:
        uow: The unit of work that holds the tenant's turn.
        row: The proposal.
    """
    firmed = {
        "id": row["id"],
        "status": FIRMED,
        "plan_key": None,
        "firmed_at": uow.now,
        "firmed_by": uow.actor,
    }
    uow.update(table, [firmed])
    supply = {
        "id": str(row["id"]),
        "source_id": row["id"],
        "kind": "planned_order",
        "name": "firmed order of",
        "product_code": row["product_code"],
        "plant_code": row["plant_code"],
        "due_on": row["due_on"],
        "quantity": row["quantity"],
        "pairing": Pairing.NONE,
        "pegged_to": None,
        "explodes": row["make_or_buy"] == "make",
        "starts_on": row["release_on"],
    }
    uow.upsert(mrp_supplies, [supply], key=("id",))


async def page_of_exceptions(
    uow: UnitOfWork, request: ListMrpExceptions, plants: Collection[str] | None
) -> Page[MrpException]:
    """Read a page of exception messages, soonest first.

    Args:
        uow: The unit of work.
        request: Which.
        plants: Those a person is limited to; None: all.

    Returns:
        The page.

    Raises:
        Refused: The cursor is none of ours.
    """
    own = mrp_exceptions
    on = func.coalesce(own.c.from_date, _NO_DATE)
    query = select(own, on.label("sorted_on")).where(*_matching(own, request, plants))
    if request.kind is not None:
        query = query.where(own.c.kind == request.kind)
    query = _after(query, on, own.c.id, request.cursor).limit(request.limit + 1)
    rows = (await uow.connection.execute(query)).mappings().all()
    names = await naming.load(uow, {row["reference"] for row in rows})
    found = [(row["sorted_on"], row["id"], exception(dict(row), names)) for row in rows]
    paged = pages.page(found, limit=request.limit, key=lambda each: each[:2])
    items = tuple(each[2] for each in paged.items)
    return Page[MrpException](items=items, next_cursor=paged.next_cursor)


def exception(row: Mapping[str, Any], names: Names) -> MrpException:
    """Read an exception message.

    Args:
        row: As stored.
        names: What stands behind its reference.

    Returns:
        The message in people's words.
    """
    about = names.get(row["reference"])
    return MrpException(
        kind=row["kind"],
        product_code=row["product_code"],
        plant_code=row["plant_code"],
        supply_kind=about.kind if about else None,
        supply_id=about.id if about else None,
        supply_name=about.name if about else None,
        quantity=row["quantity"] if row["kind"] in _QUANTIFIED else None,
        from_date=row["from_date"],
        to_date=row["to_date"],
        message=naming.in_words(row["message"], names),
    )


def _matching(own: Any, request: Any, plants: Collection[str] | None) -> list[Any]:
    found = [
        own.c[name] == getattr(request, name)
        for name in ("product_code", "plant_code")
        if getattr(request, name) is not None
    ]
    if plants is not None:
        found.append(own.c.plant_code.in_(["", *sorted(plants)]))
    return found


def _after(query: Select[Any], day: Any, own_id: Any, cursor: str | None) -> Select[Any]:
    decoded = pages.decode_cursor(cursor, length=2)
    if decoded is not None:
        last = _day(decoded[0])
        later = (day == last) & (own_id > runs.cursor_id(decoded[1]))
        query = query.where(or_(day > last, later))
    return query.order_by(day, own_id)


def _day(written: Any) -> date:
    try:
        return date.fromisoformat(written)
    except (ValueError, TypeError):
        detail = "This cursor is not one of this list; start again without one."
        problem = Problem(code=ProblemCode.INVALID_CURSOR, detail=detail)
        raise Refused(problem) from None


def _ledger(row: Mapping[str, Any]) -> tuple[LotLedgerEntry, ...]:
    """What was missing, and what lot size and purchase unit added to it."""
    net, decimals = row["net_quantity"], row["unit_decimals"]
    said = f"{quantities.readable(quantities.exact(net))} {row['unit_code']} were missing."
    entries = [LotLedgerEntry(kind="net", quantity=net, explanation=said)]
    stored = row["ledger"]
    for kind, steps, told in orjson.loads(stored) if isinstance(stored, str) else stored:
        entries.append(
            LotLedgerEntry(
                kind="lot_size" if kind == "lot_size" else "whole_unit",
                quantity=quantities.decimal_of(int(steps), decimals),
                explanation=told,
            )
        )
    return tuple(entries)
