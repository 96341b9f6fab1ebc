"""Files of stock counts and of scheduled receipts: checked as a whole, loaded all or none.

object store → rows → every fault by row → `stock_loading`, in one transaction.
"""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from lineside_chassis import collecting, imports, plant_access
from lineside_chassis.imports import Progress
from lineside_chassis.requests import ObjectReader, Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.master_data import ImportMasterData, ImportReport
from lineside_contracts.planning import CreateReceipt
from lineside_contracts.problems import Fault, Problem
from lineside_planning.materials.domain import stock_files
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.domain.stock_files import (
    FileFacts,
    ReceiptRows,
    StockRow,
    StockRows,
)
from lineside_planning.materials.requests import stock_loading
from lineside_planning.materials.store import (
    receipt_pages,
    stock_facts,
)

RowT = TypeVar("RowT", StockRow, CreateReceipt)


def register(requests: Requests) -> None:
    """Answer imports of stock and receipts."""

    async def import_stock(uow: UnitOfWork, request: ImportMasterData) -> ImportReport | Problem:
        with collecting.held_back():
            return await load_stock(uow, request, _objects(requests))

    async def import_receipts(uow: UnitOfWork, request: ImportMasterData) -> ImportReport | Problem:
        with collecting.held_back():
            return await load_receipts(uow, request, _objects(requests))

    requests.answer(planning.IMPORT_STOCK)(import_stock)
    requests.answer(planning.IMPORT_RECEIPTS)(import_receipts)


async def load_stock(
    uow: UnitOfWork, request: ImportMasterData, objects: ObjectReader
) -> ImportReport | Problem:
    """Load counts; opening balances are counts."""
    progress = Progress()
    async with imports.told(progress, objects, request.object_name):
        data = await objects.read(request.object_name)
        parsed = await imports.parse_aside(data, StockRow, progress=progress)
        facts = await _stock_facts(uow, parsed.rows)
        plant_access.require(uow, facts.locations.values())
        found = stock_files.stock_row_faults(parsed.rows, facts)
        faults = await asyncio.to_thread(_first, parsed.faults, found)
        report = _report("stock", request, len(parsed.rows), faults)
        if faults:
            return report if request.dry_run else imports.rejected(faults)
        by_pool = _by_pool(parsed.rows, lambda row: facts.locations[row.location_code].plant_code)
        counts = await stock_loading.count_all(
            uow, by_pool, facts, dry_run=request.dry_run, progress=progress
        )
        return report.model_copy(update=dict(counts))


async def load_receipts(
    uow: UnitOfWork, request: ImportMasterData, objects: ObjectReader
) -> ImportReport | Problem:
    """Load goods that were ordered elsewhere; each row is a new receipt."""
    progress = Progress()
    async with imports.told(progress, objects, request.object_name):
        data = await objects.read(request.object_name)
        parsed = await imports.parse_aside(data, CreateReceipt, progress=progress)
        plant_access.require(uow, (row for _, row in parsed.rows))
        facts = await _receipt_facts(uow, parsed.rows)
        found = stock_files.receipt_row_faults(parsed.rows, facts)
        faults = await asyncio.to_thread(_first, parsed.faults, found)
        report = _report("receipt", request, len(parsed.rows), faults)
        if faults:
            return report if request.dry_run else imports.rejected(faults)
        by_pool = _by_pool(parsed.rows, lambda row: row.plant_code)
        if not request.dry_run:
            await stock_loading.enter_all(uow, by_pool, facts, progress=progress)
        return report.model_copy(update={"created_count": len(parsed.rows)})


async def _stock_facts(uow: UnitOfWork, rows: StockRows) -> FileFacts:
    known = await stock_facts.load(
        uow,
        product_codes={row.product_code for _, row in rows},
        location_codes={row.location_code for _, row in rows},
    )
    return FileFacts(products=known.products, locations=known.locations)


async def _receipt_facts(uow: UnitOfWork, rows: ReceiptRows) -> FileFacts:
    known = await stock_facts.load(
        uow,
        product_codes={row.product_code for _, row in rows},
        plant_codes={row.plant_code for _, row in rows},
        vendor_codes={row.vendor_code for _, row in rows if row.vendor_code},
    )
    taken = await receipt_pages.taken_numbers(uow, [row.receipt_number for _, row in rows])
    return FileFacts(
        products=known.products,
        plants=known.plants,
        vendors=known.vendors,
        taken_numbers=taken,
    )


def _by_pool(
    rows: Sequence[tuple[int, RowT]], plant_of: Callable[[RowT], str]
) -> dict[PoolKey, list[RowT]]:
    found: dict[PoolKey, list[RowT]] = defaultdict(list)
    for _, row in rows:
        found[PoolKey(row.product_code, plant_of(row))].append(row)
    return found


def _first(parsed: Sequence[Fault], found: Iterator[Fault]) -> list[Fault]:
    """Every fault, but no more than anybody reads."""
    return list(itertools.islice(itertools.chain(parsed, found), imports.MAX_FAULTS))


def _report(
    kind: str, request: ImportMasterData, row_count: int, faults: Sequence[Fault]
) -> ImportReport:
    return ImportReport(
        kind=kind, dry_run=request.dry_run, row_count=row_count, faults=tuple(faults)
    )


def _objects(requests: Requests) -> ObjectReader:
    if requests.objects is None:
        raise RuntimeError("imports need a running service")
    return requests.objects
