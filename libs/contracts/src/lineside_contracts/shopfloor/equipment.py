"""Equipment: the asset hierarchy, the log of what equipment did, maintenance records."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import EventType
from lineside_contracts.master_data import (
    Fields,
    MasterDataChanged,
    MasterDataKind,
    MasterDataState,
)
from lineside_contracts.permissions import Permission
from lineside_contracts.values import (
    Actor,
    Code,
    Frozen,
    Instant,
    Money,
    Name,
    Request,
    Text,
)


class AssetKind(StrEnum):
    """The level of an asset: a parent is always of a higher one, in this order."""

    PLANT = "plant"
    AREA = "area"
    LINE = "line"
    MACHINE = "machine"


class AssetFields(Fields):
    """A piece of the plant: plant → area → line → machine."""

    asset_code: Code
    asset_name: Name
    asset_kind: AssetKind
    parent_code: Code | None = Field(default=None, description="Null for a plant alone.")
    plant_code: Code
    lane_number: Code | None = Field(
        default=None, description="The lane it is or serves: its maintenance is the lane's."
    )
    manufacturer: Name | None = None
    model_name: Name | None = None
    serial_number: Code | None = None
    is_active: bool = True


class Asset(AssetFields, MasterDataState):
    """An asset as everybody reads it."""

    model_config = Frozen.model_config


class AssetChanged(MasterDataChanged):
    """An asset was made, changed or deleted."""

    EVENT: ClassVar[EventType] = EventType("asset", "changed", "asset")
    asset: Asset


class EquipmentStatus(StrEnum):
    """What equipment can do right now; those of lanes, and `down` for what has broken."""

    AVAILABLE = "available"
    OCCUPIED = "occupied"
    DOWN = "down"
    MAINTENANCE = "maintenance"
    INACTIVE = "inactive"


class RecordEquipmentStatus(Request):
    """Say what an asset or lane can do since when; what was said before ends there."""

    asset_code: Code | None = Field(default=None, description="An asset, or a lane.")
    lane_id: UUID | None = None
    status: EquipmentStatus
    started_at: Instant | None = Field(default=None, description="Null: now.")
    ended_at: Instant | None = Field(default=None, description="Null: it holds until the next.")
    is_planned: bool = Field(
        default=False, description="Of maintenance: planned time of the lane excludes it."
    )
    reason: Text | None = None


class EquipmentStatusEntry(Frozen):
    """What an asset or lane could do in a stretch of time; open without `ended_at`.

    `source` "lane" came from the lane's own status, "person" was reported.
    """

    id: UUID
    plant_code: str
    asset_code: str | None = None
    lane_id: UUID | None = None
    lane_number: str | None = None
    status: EquipmentStatus
    is_planned: bool
    reason: str | None = None
    source: Literal["lane", "person"]
    started_at: Instant
    ended_at: Instant | None = None
    logged_at: Instant
    logged_by: Actor


class ListEquipmentStatus(Request):
    """Which entries, the newest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    plant_code: Code | None = None
    asset_code: Code | None = None
    lane_id: UUID | None = None
    status: EquipmentStatus | None = None
    is_open: bool | None = None


class MaintenanceKind(StrEnum):
    """Why equipment is maintained."""

    PREVENTIVE = "preventive"
    CORRECTIVE = "corrective"
    PREDICTIVE = "predictive"
    INSPECTION = "inspection"
    CALIBRATION = "calibration"


class MaintenanceStatus(StrEnum):
    """How far a maintenance is: planned → in_progress → completed, cancelled before its end."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class CreateMaintenanceRecord(Request):
    """Maintenance of an asset or lane.

    Planned maintenance is no planned time of the lane: its planned span before it begins, then its
    actual one, at most as long as was planned; what it takes longer is availability loss.
    """

    asset_code: Code | None = Field(default=None, description="An asset, or a lane.")
    lane_id: UUID | None = None
    maintenance_kind: MaintenanceKind
    is_planned: bool = Field(description="False: equipment broke, or somebody just began.")
    description: Text
    status: MaintenanceStatus = MaintenanceStatus.PLANNED
    planned_start_at: Instant | None = None
    planned_end_at: Instant | None = None
    actual_start_at: Instant | None = None
    actual_end_at: Instant | None = None
    cost: Money = Decimal(0)
    findings: Text | None = None
    performed_by: Name | None = None


class MaintenanceChange(Request):
    """What may be changed of a maintenance record; absent fields stay."""

    maintenance_kind: MaintenanceKind | None = None
    is_planned: bool | None = None
    description: Text | None = None
    status: MaintenanceStatus | None = None
    planned_start_at: Instant | None = None
    planned_end_at: Instant | None = None
    actual_start_at: Instant | None = None
    actual_end_at: Instant | None = None
    cost: Money | None = None
    findings: Text | None = None
    performed_by: Name | None = None


class UpdateMaintenanceRecord(Request):
    """A change against the version the person saw."""

    maintenance_record_id: UUID
    expected_version: int | None = None
    change: MaintenanceChange


class MaintenanceRecord(Frozen):
    """A maintenance of an asset or lane."""

    id: UUID
    version: int
    plant_code: str
    asset_code: str | None = None
    lane_id: UUID | None = None
    lane_number: str | None = None
    maintenance_kind: MaintenanceKind
    is_planned: bool
    description: str
    status: MaintenanceStatus
    planned_start_at: Instant | None = None
    planned_end_at: Instant | None = None
    actual_start_at: Instant | None = None
    actual_end_at: Instant | None = None
    cost: Decimal
    findings: str | None = None
    performed_by: str | None = None
    created_at: Instant
    created_by: Actor
    updated_at: Instant
    updated_by: Actor


class GetMaintenanceRecord(Request):
    """One maintenance record."""

    maintenance_record_id: UUID


class ListMaintenanceRecords(Request):
    """Which maintenance records, the newest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    plant_code: Code | None = None
    asset_code: Code | None = None
    lane_id: UUID | None = None
    status: MaintenanceStatus | None = None
    is_planned: bool | None = None


ASSETS = MasterDataKind(
    "asset",
    "assets",
    "shopfloor",
    "asset_code",
    "asset_name",
    AssetFields,
    Asset,
    AssetChanged,
)
RECORD_EQUIPMENT_STATUS = Endpoint(
    "shopfloor",
    "equipment_status",
    "record",
    RecordEquipmentStatus,
    EquipmentStatusEntry,
    Permission.LANE_MANAGE,
    "write",
    201,
)
LIST_EQUIPMENT_STATUS = Endpoint(
    "shopfloor",
    "equipment_status",
    "list",
    ListEquipmentStatus,
    Page[EquipmentStatusEntry],
    Permission.LANE_READ,
)
CREATE_MAINTENANCE_RECORD = Endpoint(
    "shopfloor",
    "maintenance_record",
    "create",
    CreateMaintenanceRecord,
    MaintenanceRecord,
    Permission.LANE_MANAGE,
    "write",
    201,
)
UPDATE_MAINTENANCE_RECORD = Endpoint(
    "shopfloor",
    "maintenance_record",
    "update",
    UpdateMaintenanceRecord,
    MaintenanceRecord,
    Permission.LANE_MANAGE,
    "write",
)
GET_MAINTENANCE_RECORD = Endpoint(
    "shopfloor",
    "maintenance_record",
    "get",
    GetMaintenanceRecord,
    MaintenanceRecord,
    Permission.LANE_READ,
)
LIST_MAINTENANCE_RECORDS = Endpoint(
    "shopfloor",
    "maintenance_record",
    "list",
    ListMaintenanceRecords,
    Page[MaintenanceRecord],
    Permission.LANE_READ,
)
