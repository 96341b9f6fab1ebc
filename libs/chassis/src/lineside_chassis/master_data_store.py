"""Rows of master data to states and back, whatever their kind."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic
from uuid import UUID

import orjson
from sqlalchemy import Row, Select, Table, or_, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from lineside_chassis import imports, pages, plant_access, tables
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.envelope import AggregateState
from lineside_contracts.master_data import F, ListMasterData, MasterDataKind, S

NewId = Callable[[UnitOfWork], UUID]
"""Makes the id of a new row; a tenant's own row, for instance, has the tenant's id."""

Key = tuple[str, ...]
"""What makes a row the only one: its code, and before it its scope where the kind has one."""


class Shelf(Generic[F, S]):
    """The table of one kind.

    With `shares_global_rows`, rows without a tenant are read by all tenants and written by none;
    a tenant's own row of the same code stands in their place until it is deleted.
    """

    def __init__(
        self,
        kind: MasterDataKind[F, S],
        table: Table,
        *,
        new_id: NewId = UnitOfWork.new_id,
        shares_global_rows: bool = False,
    ) -> None:
        _refuse_misfits(kind, table)
        self.kind = kind
        self.table = table
        self.new_id = new_id
        self._shares_global_rows = shares_global_rows
        self._code = table.c[kind.code_field]
        self._key = [table.c[name] for name in (kind.scope_field, kind.code_field) if name]
        self._columns = [table.c[name] for name in kind.state.model_fields]
        self._listed = self._key[::-1]
        self._plant = table.c.get(plant_access.PLANT)

    def code_of(self, fields: F | S) -> str:
        """The code a row is known by."""
        return str(getattr(fields, self.kind.code_field))

    def key_of(self, fields: F | S) -> Key:
        """What a row is found by: scope and code."""
        return tuple(str(getattr(fields, column.name)) for column in self._key)

    def same(self, fields: F, state: S) -> bool:
        """Whether writing these fields would change nothing."""
        return not state.deleted and all(
            getattr(fields, name) == getattr(state, name) for name in self.kind.fields.model_fields
        )

    async def load(self, uow: UnitOfWork, key: Key) -> S | None:
        """Load the tenant's own state of a key, a deleted one as well."""
        return self.states_of(await self.fetch(uow, [key])).get(key)

    async def find(self, uow: UnitOfWork, address: str) -> Sequence[S]:
        """Load the tenant's own states an address may mean: one, unless codes have a scope."""
        meant = self._code == address
        if self.kind.scope_field and (row_id := _id_of(address)):
            meant = or_(meant, self.table.c.id == row_id)
        rows = await self._rows(uow, ~self.table.c.deleted, meant)
        return [self._state(row) for row in rows]

    async def fetch(self, uow: UnitOfWork, keys: Sequence[Key]) -> Sequence[Row[Any]]:
        """Load the rows that `states_of` makes states of."""
        wanted = list(zip(*keys, strict=True))
        if len(self._key) == 1:
            return await self._rows(uow, tables.among(self._code, wanted[0] if wanted else ()))
        return await self._rows(uow, tables.among_pairs(tuple_(*self._key), wanted))

    def states_of(self, rows: Sequence[Row[Any]]) -> Mapping[Key, S]:
        """Make states by key of rows; much work where they are many, for any thread."""
        states = (self._state(row) for row in imports.politely(rows))
        return {self.key_of(state): state for state in states}

    async def find_global(self, uow: UnitOfWork, code: str) -> S | None:
        """Load the row all tenants share, where there are such rows."""
        if not self._shares_global_rows:
            return None
        query = select(*self._columns).where(
            self._code == code, self.table.c.tenant_id.is_(None), ~self.table.c.deleted
        )
        row = (await uow.connection.execute(query)).one_or_none()
        return self._state(row) if row else None

    async def page(self, uow: UnitOfWork, request: ListMasterData) -> Page[S]:
        """Load one page by code, of the plants that may be seen."""
        query = select(*self._columns).where(*self._is_shown()).order_by(*self._listed)
        query = plant_access.visible(uow, query, self._plant)
        query = self._after(self._searched(query, request.search), request.cursor)
        rows = (await uow.connection.execute(query.limit(request.limit + 1))).all()
        items = tuple(self._state(row) for row in rows[: request.limit])
        more = len(rows) > request.limit
        cursor = pages.encode_cursor(self.key_of(items[-1])[::-1]) if more else None
        return self.kind.page(items=items, next_cursor=cursor)

    def put(self, uow: UnitOfWork, fields: F, *, current: S | None) -> S:
        """Register a row's new version and its event."""
        state = self.next_state(uow, fields, current)
        self.write(uow, [state], new=current is None)
        return state

    def bury(self, uow: UnitOfWork, current: S) -> None:
        """Register a tombstone and its event."""
        changes = {
            "version": current.version + 1,
            "deleted": True,
            "updated_at": uow.now,
            "updated_by": uow.actor,
        }
        self.write(uow, [current.model_copy(update=changes)], new=False)

    def write(self, uow: UnitOfWork, states: Sequence[S], *, new: bool) -> None:
        """Register states, all new or all changed, and their events; each is encoded once."""
        event = self.kind.changed
        field = event.EVENT.state
        rows = []
        for state in states:
            encoded = state.model_dump_json().encode()
            rows.append(orjson.loads(encoded))
            uow.emit(
                event(**{field: state}),
                encoded=b'{"%s":%s}' % (field.encode(), encoded),
            )
        if new:
            uow.insert(self.table, rows)
        else:
            uow.update(self.table, rows, expect_version=True)

    def next_state(self, uow: UnitOfWork, fields: F, current: S | None) -> S:
        """Make the state that follows."""
        alive = current is not None and not current.deleted
        values = {name: getattr(fields, name) for name in self.kind.fields.model_fields}
        return self.kind.state(
            **values,
            id=current.id if current else self.new_id(uow),
            version=current.version + 1 if current else 1,
            created_at=current.created_at if current and alive else uow.now,
            created_by=current.created_by if current and alive else uow.actor,
            updated_at=uow.now,
            updated_by=uow.actor,
        )

    async def _rows(self, uow: UnitOfWork, *conditions: ColumnElement[bool]) -> Sequence[Row[Any]]:
        query = select(*self._columns).where(*conditions)
        if self._shares_global_rows:
            query = query.where(self.table.c.tenant_id == uow.tenant_id)
        return (await uow.connection.execute(query)).all()

    def _state(self, row: Row[Any]) -> S:
        return self.kind.state.model_validate(dict(row._mapping))  # noqa: SLF001 -- its public name

    def _is_shown(self) -> list[ColumnElement[bool]]:
        shown: list[ColumnElement[bool]] = [~self.table.c.deleted]
        if self._shares_global_rows:
            own = self.table.alias("own")
            shadow = select(own.c.id).where(
                own.c.tenant_id.is_not(None),
                ~own.c.deleted,
                own.c[self.kind.code_field] == self._code,
            )
            shown.append(or_(self.table.c.tenant_id.is_not(None), ~shadow.exists()))
        return shown

    def _searched(self, query: Select[Any], search: str | None) -> Select[Any]:
        if not search:
            return query
        name = self.table.c[self.kind.name_field]
        return query.where(
            or_(
                self._code.icontains(search, autoescape=True),
                name.icontains(search, autoescape=True),
            )
        )

    def _after(self, query: Select[Any], cursor: str | None) -> Select[Any]:
        last = pages.decode_cursor(cursor, length=len(self._listed))
        if last is None:
            return query
        return query.where(tuple_(*self._listed) > tuple_(*map(str, last)))


def _id_of(address: str) -> UUID | None:
    try:
        return UUID(address)
    except ValueError:
        return None


def row_of(state: AggregateState, table: Table) -> dict[str, Any]:
    """Write a state as a row, as far as the table has its columns."""
    dumped = state.model_dump(mode="json")
    return {name: value for name, value in dumped.items() if name in table.c}


def _refuse_misfits(kind: MasterDataKind[Any, Any], table: Table) -> None:
    """Check once what every row relies on.

    Raises:
        ValueError: Columns are missing, or an event says more.
        TypeError: A state is not made of the fields.
    """
    missing = [name for name in kind.state.model_fields if name not in table.c]
    if missing:
        raise ValueError(f"{table.name} has no columns {', '.join(missing)} of {kind.name}")
    if not issubclass(kind.state, kind.fields):
        raise TypeError(f"the state of a {kind.name} is not made of its fields")
    if list(kind.changed.model_fields) != [kind.changed.EVENT.state]:
        raise ValueError(f"{kind.changed.__name__} says more than the state of a {kind.name}")
