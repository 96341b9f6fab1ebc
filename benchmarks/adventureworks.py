"""AdventureWorks as a Lineside tenant: products, work centers, and the routings its orders follow.

Reads the CSV files of a folder beside the checkout (never copied here) and writes Lineside's import
files. Every product that has a routed work order gets one routing: the locations its work orders
pass, in the order of their sequence numbers, with the resource hours found there. Those hours do
not depend on the quantity, so they are planned as fixed times. Bills keep their effectivity;
made parts without a routing are made to stock (MRP plans them), all others to order: each need that
stock does not cover becomes a child order.

Source: Microsoft AdventureWorks OLTP, tables Production.Product, Production.WorkOrder,
Production.WorkOrderRouting, Production.Location, Production.BillOfMaterials,
Production.ProductInventory, Purchasing.ProductVendor, Purchasing.Vendor (MIT licence).
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLANT = "BOTHELL"
TYPES = {
    "10": "fabrication",
    "20": "fabrication",
    "30": "machining",
    "40": "fabrication",
    "45": "fabrication",
    "50": "assembly",
    "60": "assembly",
}
"""Location id to operation type."""

UNITS = {"OZ": ("ONZ", 2), "IN": ("INH", 2)}
"""Units in which bills count components, and their decimals; all others are pieces."""

PURCHASE_UNITS = {"CTN": "CT", "CAN": "CA", "CS": "CS", "PAK": "PK", "DZ": "DZN", "GAL": "GLL"}

Row = Mapping[str, str]


@dataclass(frozen=True)
class SalesLine:
    """One line of the web shop's orders."""

    order_number: str
    line_number: int
    product_code: str
    quantity: int


@dataclass(frozen=True)
class AdventureWorks:
    """What is loaded: import files by kind in the order they must be loaded, and sales lines."""

    files: tuple[tuple[str, str], ...]
    material_files: tuple[tuple[str, str], ...]
    lines: tuple[SalesLine, ...]
    product_count: int
    routing_count: int
    skipped_line_count: int


def load(folder: Path, *, line_count: int) -> AdventureWorks:
    """Read the tables and turn them into import files.

    Args:
        folder: The folder with the CSV files.
        line_count: How many sales lines of products with a routing are wanted.
    """
    products = list(_rows(folder / "product.csv"))
    locations = [row for row in _rows(folder / "location.csv") if float(row["cost_rate"]) > 0]
    routes = _routes(folder)
    codes = {row["product_id"]: row["product_number"] for row in products}
    units = _units(folder)
    lines, skipped = _lines(folder, routes, line_count)
    return AdventureWorks(
        files=(
            (
                "plants",
                _csv(
                    [
                        {
                            "plant_code": PLANT,
                            "plant_name": "Bothell",
                            "time_zone": "America/Los_Angeles",
                        }
                    ]
                ),
            ),
            ("work-centers", _csv(_work_center(row) for row in locations)),
            ("operations-catalogue", _csv(_operation(row) for row in locations)),
            ("products", _csv(_product(row, units, routes) for row in products)),
            ("routings", _csv(_routing_rows(routes, codes))),
        ),
        material_files=_material_files(folder, codes),
        lines=tuple(lines),
        product_count=len(products),
        routing_count=len(routes),
        skipped_line_count=skipped,
    )


def _rows(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


def _csv(rows: Iterable[Mapping[str, Any]]) -> str:
    listed = list(rows)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(listed[0]))
    writer.writeheader()
    writer.writerows(listed)
    return buffer.getvalue()


def _routes(folder: Path) -> dict[str, dict[int, tuple[str, float]]]:
    """Location and hours by sequence number, by product."""
    routes: dict[str, dict[int, tuple[str, float]]] = defaultdict(dict)
    for row in _rows(folder / "work_order_routing.csv"):
        step = (row["location_id"], float(row["actual_resource_hrs"]))
        routes[row["product_id"]][int(row["operation_sequence"])] = step
    return dict(routes)


def _lines(folder: Path, routes: Mapping[str, Any], count: int) -> tuple[list[SalesLine], int]:
    lines: list[SalesLine] = []
    skipped = 0
    for row in _rows(folder / "internet_sales_order_line.csv"):
        if len(lines) == count:
            break
        if row["product_id"] not in routes:
            skipped += 1
            continue
        lines.append(
            SalesLine(
                row["order_number"], int(row["line"]), row["product_number"], int(row["quantity"])
            )
        )
    return lines, skipped


def _work_center(row: Row) -> dict[str, Any]:
    return {
        "work_center_code": f"LOC-{row['location_id']}",
        "work_center_name": row["name"],
        "plant_code": PLANT,
        "hourly_rate": row["cost_rate"],
    }


def _operation(row: Row) -> dict[str, Any]:
    return {
        "operation_code": f"OP-{row['location_id']}",
        "operation_name": row["name"],
        "operation_type": TYPES[row["location_id"]],
        "work_center_code": f"LOC-{row['location_id']}",
    }


def _product(
    row: Row, units: Mapping[str, tuple[str, int]], routes: Mapping[str, Any]
) -> dict[str, Any]:
    unit, decimals = units.get(row["product_id"], ("EA", 0))
    is_made = row["make_flag"] == "True"
    to_stock = is_made and row["product_id"] not in routes
    return {
        "product_code": row["product_number"],
        "product_name": row["name"],
        "product_category": f"SUB-{row['product_subcategory_id'] or 'NONE'}",
        "unit_code": unit,
        "unit_decimals": decimals,
        "make_or_buy": "make" if is_made else "buy",
        "supply_policy": "make_to_stock" if to_stock else "make_to_order",
        "lead_time_days": row["days_to_manufacture"],
        "safety_stock_quantity": row["safety_stock_level"],
        "standard_cost": row["standard_cost"],
        "plant_code": PLANT,
    }


def _routing_rows(
    routes: Mapping[str, Mapping[int, tuple[str, float]]], codes: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for product_id, steps in routes.items():
        for sequence, (location, hours) in sorted(steps.items()):
            yield {
                "routing_code": f"R-{codes[product_id]}",
                "routing_name": f"Routing of {codes[product_id]}",
                "product_code": codes[product_id],
                "activate": "true",
                "sequence_number": sequence * 10,
                "operation_code": f"OP-{location}",
                "work_center_code": f"LOC-{location}",
                "run_time_per_unit_seconds": f"{hours * 3600:.0f}",
                "time_basis": "fixed",
            }


def _units(folder: Path) -> dict[str, tuple[str, int]]:
    """Unit and decimals of the components that are not counted in pieces."""
    return {
        row["component_id"]: UNITS[row["unit_measure_code"]]
        for row in _rows(folder / "bill_of_materials.csv")
        if row["unit_measure_code"] in UNITS
    }


def _material_files(folder: Path, codes: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    vendors = {row["business_entity_id"]: row for row in _rows(folder / "vendor.csv")}
    return (
        ("vendors", _csv(_vendor(row) for row in vendors.values())),
        ("vendor-products", _csv(_vendor_products(folder, codes, vendors))),
        ("stock-locations", _csv(_stock_location(row) for row in _rows(folder / "location.csv"))),
        ("boms", _csv(_bom_lines(folder, codes))),
        ("stock", _csv(_stock(folder, codes))),
    )


def _vendor(row: Row) -> dict[str, Any]:
    return {
        "vendor_code": row["account_number"],
        "vendor_name": row["name"],
        "is_active": row["active_flag"].lower(),
    }


def _vendor_products(
    folder: Path, codes: Mapping[str, str], vendors: Mapping[str, Row]
) -> Iterator[dict[str, Any]]:
    for row in _rows(folder / "product_vendor.csv"):
        unit = row["unit_measure_code"]
        yield {
            "product_code": codes[row["product_id"]],
            "vendor_code": vendors[row["business_entity_id"]]["account_number"],
            "purchase_unit_code": PURCHASE_UNITS.get(unit, unit),
            "lead_time_days": row["average_lead_time"],
            "minimum_order_quantity": row["min_order_qty"],
            "price": row["standard_price"],
        }


def _stock_location(row: Row) -> dict[str, Any]:
    return {
        "location_code": f"STORE-{row['location_id']}",
        "location_name": row["name"],
        "plant_code": PLANT,
    }


def _bom_lines(folder: Path, codes: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """One row a component; revisions of one share its line number, one after the other."""
    numbers: dict[str, dict[str, int]] = defaultdict(dict)
    rows = [r for r in _rows(folder / "bill_of_materials.csv") if r["product_assembly_id"]]
    for row in sorted(rows, key=lambda r: (int(r["product_assembly_id"]), r["component_id"])):
        mine = numbers[row["product_assembly_id"]]
        yield {
            "product_code": codes[row["product_assembly_id"]],
            "line_number": mine.setdefault(row["component_id"], 10 * len(mine) + 10),
            "component_code": codes[row["component_id"]],
            "quantity": row["per_assembly_qty"],
            "effective_from": row["start_date"],
            "effective_until": row["end_date"],
        }


def _stock(folder: Path, codes: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for row in _rows(folder / "product_inventory.csv"):
        yield {
            "product_code": codes[row["product_id"]],
            "location_code": f"STORE-{row['location_id']}",
            "quantity": row["quantity"],
        }
