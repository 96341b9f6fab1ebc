"""Rows of master data to states and back, whatever their kind."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic
from uuid import UUID

from sqlalchemy import Row, Select, Table, or_, select

from lineside_chassis import pages, tables
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.envelope import AggregateState
from lineside_contracts.master_data import F, ListMasterData, MasterDataKind, S

SYSTEM_FIELDS = frozenset(
    {"id", "version", "deleted", "created_at", "created_by", "updated_at", "updated_by"}
)


NewId = Callable[[UnitOfWork], UUID]
"""Makes the id of a new row; a tenant's own row, for instance, has the tenant's id."""


class Shelf(Generic[F, S]):
    """The table of one kind."""

    def __init__(
        self, kind: MasterDataKind[F, S], table: Table, *, new_id: NewId = UnitOfWork.new_id
    ) -> None:
        missing = [name for name in kind.state.model_fields if name not in table.c]
        if missing:
            raise ValueError(f"{table.name} has no columns {', '.join(missing)} of {kind.name}")
        self._kind = kind
        self._table = table
        self._new_id = new_id
        self._code = table.c[kind.code_field]
        self._columns = [table.c[name] for name in kind.state.model_fields]

    def code_of(self, fields: F | S) -> str:
        """The code a row is known by."""
        return str(getattr(fields, self._kind.code_field))

    def same(self, fields: F, state: S) -> bool:
        """Whether writing these fields would change nothing."""
        return not state.deleted and all(
            getattr(fields, name) == getattr(state, name) for name in self._kind.fields.model_fields
        )

    async def load(self, uow: UnitOfWork, codes: Sequence[str]) -> Mapping[str, S]:
        """Load states by code, deleted ones as well."""
        query = select(*self._columns).where(tables.one_of(self._code, codes))
        rows = (await uow.connection.execute(query)).all()
        states = (self._state(row) for row in rows)
        return {self.code_of(state): state for state in states}

    async def page(self, uow: UnitOfWork, request: ListMasterData) -> Page[S]:
        """Load one page by code."""
        query = select(*self._columns).where(~self._table.c.deleted).order_by(self._code)
        query = self._after(self._searched(query, request.search), request.cursor)
        rows = (await uow.connection.execute(query.limit(request.limit + 1))).all()
        items = tuple(self._state(row) for row in rows[: request.limit])
        more = len(rows) > request.limit
        cursor = pages.encode_cursor([self.code_of(items[-1])]) if more else None
        return self._kind.page(items=items, next_cursor=cursor)

    def put(self, uow: UnitOfWork, fields: F, *, current: S | None) -> S:
        """Register a row's new version and its event."""
        state = self._next_state(uow, fields, current)
        self._write(uow, [state], new=current is None)
        return state

    def bury(self, uow: UnitOfWork, current: S) -> None:
        """Register a tombstone and its event."""
        changes = {
            "version": current.version + 1,
            "deleted": True,
            "updated_at": uow.now,
            "updated_by": uow.actor,
        }
        self._write(uow, [current.model_copy(update=changes)], new=False)

    async def put_all(
        self, uow: UnitOfWork, rows: Sequence[F], *, dry_run: bool
    ) -> Mapping[str, int]:
        """Register every row that is new or changes something; tell how many were which."""
        known = await self.load(uow, [self.code_of(fields) for fields in rows])
        created: list[S] = []
        updated: list[S] = []
        revived: list[S] = []
        for fields in rows:
            current = known.get(self.code_of(fields))
            if current is not None and self.same(fields, current):
                continue
            state = self._next_state(uow, fields, current)
            if current is None:
                created.append(state)
            else:
                (revived if current.deleted else updated).append(state)
        if not dry_run:
            self._write(uow, created, new=True)
            self._write(uow, [*updated, *revived], new=False)
        changed = len(created) + len(updated) + len(revived)
        return {
            "created_count": len(created) + len(revived),
            "updated_count": len(updated),
            "unchanged_count": len(rows) - changed,
        }

    def _write(self, uow: UnitOfWork, states: Sequence[S], *, new: bool) -> None:
        rows = [row_of(state, self._table) for state in states]
        if new:
            uow.insert(self._table, rows)
        else:
            uow.update(self._table, rows, expect_version=True)
        event = self._kind.changed
        for state in states:
            uow.emit(event(**{event.EVENT.state: state}))

    def _next_state(self, uow: UnitOfWork, fields: F, current: S | None) -> S:
        alive = current is not None and not current.deleted
        values = {name: getattr(fields, name) for name in self._kind.fields.model_fields}
        return self._kind.state(
            **values,
            id=current.id if current else self._new_id(uow),
            version=current.version + 1 if current else 1,
            created_at=current.created_at if current and alive else uow.now,
            created_by=current.created_by if current and alive else uow.actor,
            updated_at=uow.now,
            updated_by=uow.actor,
        )

    def _state(self, row: Row[Any]) -> S:
        return self._kind.state.model_validate(dict(row._mapping))  # noqa: SLF001 -- its public name

    def _searched(self, query: Select[Any], search: str | None) -> Select[Any]:
        if not search:
            return query
        name = self._table.c[self._kind.name_field]
        return query.where(
            or_(
                self._code.icontains(search, autoescape=True),
                name.icontains(search, autoescape=True),
            )
        )

    def _after(self, query: Select[Any], cursor: str | None) -> Select[Any]:
        last = pages.decode_cursor(cursor)
        return query if last is None else query.where(self._code > str(last[0]))


def row_of(state: AggregateState, table: Table) -> dict[str, Any]:
    """Write a state as a row, as far as the table has its columns."""
    dumped = state.model_dump(mode="json")
    return {name: value for name, value in dumped.items() if name in table.c}
