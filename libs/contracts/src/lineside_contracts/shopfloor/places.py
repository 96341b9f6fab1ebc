"""Plants, departments and lanes."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from lineside_contracts.envelope import EventType
from lineside_contracts.master_data import (
    Fields,
    MasterDataChanged,
    MasterDataKind,
    MasterDataState,
)
from lineside_contracts.permissions import Permission
from lineside_contracts.values import (
    Code,
    Frozen,
    Name,
    OperationType,
)


class PlantFields(Fields):
    """A plant; its zone makes due dates, shifts and days local."""

    plant_code: Code
    plant_name: Name
    time_zone: Annotated[str, Field(max_length=64, description="IANA name.")] = "UTC"
    calendar_code: Code | None = Field(
        default=None, description="Null: two shifts, Monday to Friday, 06:00 to 22:00."
    )
    is_active: bool = True
    assignment_mode: Literal["automatic", "suggest", "manual"] = Field(
        default="automatic",
        description="Who puts released work on free lanes: the system, a person by its"
        " suggestions, or a person alone.",
    )


class Plant(PlantFields, MasterDataState):
    """A plant as everybody reads it."""

    model_config = Frozen.model_config


class PlantChanged(MasterDataChanged):
    """A plant was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("plant", "changed", "plant")
    plant: Plant


class DepartmentFields(Fields):
    """A department of a plant."""

    department_code: Code
    department_name: Name
    plant_code: Code


class Department(DepartmentFields, MasterDataState):
    """A department as everybody reads it."""

    model_config = Frozen.model_config


class DepartmentChanged(MasterDataChanged):
    """A department was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("department", "changed", "department")
    department: Department


class LaneStatus(StrEnum):
    """What a lane can take right now."""

    AVAILABLE = "available"
    OCCUPIED = "occupied"
    MAINTENANCE = "maintenance"
    INACTIVE = "inactive"


class LaneFields(Fields):
    """A lane: one place where one work order (or `capacity` of them) runs at a time."""

    lane_number: Code
    lane_name: Name
    plant_code: Code
    lane_type: OperationType
    work_center_code: Code | None = None
    capacity: Annotated[int, Field(ge=1, le=100)] = 1
    is_active: bool = True


class Lane(LaneFields, MasterDataState):
    """A lane as everybody reads it."""

    model_config = Frozen.model_config


class LaneChanged(MasterDataChanged):
    """A lane was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("lane", "changed", "lane")
    lane: Lane


PLANTS = MasterDataKind(
    "plant", "plants", "shopfloor", "plant_code", "plant_name", PlantFields, Plant, PlantChanged
)
DEPARTMENTS = MasterDataKind(
    "department",
    "departments",
    "shopfloor",
    "department_code",
    "department_name",
    DepartmentFields,
    Department,
    DepartmentChanged,
)
LANES = MasterDataKind(
    "lane",
    "lanes",
    "shopfloor",
    "lane_number",
    "lane_name",
    LaneFields,
    Lane,
    LaneChanged,
    manage=Permission.LANE_MANAGE,
    read=Permission.LANE_READ,
    has_own_reads=True,
    scope_field="plant_code",
)
