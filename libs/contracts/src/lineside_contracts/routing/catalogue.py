"""The operations catalogue and the work centers."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from lineside_contracts.envelope import EventType
from lineside_contracts.master_data import (
    Fields,
    MasterDataChanged,
    MasterDataKind,
    MasterDataState,
)
from lineside_contracts.values import (
    Code,
    Frozen,
    Minutes,
    Money,
    Name,
    OperationType,
    Seconds,
    Text,
)

MAX_OPERATIONS = 1000
"""The most operations one routing may have."""


def split_codes(value: Any) -> Any:
    """Let a CSV cell hold several codes: "PRESS-2;PRESS-3"."""
    return (
        [part.strip() for part in value.split(";") if part.strip()]
        if isinstance(value, str)
        else value
    )


class OperationFields(Fields):
    """One entry of the operations catalogue."""

    operation_code: Code
    operation_name: Name
    operation_type: OperationType
    default_setup_minutes: Minutes = Decimal(0)
    default_run_seconds_per_unit: Seconds = Decimal(0)
    work_center_code: Code | None = Field(default=None, description="Where it is usually done.")
    description: Text | None = None
    is_active: bool = True


class Operation(OperationFields, MasterDataState):
    """A catalogue entry; `is_global` ones are shared by all tenants and written by none."""

    model_config = Frozen.model_config
    is_global: bool = False


class OperationChanged(MasterDataChanged):
    """A catalogue entry was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("operation", "changed", "operation")
    operation: Operation


class WorkCenterFields(Fields):
    """A group of equal resources that operations are planned on."""

    work_center_code: Code
    work_center_name: Name
    plant_code: Code
    department_code: Code | None = None
    parallel_units: Annotated[int, Field(ge=1, le=1000)] = 1
    efficiency_percentage: Annotated[Decimal, Field(gt=0, le=1000, decimal_places=4)] = Decimal(100)
    hourly_rate: Money = Decimal(0)
    overhead_rate: Money = Decimal(0)
    material_issue_method: Literal["backflush", "pick"] = "backflush"
    calendar_code: Code | None = Field(default=None, description="Null: the plant's calendar.")
    labour_role: Code = Field(default="operator", description="Whose rate its labour is costed at.")
    is_active: bool = True


class WorkCenter(WorkCenterFields, MasterDataState):
    """A work center as everybody reads it."""

    model_config = Frozen.model_config


class WorkCenterChanged(MasterDataChanged):
    """A work center was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("work_center", "changed", "work_center")
    work_center: WorkCenter


OPERATIONS = MasterDataKind(
    "operation",
    "operations-catalogue",
    "routing",
    "operation_code",
    "operation_name",
    OperationFields,
    Operation,
    OperationChanged,
)
WORK_CENTERS = MasterDataKind(
    "work_center",
    "work-centers",
    "routing",
    "work_center_code",
    "work_center_name",
    WorkCenterFields,
    WorkCenter,
    WorkCenterChanged,
)
