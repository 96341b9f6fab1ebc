"""Vendors, what they sell, stock locations, labour rates, calendars and maintenance windows."""

import re
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator, model_validator

from lineside_contracts.envelope import EventType
from lineside_contracts.master_data import (
    Fields,
    MasterDataChanged,
    MasterDataKind,
    MasterDataState,
)
from lineside_contracts.permissions import Permission
from lineside_contracts.values import (
    Amount,
    Code,
    Day,
    Frozen,
    Instant,
    Money,
    Name,
    Quantity,
    Ratio,
    Text,
)


class VendorFields(Fields):
    """Who sells to us."""

    vendor_code: Code
    vendor_name: Name
    lead_time_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        default=0, description="Calendar days, where a vendor product says nothing else."
    )
    is_active: bool = True


class Vendor(VendorFields, MasterDataState):
    """A vendor as everybody reads it."""

    model_config = Frozen.model_config


class VendorChanged(MasterDataChanged):
    """A vendor was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("vendor", "changed", "vendor")
    vendor: Vendor


class VendorProductFields(Fields):
    """A product as one vendor sells it: unit, lead time, lot sizes, price.

    Its code is `<product_code>@<vendor_code>` unless one is given.
    """

    vendor_product_code: Annotated[str, Field(min_length=1, max_length=129)] = ""
    product_code: Code
    vendor_code: Code
    purchase_unit_code: Code | None = Field(default=None, description="Null: the stock unit.")
    purchase_unit_factor: Ratio | None = Field(
        default=None, description="Stock units in one purchase unit; null: the product's own."
    )
    lead_time_days: Annotated[int, Field(ge=0, le=3650)] | None = Field(
        default=None, description="Calendar days; null: the vendor's."
    )
    minimum_order_quantity: Amount = Field(default=Decimal(0), description="In purchase units.")
    order_multiple_quantity: Quantity | None = Field(
        default=None, description="In purchase units; null: any number of whole ones."
    )
    price: Money | None = Field(default=None, description="Per purchase unit.")
    preference: Annotated[int, Field(ge=1, le=999)] = Field(
        default=100, description="The lowest is bought from first."
    )
    is_active: bool = True

    @model_validator(mode="before")
    @classmethod
    def _coded(cls, values: Any) -> Any:
        if not isinstance(values, dict) or values.get("vendor_product_code"):
            return values
        code = f"{values.get('product_code', '')}@{values.get('vendor_code', '')}"
        return {**values, "vendor_product_code": code}


class VendorProduct(VendorProductFields, MasterDataState):
    """A vendor's product as everybody reads it."""

    model_config = Frozen.model_config


class VendorProductChanged(MasterDataChanged):
    """A vendor's product was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("vendor_product", "changed", "vendor_product")
    vendor_product: VendorProduct


class StockLocationFields(Fields):
    """Where stock lies."""

    location_code: Code
    location_name: Name
    plant_code: Code
    is_nettable: bool = Field(
        default=True, description="False: counted, but never planned with (quarantine, scrap)."
    )
    is_active: bool = True


class StockLocation(StockLocationFields, MasterDataState):
    """A stock location as everybody reads it."""

    model_config = Frozen.model_config


class StockLocationChanged(MasterDataChanged):
    """A stock location was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("stock_location", "changed", "stock_location")
    stock_location: StockLocation


class LabourRateFields(Fields):
    """What an hour of a role costs."""

    role_code: Code
    role_name: Name
    hourly_rate: Money


class LabourRate(LabourRateFields, MasterDataState):
    """A labour rate as everybody reads it."""

    model_config = Frozen.model_config


class LabourRateChanged(MasterDataChanged):
    """A labour rate was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("labour_rate", "changed", "labour_rate")
    labour_rate: LabourRate


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHIFT = re.compile(
    r"(?P<name>\S+)\s+(?P<days>\S+)\s+(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)"
    r"(?P<breaks>(\s+\d\d:\d\d-\d\d:\d\d)*)"
)


class ShiftBreak(Frozen):
    """A break within a shift, local times; no work is done in it."""

    start: time
    end: time


class CalendarShift(Frozen):
    """A shift that repeats weekly; it belongs to the local date on which it starts (RULES 28)."""

    name: Code
    weekdays: Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], Field(min_length=1)] = Field(
        description="0 for Monday to 6 for Sunday."
    )
    start: time
    end: time = Field(description="At or before `start` it is on the next date.")
    breaks: tuple[ShiftBreak, ...] = ()


class CalendarFields(Fields):
    """A shift calendar; its zone is that of the plant that works by it.

    In CSV: shifts as `early mon-fri 06:00-14:00 10:00-10:30; late mon,wed 14:00-22:00` (name, days,
    hours, breaks), holidays as `2026-12-25;2026-12-26`.
    """

    calendar_code: Code
    calendar_name: Name
    shifts: Annotated[tuple[CalendarShift, ...], Field(max_length=50)] = ()
    holidays: Annotated[tuple[Day, ...], Field(max_length=5000)] = ()

    @field_validator("shifts", mode="before")
    @classmethod
    def _shifts_from_csv(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return [_shift(part.strip()) for part in value.split(";") if part.strip()]

    @field_validator("holidays", mode="before")
    @classmethod
    def _holidays_from_csv(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return [part.strip() for part in value.split(";") if part.strip()]


class Calendar(CalendarFields, MasterDataState):
    """A calendar as everybody reads it."""

    model_config = Frozen.model_config


class CalendarChanged(MasterDataChanged):
    """A calendar was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("calendar", "changed", "calendar")
    calendar: Calendar


class MaintenanceWindowFields(Fields):
    """A stretch of time in which a work center, or a whole plant, does not work."""

    maintenance_window_code: Code
    work_center_code: Code | None = Field(default=None, description="Null: the whole plant.")
    plant_code: Code
    starts_at: Instant
    ends_at: Instant
    reason: Text | None = None


class MaintenanceWindow(MaintenanceWindowFields, MasterDataState):
    """A maintenance window as everybody reads it."""

    model_config = Frozen.model_config


class MaintenanceWindowChanged(MasterDataChanged):
    """A maintenance window was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("maintenance_window", "changed", "maintenance_window")
    maintenance_window: MaintenanceWindow


def _shift(text: str) -> dict[str, Any]:
    found = _SHIFT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r}: write a shift as `early mon-fri 06:00-14:00 10:00-10:30`")
    breaks = [pair.split("-") for pair in found["breaks"].split()]
    return {
        "name": found["name"],
        "weekdays": _weekdays(found["days"].lower()),
        "start": found["start"],
        "end": found["end"],
        "breaks": [{"start": start, "end": end} for start, end in breaks],
    }


def _weekdays(text: str) -> list[int]:
    days: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not {first, last or first} <= set(WEEKDAYS):
            raise ValueError(f"{part!r}: weekdays are {', '.join(WEEKDAYS)}")
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        days += [day % 7 for day in range(start, end + 1 + 7 * (end < start))]
    return days


VENDORS = MasterDataKind(
    "vendor",
    "vendors",
    "planning",
    "vendor_code",
    "vendor_name",
    VendorFields,
    Vendor,
    VendorChanged,
)
VENDOR_PRODUCTS = MasterDataKind(
    "vendor_product",
    "vendor-products",
    "planning",
    "vendor_product_code",
    "product_code",
    VendorProductFields,
    VendorProduct,
    VendorProductChanged,
)
STOCK_LOCATIONS = MasterDataKind(
    "stock_location",
    "stock-locations",
    "planning",
    "location_code",
    "location_name",
    StockLocationFields,
    StockLocation,
    StockLocationChanged,
)
LABOUR_RATES = MasterDataKind(
    "labour_rate",
    "labour-rates",
    "planning",
    "role_code",
    "role_name",
    LabourRateFields,
    LabourRate,
    LabourRateChanged,
    read=Permission.COST_READ,
)
CALENDARS = MasterDataKind(
    "calendar",
    "calendars",
    "planning",
    "calendar_code",
    "calendar_name",
    CalendarFields,
    Calendar,
    CalendarChanged,
)
MAINTENANCE_WINDOWS = MasterDataKind(
    "maintenance_window",
    "maintenance-windows",
    "planning",
    "maintenance_window_code",
    "reason",
    MaintenanceWindowFields,
    MaintenanceWindow,
    MaintenanceWindowChanged,
)
