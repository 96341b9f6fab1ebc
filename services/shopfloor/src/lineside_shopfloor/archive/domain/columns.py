"""What a file holds of each log: the table's columns, and two that save a search later."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

DECIMALS: Final = 9
"""Of a quantity in a file; the contracts admit six (SPEC 19)."""


class Kind(StrEnum):
    """How the values of a column are written."""

    TEXT = "text"
    UUID = "uuid"
    INSTANT = "instant"
    NUMBER = "number"
    WHOLE = "whole"
    FLAG = "flag"
    TEXTS = "texts"
    JSON = "json"


NUMERIC: Final = frozenset({Kind.INSTANT, Kind.NUMBER, Kind.WHOLE})
"""Kinds that are added up; of the others the lengths are."""

COLUMNS: Final[Mapping[str, Kind]] = {
    "id": Kind.UUID,
    "logged_at": Kind.INSTANT,
    "happened_at": Kind.INSTANT,
    "log_version": Kind.WHOLE,
    "kind": Kind.TEXT,
    "activity": Kind.TEXT,
    "work_order_id": Kind.UUID,
    "work_order_number": Kind.TEXT,
    "production_order_id": Kind.UUID,
    "product_code": Kind.TEXT,
    "plant_code": Kind.TEXT,
    "operation_id": Kind.UUID,
    "operation_number": Kind.WHOLE,
    "lane_id": Kind.UUID,
    "lane_number": Kind.TEXT,
    "good_quantity": Kind.NUMBER,
    "scrap_quantity": Kind.NUMBER,
    "rework_quantity": Kind.NUMBER,
    "input_added_quantity": Kind.NUMBER,
    "is_from_rework": Kind.FLAG,
    "rework_operation_number": Kind.WHOLE,
    "completes_operation": Kind.FLAG,
    "reason_code": Kind.TEXT,
    "stops_production": Kind.FLAG,
    "stated_hours": Kind.NUMBER,
    "worker_count": Kind.WHOLE,
    "lot_number": Kind.TEXT,
    "serial_numbers": Kind.TEXTS,
    "inspection_reference": Kind.TEXT,
    "nonconformance_reference": Kind.TEXT,
    "corrects_log_id": Kind.UUID,
    "is_void": Kind.FLAG,
    "notes": Kind.TEXT,
    "logged_by": Kind.JSON,
}
"""Every column of the table but the tenant, which the file's place and metadata name."""

DERIVED: Final[Mapping[str, Kind]] = {
    "logged_by_id": Kind.TEXT,
    "corrected_by_log_id": Kind.UUID,
}
"""Found when the file was written; no column of the table."""

ALL: Final[Mapping[str, Kind]] = {**COLUMNS, **DERIVED}
"""What a file holds, in this order."""
