"""The AdventureWorks plant as capacity sees it: work centers, routings, bills, open orders.

Reads the CSV files of a folder beside the checkout (never copied here). The open orders are the
first work orders of products with a routing, due one after the other over as many working days as
the busiest work center needs at 85 %; each work center has as many units as that takes in 60 days.

Source: Microsoft AdventureWorks OLTP, tables Production.Product, Production.BillOfMaterials,
Production.WorkOrder, Production.WorkOrderRouting, Production.Location, Production.ProductInventory,
Purchasing.ProductVendor (MIT licence).
"""

import csv
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from lineside_manufacturing.calendars import standard_calendar

PLANT = "BOTHELL"
ZONE = "America/Los_Angeles"
WORKING_DAYS = 60
DAILY_HOURS = 15
BUSY_SHARE = 0.85

Row = Mapping[str, str]
Step = tuple[int, str, Decimal]
"""Sequence number, work center, minutes whatever the quantity."""


@dataclass(frozen=True)
class OpenOrder:
    """An order to be loaded."""

    number: str
    product_code: str
    quantity: int
    due_date: date


@dataclass(frozen=True)
class AdventureWorksPlant:
    """Everything, by product number."""

    products: Sequence[Row]
    routes: Mapping[str, Sequence[Step]]
    bills: Mapping[str, Sequence[tuple[str, Decimal]]]
    lead_times: Mapping[str, tuple[str, int]]
    stock: Mapping[str, Decimal]
    units: Mapping[str, int]
    orders: Sequence[OpenOrder]


def load(folder: Path, *, order_count: int, today: date) -> AdventureWorksPlant:
    """Read the plant.

    Args:
        folder: Of the CSV files.
        order_count: Open orders wanted.
        today: The first day of the plan.
    """
    products = list(_rows(folder / "product.csv"))
    codes = {row["product_id"]: row["product_number"] for row in products}
    routes = _routes(folder, codes)
    taken = [
        (codes[row["product_id"]], int(row["order_qty"]))
        for row in _rows(folder / "work_order.csv")
        if codes[row["product_id"]] in routes
    ][:order_count]
    days = _working_days(today)
    return AdventureWorksPlant(
        products=products,
        routes=routes,
        bills=_bills(folder, codes),
        lead_times=_lead_times(folder, codes),
        stock=_stock(folder, codes),
        units=_units(taken, routes),
        orders=[
            OpenOrder(f"MO-{n:06}", code, quantity, days[n * len(days) // len(taken)])
            for n, (code, quantity) in enumerate(taken)
        ],
    )


def _rows(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


def _routes(folder: Path, codes: Mapping[str, str]) -> dict[str, list[Step]]:
    found: dict[str, dict[int, Step]] = defaultdict(dict)
    for row in _rows(folder / "work_order_routing.csv"):
        number = 10 * int(row["operation_sequence"])
        minutes = Decimal(row["actual_resource_hrs"]) * 60
        found[codes[row["product_id"]]][number] = (number, f"LOC-{row['location_id']}", minutes)
    return {code: [steps[number] for number in sorted(steps)] for code, steps in found.items()}


def _bills(folder: Path, codes: Mapping[str, str]) -> dict[str, list[tuple[str, Decimal]]]:
    bills: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for row in _rows(folder / "bill_of_materials.csv"):
        if row["product_assembly_id"] and not row["end_date"]:
            line = (codes[row["component_id"]], Decimal(row["per_assembly_qty"]))
            bills[codes[row["product_assembly_id"]]].append(line)
    return dict(bills)


def _lead_times(folder: Path, codes: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    return {
        codes[row["product_id"]]: (row["business_entity_id"], int(row["average_lead_time"]))
        for row in _rows(folder / "product_vendor.csv")
    }


def _stock(folder: Path, codes: Mapping[str, str]) -> dict[str, Decimal]:
    stock: Counter[str] = Counter()
    for row in _rows(folder / "product_inventory.csv"):
        stock[codes[row["product_id"]]] += int(row["quantity"])
    return {code: Decimal(quantity) for code, quantity in stock.items()}


def _units(
    taken: Sequence[tuple[str, int]], routes: Mapping[str, Sequence[Step]]
) -> dict[str, int]:
    minutes: Counter[str] = Counter()
    for code, _ in taken:
        for _, center, needed in routes[code]:
            minutes[center] += int(needed)
    whole = WORKING_DAYS * DAILY_HOURS * 60 * BUSY_SHARE
    centers: dict[str, Any] = {step[1]: 0 for steps in routes.values() for step in steps}
    return {center: max(1, math.ceil(minutes[center] / whole)) for center in centers}


def _working_days(today: date) -> list[date]:
    calendar, day, days = standard_calendar(ZONE), today, []
    for _ in range(WORKING_DAYS):
        day = calendar.next_working_day(day)
        days.append(day)
    return days
