"""SQL as tests ask it: rows as dictionaries, in a transaction of their own."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

Parameters = Mapping[str, Any] | Sequence[Any] | None


async def rows(
    url: str, statement: str, parameters: Parameters, *, tenant_id: UUID | None = None
) -> list[dict[str, Any]]:
    """Run a statement; a tenant is set for its transaction where one is given."""
    async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as connection:
        if tenant_id is not None:
            await connection.execute(
                "SELECT set_config('app.current_tenant_id', %s, true)", [str(tenant_id)]
            )
        cursor = await connection.execute(statement.encode(), parameters)
        return await cursor.fetchall() if cursor.description else []
