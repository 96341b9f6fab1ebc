"""Vendors, what they sell, locations, rates, calendars, maintenance: checked and guarded here."""

from collections.abc import Sequence

from lineside_chassis.master_data import Findings, MasterData
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.planning import (
    CalendarFields,
    MaintenanceWindowFields,
    StockLocationFields,
    VendorProductFields,
)
from lineside_contracts.problems import Fault
from lineside_planning.master_data import tables
from lineside_planning.master_data.domain import calendar_checks, vendor_checks
from lineside_planning.master_data.requests import in_use
from lineside_planning.master_data.requests.kinds import Faults, UsedBy
from lineside_planning.master_data.store import lookups, users


def register(requests: Requests, used_by: UsedBy) -> None:
    """Answer the requests about what planning buys from, stores in and works by.

    Args:
        requests: Where the answers are registered.
        used_by: Who is asked before something is deleted.
    """
    vendor_users = {**used_by.vendor, **users.OF_VENDOR}
    MasterData(
        planning.VENDORS,
        tables.vendors,
        in_use=lambda uow, vendor: in_use.keep(uow, vendor.vendor_code, vendor_users),
    ).register(requests)
    MasterData(
        planning.VENDOR_PRODUCTS, tables.vendor_products, check=check_vendor_products
    ).register(requests)
    MasterData(
        planning.STOCK_LOCATIONS,
        tables.stock_locations,
        check=check_stock_locations,
        in_use=lambda uow, place: in_use.keep(uow, place.location_code, used_by.stock_location),
    ).register(requests)
    MasterData(
        planning.LABOUR_RATES,
        tables.labour_rates,
        in_use=lambda uow, rate: in_use.keep(uow, rate.role_code, users.OF_LABOUR_RATE),
    ).register(requests)
    MasterData(
        planning.CALENDARS,
        tables.calendars,
        check=check_calendars,
        in_use=lambda uow, calendar: in_use.keep(uow, calendar.calendar_code, users.OF_CALENDAR),
    ).register(requests)
    MasterData(
        planning.MAINTENANCE_WINDOWS, tables.maintenance_windows, check=check_windows
    ).register(requests)


async def check_vendor_products(uow: UnitOfWork, rows: Sequence[VendorProductFields]) -> Findings:
    """Product, vendor and unit exist; a unit nobody can convert is loaded with a warning."""
    known = await lookups.vendor_context(uow, rows)
    return Findings(
        faults=[tuple(vendor_checks.vendor_product_faults(row, known)) for row in rows],
        warnings=[tuple(vendor_checks.vendor_product_warnings(row, known)) for row in rows],
    )


async def check_stock_locations(uow: UnitOfWork, rows: Sequence[StockLocationFields]) -> Findings:
    """A plant that was not told of yet is a warning."""
    known = await lookups.known_plants(uow, {row.plant_code for row in rows})
    warnings = [_unknown_plant(row.plant_code, known) for row in rows]
    return Findings(faults=[()] * len(rows), warnings=warnings)


async def check_calendars(_uow: UnitOfWork, rows: Sequence[CalendarFields]) -> Faults:
    """A calendar has working time."""
    return [calendar_checks.calendar_faults(row) for row in rows]


async def check_windows(uow: UnitOfWork, rows: Sequence[MaintenanceWindowFields]) -> Findings:
    """A window ends after it starts; a place that was not told of yet is a warning."""
    plants = await lookups.known_plants(uow, {row.plant_code for row in rows})
    codes = {row.work_center_code for row in rows if row.work_center_code}
    centers = await lookups.plants_of_work_centers(uow, codes)
    faults, warnings = [], []
    for row in rows:
        center = row.work_center_code
        at = centers.get(center) if center else None
        faults.append(calendar_checks.window_faults(row, plant_of_center=at))
        unknown = _unknown_plant(row.plant_code, plants)
        if center and at is None:
            fault = calendar_checks.unknown_reference("Work center", center, "work_center_code")
            unknown = (*unknown, fault)
        warnings.append(unknown)
    return Findings(faults=faults, warnings=warnings)


def _unknown_plant(code: str, known: frozenset[str]) -> tuple[Fault, ...]:
    if code in known:
        return ()
    return (calendar_checks.unknown_reference("Plant", code, "plant_code"),)
