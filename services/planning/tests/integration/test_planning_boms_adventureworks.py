"""AdventureWorks through the API: real products, bills and vendors, nothing refused silently.

Source: Microsoft AdventureWorks OLTP (MIT licence), and the explosion of its work orders, which
holds exactly: what a day's orders of a part are is what that day's orders above take of it.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts import planning
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.master_data import ImportMasterData, ImportReport
from lineside_contracts.planning import ExplodeBom
from lineside_testkit.harness import Harness

Rows = Sequence[Mapping[str, str]]

BUILDABLE_DAY = date(2013, 6, 3)


def read(folder: Path, name: str) -> Rows:
    with (folder / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


class AdventureWorks:
    """Its tables, as import files."""

    def __init__(self, folder: Path) -> None:
        self.tables = folder / "adventureworks"
        self.products = read(self.tables, "product.csv")
        self.codes = {row["product_id"]: row["product_number"] for row in self.products}
        self.is_made = {row["product_id"]: row["make_flag"] == "True" for row in self.products}
        self.bills = read(self.tables, "bill_of_materials.csv")

    def product_rows(self) -> Iterator[Sequence[str]]:
        """Paint is measured in ounces and tube in inches, as the bills say; all else in pieces."""
        units = {row["component_id"]: row["unit_measure_code"].strip() for row in self.bills}
        yield (
            *("product_code", "product_name", "unit_code", "unit_decimals"),
            *("make_or_buy", "lead_time_days", "safety_stock_quantity"),
        )
        for row in self.products:
            unit = units.get(row["product_id"], "EA")
            make = "make" if row["make_flag"] == "True" else "buy"
            yield (
                *(row["product_number"], row["name"], unit, "0" if unit == "EA" else "3"),
                *(make, row["days_to_manufacture"], row["safety_stock_level"]),
            )

    def bill_rows(self) -> Iterator[Sequence[str]]:
        """Rows of one component are entries of one line; the next begins the day after the last."""
        yield (
            *("product_code", "line_number", "component_code", "quantity", "unit_code"),
            *("effective_from", "effective_until"),
        )
        numbers: dict[str, dict[str, int]] = defaultdict(dict)
        for row in self.bills:
            if not row["product_assembly_id"]:
                continue  # that a product is sold: no component
            own = numbers[row["product_assembly_id"]]
            number = own.setdefault(row["component_id"], len(own) + 1)
            yield (
                *(self.codes[row["product_assembly_id"]], str(number)),
                *(self.codes[row["component_id"]], row["per_assembly_qty"]),
                *(row["unit_measure_code"].strip(), row["start_date"], row["end_date"]),
            )

    def vendor_rows(self) -> Iterator[Sequence[str]]:
        yield ("vendor_code", "vendor_name", "is_active")
        for row in read(self.tables, "vendor.csv"):
            yield row["account_number"], row["name"], row["active_flag"].lower()

    def vendor_product_rows(self) -> Iterator[Sequence[str]]:
        vendors = {
            row["business_entity_id"]: row["account_number"]
            for row in read(self.tables, "vendor.csv")
        }
        yield (
            *("product_code", "vendor_code", "purchase_unit_code", "lead_time_days"),
            *("minimum_order_quantity", "price"),
        )
        for row in read(self.tables, "product_vendor.csv"):
            yield (
                *(self.codes[row["product_id"]], vendors[row["business_entity_id"]]),
                *(row["unit_measure_code"].strip(), row["average_lead_time"]),
                *(row["min_order_qty"], row["standard_price"]),
            )


def as_csv(rows: Iterator[Sequence[str]]) -> str:
    return "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows)


async def load(
    harness: Harness, tenant: UUID, endpoint: Endpoint[Any, Any], rows: Iterator[Sequence[str]]
) -> ImportReport:
    request = ImportMasterData(object_name=await harness.upload(as_csv(rows)))
    answer = await harness.ask(endpoint, request, tenant_id=tenant)
    assert answer.status == 200, answer.body
    report: ImportReport = answer.body
    return report


@pytest.fixture(scope="module")
def works(lineside_external_data: Path) -> AdventureWorks:
    return AdventureWorks(lineside_external_data)


@pytest.fixture(scope="module")
async def plant(harness: Harness, works: AdventureWorks) -> UUID:
    tenant = harness.new_tenant()
    products = await load(harness, tenant, planning.PRODUCTS.load, works.product_rows())
    assert (products.created_count, products.warnings) == (504, ())
    bills = await load(harness, tenant, planning.IMPORT_BOMS, works.bill_rows())
    assert (bills.row_count, bills.created_count, bills.warnings) == (2679 - 103, 238, ())
    return tenant


async def test_every_vendor_product_is_loaded_and_units_without_a_factor_are_named(
    harness: Harness, plant: UUID, works: AdventureWorks
) -> None:
    vendors = await load(harness, plant, planning.VENDORS.load, works.vendor_rows())
    assert vendors.created_count == 104
    sold = await load(harness, plant, planning.VENDOR_PRODUCTS.load, works.vendor_product_rows())
    assert (sold.row_count, sold.created_count) == (460, 460)
    told = Counter(fault.facts["purchase_unit_code"] for fault in sold.warnings)
    assert told == {"CTN": 178, "CAN": 68, "CS": 38, "GAL": 10, "PAK": 5}
    assert {fault.code for fault in sold.warnings} == {"purchase_unit_without_factor"}


async def test_a_days_orders_take_exactly_what_was_ordered_below_them(
    harness: Harness, plant: UUID, works: AdventureWorks, lineside_external_data: Path
) -> None:
    oracles = lineside_external_data / "oracles"
    on = str(BUILDABLE_DAY)
    expected = [
        row for row in read(oracles, "aw_bom_explosion_expected.csv") if row["start_date"] == on
    ]
    demand = [
        row for row in read(oracles, "aw_bom_explosion_top_demand.csv") if row["start_date"] == on
    ]
    ordered = {row["product_id"]: row["order_qty"] for row in demand}
    own = {row["product_id"]: row["independent_demand"] for row in expected}
    tops = {**ordered, **{code: qty for code, qty in own.items() if Decimal(qty)}}
    taken: Counter[str] = Counter()
    for product_id, quantity in tops.items():
        request = ExplodeBom.model_validate(
            {"product_code": works.codes[product_id], "quantity": quantity, "on": on}
        )
        answer = await harness.ask(planning.EXPLODE_BOM, request, tenant_id=plant)
        assert answer.status == 200, answer.body
        for line in answer.body.lines:
            taken[line.component_code] += line.quantity
    wanted = {works.codes[row["product_id"]]: int(row["dependent_demand"]) for row in expected}
    assert expected
    assert {code: int(taken[code]) for code in wanted} == wanted
