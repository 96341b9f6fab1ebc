"""What loading 100,000 rows of master data costs, next to COPY of the same rows.

    python -m benchmarks.imports [--rows 100000] [--rounds 3]

Four files (products, vendor products, stock locations, lines of bills) go through the request that
answers every import, on a service, a PostgreSQL and a nats-server started here: from the request to
its answer, which comes once everything is committed, events included. The baseline writes the very
rows that were stored, and their events into the outbox, with COPY: nothing parsed, checked or
compared. Rounds of both take turns; each round is a tenant of its own.
"""

import argparse
import asyncio
import contextlib
import logging
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import structlog
from rich.console import Console
from rich.table import Table

from lineside_contracts import planning
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.master_data import ImportMasterData
from lineside_stack import databases
from lineside_testkit import servers
from lineside_testkit.harness import Harness

CONSOLE = Console()
VENDOR_COUNT = 100
LINES_PER_BILL = 5
SETTLE_SECONDS = 1_800
"""Every projection of planning follows every row; it is given the time it takes."""


@dataclass
class Case:
    """A file, the tables it fills, and what was measured."""

    name: str
    endpoint: Endpoint[Any, Any]
    text: Callable[[int], str]
    tables: tuple[str, ...]
    seconds: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    copying: list[float] = field(default_factory=list)


def products(count: int) -> str:
    header = (
        "product_code,product_name,product_category,unit_code,conversions,make_or_buy,"
        "lead_time_days,safety_stock_quantity,standard_cost,plant_code\n"
    )
    return header + "".join(
        f"P-{i:06d},Product {i},CAT-{i % 50},EA,BX=12,buy,{i % 30},{i % 100},{i % 1000}.25,MAIN\n"
        for i in range(count)
    )


def vendor_products(count: int) -> str:
    header = (
        "product_code,vendor_code,purchase_unit_code,lead_time_days,minimum_order_quantity,price\n"
    )
    return header + "".join(
        f"P-{i:06d},V-{i % VENDOR_COUNT},BX,{i % 60},{i % 7},{i % 900}.50\n" for i in range(count)
    )


def stock_locations(count: int) -> str:
    return "location_code,location_name,plant_code\n" + "".join(
        f"L-{i:06d},Location {i},MAIN\n" for i in range(count)
    )


def bom_lines(count: int) -> str:
    """Bills of five lines; every product takes the five hundred and more numbers after it."""
    header = "product_code,line_number,component_code,quantity,component_scrap_percentage\n"
    last = max(count - 1, 1)
    return header + "".join(
        f"P-{i // LINES_PER_BILL:06d},{10 * (i % LINES_PER_BILL + 1)},"
        f"P-{min(i // LINES_PER_BILL + 500 + i % LINES_PER_BILL, last):06d},{i % 9 + 1}.5,2\n"
        for i in range(count)
    )


CASES = (
    Case("products", planning.PRODUCTS.load, products, ("products",)),
    Case("vendor products", planning.VENDOR_PRODUCTS.load, vendor_products, ("vendor_products",)),
    Case("stock locations", planning.STOCK_LOCATIONS.load, stock_locations, ("stock_locations",)),
    Case("BOM lines", planning.IMPORT_BOMS, bom_lines, ("boms", "bom_lines")),
)


async def main(rows: int, rounds: int) -> None:
    warnings_only = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=warnings_only)
    async with (
        servers.embedded("bench") as started,
        Harness.start(started, services=["planning"]) as harness,
    ):
        for _ in range(rounds):
            await _round(harness, rows)
    table = Table(title=f"{rows:,} rows: seconds (median of {rounds})")
    for column in ("file", "import", "rows/s", "unchanged again", "COPY", "import : COPY"):
        table.add_column(column, justify="left" if column == "file" else "right")
    for case in CASES:
        took, again, copying = map(statistics.median, (case.seconds, case.again, case.copying))
        table.add_row(
            case.name,
            f"{took:.2f}",
            f"{rows / took:,.0f}",
            f"{again:.2f}",
            f"{copying:.2f}",
            f"{took / copying:.1f}",
        )
    CONSOLE.print(table)


async def _round(harness: Harness, rows: int) -> None:
    tenant = harness.new_tenant()
    vendors = "vendor_code,vendor_name\n" + "".join(
        f"V-{i},Vendor {i}\n" for i in range(VENDOR_COUNT)
    )
    await _load(harness, tenant, planning.VENDORS.load, vendors)
    for case in CASES:
        text = case.text(rows)
        async with _emptied_outbox(harness):
            case.seconds.append(await _load(harness, tenant, case.endpoint, text))
        async with _emptied_outbox(harness):
            case.again.append(await _load(harness, tenant, case.endpoint, text))
        case.copying.append(await _copy(harness, tenant, case))


@contextlib.asynccontextmanager
async def _emptied_outbox(harness: Harness) -> AsyncIterator[None]:
    """Let the relay finish between measurements; while one runs it works as it always does."""
    yield
    await harness.settle(timeout=SETTLE_SECONDS)


async def _load(harness: Harness, tenant: UUID, endpoint: Endpoint[Any, Any], text: str) -> float:
    request = ImportMasterData(object_name=await harness.upload(text))
    began = time.perf_counter()
    answer = await harness.ask(endpoint, request, tenant_id=tenant)
    took = time.perf_counter() - began
    if answer.status != 200:
        raise SystemExit(f"{endpoint.subject}: {answer.body}")
    return took


async def _copy(harness: Harness, tenant: UUID, case: Case) -> float:
    """Copy a tenant's rows and as many events of their size into empty twins of the tables."""
    database = harness.installation.database("planning")
    url = databases.in_database(harness.installation.servers.admin_url, database.name)
    took = 0.0
    async with await psycopg.AsyncConnection.connect(url) as connection:
        for name in case.tables:
            twin = f"copied_{name}"
            await connection.execute(
                f"CREATE TEMPORARY TABLE {twin} (LIKE {name} INCLUDING ALL)".encode()
            )
            await connection.execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS copied_outbox (LIKE outbox INCLUDING ALL)"
            )
            rows = await _dump(
                connection,
                f"SELECT * FROM {name} WHERE tenant_id = '{tenant}'",  # noqa: S608
            )
            events = await _dump(
                connection,
                "SELECT tenant_id, uuidv7(), 'subject', '{}'::json, to_json(t)"  # noqa: S608
                f" FROM {name} t WHERE tenant_id = '{tenant}'",
            )
            began = time.perf_counter()
            await _restore(connection, f"COPY {twin} FROM STDIN", rows)
            await _restore(
                connection,
                "COPY copied_outbox (tenant_id, event_id, subject, headers, payload) FROM STDIN",
                events if name != "bom_lines" else [],
            )
            took += time.perf_counter() - began
        await connection.rollback()
    return took


async def _dump(connection: psycopg.AsyncConnection[Any], query: str) -> list[bytes]:
    async with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT".encode()) as copy,
    ):
        return [bytes(block) async for block in copy]


async def _restore(
    connection: psycopg.AsyncConnection[Any], statement: str, blocks: list[bytes]
) -> None:
    async with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for block in blocks:
            await copy.write(block)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    sys.exit(asyncio.run(main(arguments.rows, arguments.rounds)))
