"""Archives: months of production logs that have left the database, and what is read from them."""

from typing import Annotated

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.permissions import Permission
from lineside_contracts.shopfloor.production_logs import ListProductionLogs, ProductionLog
from lineside_contracts.values import Frozen, Instant, Request

Month = Annotated[str, Field(pattern=r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])$", examples=["2024-11"])]
"""A month of recording, in UTC: 2024-11."""


class ProductionLogArchive(Frozen):
    """A month of logs in a file, read back and compared before anything was dropped.

    A month has further parts where logs of it turned up after it had been dropped.
    """

    month: Month
    part: int
    file_name: str
    row_count: int
    byte_count: int
    checksum: str = Field(description="SHA-256 of the file, in hexadecimal digits.")
    verified_at: Instant
    dropped_at: Instant | None = Field(
        default=None, description="Since when its logs are in the file only."
    )


class ListArchives(Request):
    """Which months lie in archives, the last first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    month_from: Month | None = None
    month_until: Month | None = Field(default=None, description="Itself included.")


class QueryArchivedLogs(ListProductionLogs):
    """Which archived logs: a page of those that match, what was recorded last first.

    Logs that still are in the database are listed there, and not here.
    """

    month_from: Month = Field(description="The first month of recording that is read.")
    month_until: Month | None = Field(
        default=None, description="The last one, itself included; null: the first only."
    )


LIST_ARCHIVES = Endpoint(
    "shopfloor",
    "production_log_archive",
    "list",
    ListArchives,
    Page[ProductionLogArchive],
    Permission.PRODUCTION_READ,
)
QUERY_ARCHIVED_LOGS = Endpoint(
    "shopfloor",
    "archived_production_log",
    "list",
    QueryArchivedLogs,
    Page[ProductionLog],
    Permission.PRODUCTION_READ,
)
