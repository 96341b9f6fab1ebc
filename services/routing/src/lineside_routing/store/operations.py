"""The operations catalogue: a tenant writes its own rows, and reads the global ones besides."""

from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select

from lineside_chassis import pages
from lineside_chassis.master_data_store import Shelf
from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.master_data import ListMasterData
from lineside_contracts.routing import OPERATIONS, Operation, OperationFields
from lineside_routing import tables

_TABLE = tables.operations
_OWN = tables.operations.alias("own")
_COLUMNS = tuple(_TABLE.c[name] for name in Operation.model_fields)

_IS_SHADOWED = (
    select(_OWN.c.id)
    .where(~_OWN.c.is_global, ~_OWN.c.deleted, _OWN.c.operation_code == _TABLE.c.operation_code)
    .exists()
)
_IS_SHOWN = ~_TABLE.c.deleted & (~_TABLE.c.is_global | ~_IS_SHADOWED)


class OwnOperations(Shelf[OperationFields, Operation]):
    """What a tenant may write: codes of global rows are free here, and shadow them."""

    def __init__(self) -> None:
        super().__init__(OPERATIONS, _TABLE, new_id=UnitOfWork.new_id)

    async def load(self, uow: UnitOfWork, codes: Sequence[str]) -> Mapping[str, Operation]:
        """Load the tenant's own entries by code, deleted ones as well."""
        query = select(*_COLUMNS).where(
            one_of(_TABLE.c.operation_code, codes), _TABLE.c.tenant_id == uow.tenant_id
        )
        rows = (await uow.connection.execute(query)).mappings()
        return {row["operation_code"]: Operation.model_validate(dict(row)) for row in rows}

    async def page(self, uow: UnitOfWork, request: ListMasterData) -> Page[Operation]:
        """Load one page by code; an own entry stands in the place of a global one."""
        query = select(*_COLUMNS).where(_IS_SHOWN).order_by(_TABLE.c.operation_code)
        if request.search:
            names = (_TABLE.c.operation_code, _TABLE.c.operation_name)
            query = query.where(
                or_(*(name.icontains(request.search, autoescape=True) for name in names))
            )
        after = pages.decode_cursor(request.cursor)
        if after is not None:
            query = query.where(_TABLE.c.operation_code > str(after[0]))
        rows = (await uow.connection.execute(query.limit(request.limit + 1))).mappings()
        found = [Operation.model_validate(dict(row)) for row in rows]
        return pages.page(
            found, limit=request.limit, key=lambda operation: [operation.operation_code]
        )


async def global_operation(uow: UnitOfWork, operation_code: str) -> Operation | None:
    """Load a global entry."""
    query = select(*_COLUMNS).where(
        _TABLE.c.operation_code == operation_code, _TABLE.c.is_global, ~_TABLE.c.deleted
    )
    row = (await uow.connection.execute(query)).mappings().one_or_none()
    return Operation.model_validate(dict(row)) if row else None
