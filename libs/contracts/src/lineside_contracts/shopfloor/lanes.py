"""Lanes as work goes over them: what each takes right now, assignments, who waits for which."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from lineside_contracts.endpoint import Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload, EventType
from lineside_contracts.permissions import Permission
from lineside_contracts.shopfloor.places import LaneStatus
from lineside_contracts.values import (
    Actor,
    Code,
    Frozen,
    Instant,
    OperationType,
    Priority,
    Request,
    Text,
)


class AssignmentOrigin(StrEnum):
    """How a work order came to a lane."""

    MANUAL = "manual"
    AUTOMATIC = "automatic"
    START = "start"


class LaneAssignment(Frozen):
    """A work order on a track of a lane, from `assigned_at` until `released_at`."""

    id: UUID
    lane_id: UUID
    lane_number: str
    track: int = Field(description="1 to the lane's capacity.")
    work_order_id: UUID
    work_order_number: str
    plant_code: str | None = None
    origin: AssignmentOrigin
    is_pinned: bool = Field(description="A person placed it: automation does not move it.")
    notes: str | None = None
    assigned_at: Instant
    assigned_by: Actor
    released_at: Instant | None = None
    released_by: Actor | None = None
    release_reason: str | None = None


class LaneState(AggregateState):
    """A lane as it stands: its version counts changes of what is on it, not of its master data."""

    lane_number: str
    lane_name: str
    plant_id: UUID | None = None
    plant_code: str
    lane_type: OperationType
    work_center_code: str | None = None
    capacity: int
    status: LaneStatus
    status_reason: str | None = None
    status_changed_at: Instant | None = None
    current_work_order_id: UUID | None = Field(
        default=None, description="On its lowest taken track; null when nothing is on it."
    )
    last_work_order_id: UUID | None = None
    master_data_version: int | None = Field(
        default=None, description="Version of what people write of it, as If-Match names it."
    )
    assignments: tuple[LaneAssignment, ...] = Field(default=(), description="Those that hold.")


class LaneStatusChanged(EventPayload):
    """What a lane can take changed."""

    EVENT: ClassVar[EventType] = EventType("lane", "status_changed", "lane")
    lane: LaneState
    old_status: LaneStatus
    new_status: LaneStatus
    reason: str | None = None


class LaneAssigned(EventPayload):
    """A work order came to a lane; said again when the pin of its assignment changes."""

    EVENT: ClassVar[EventType] = EventType("lane", "assigned", "lane")
    lane: LaneState
    assignment: LaneAssignment


class LaneReleased(EventPayload):
    """A work order left a lane."""

    EVENT: ClassVar[EventType] = EventType("lane", "released", "lane")
    lane: LaneState
    assignment: LaneAssignment


class ListLanes(Request):
    """Which lanes: by plant, type and status, in the order of plant and number."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: str | None = None
    plant_code: Code | None = None
    lane_type: OperationType | None = None
    status: LaneStatus | None = None
    search: Annotated[str, Field(max_length=100)] | None = None


class GetLane(Request):
    """One lane, by id."""

    lane_id: UUID


class AssignLane(Request):
    """Put a work order on a lane, by hand; what a person placed is pinned."""

    work_order_id: UUID
    expected_version: int | None = Field(default=None, description="Of the work order.")
    lane_id: UUID | None = None
    lane_number: Code | None = Field(
        default=None, description="Of the work order's plant; instead of the id."
    )
    is_pinned: bool = True
    notes: Text | None = None


class ReleaseLane(Request):
    """Take a work order off a lane."""

    lane_id: UUID
    work_order_id: UUID | None = Field(
        default=None, description="Which, where several are on the lane."
    )
    reason: Text | None = None


class SetLaneMaintenance(Request):
    """Begin or end maintenance of a lane; its running work is paused, with this reason."""

    lane_id: UUID
    action: Literal["start", "end"]
    reason: Text | None = None


class SetAssignmentPin(Request):
    """Pin an assignment that holds, or let automation move it."""

    assignment_id: UUID
    is_pinned: bool


class ListLaneAssignments(Request):
    """The history of a lane or of a work order, the newest first."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    lane_id: UUID | None = None
    work_order_id: UUID | None = None
    plant_code: Code | None = None
    is_active: bool | None = None


class GetLaneQueue(Request):
    """Who waits for a lane in a plant."""

    plant_code: Code
    lane_type: OperationType | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class WaitingWorkOrder(Frozen):
    """A released work order without a lane, and the free lane it would get now.

    `changeover` is what the suggested lane would have to change: `same_product`, `same_family`
    (product category) or `other`; null where no lane is free.
    """

    position: int
    work_order_id: UUID
    work_order_number: str
    operation_type: OperationType
    priority: Priority
    due_date: date | None = None
    product_code: str | None = None
    work_center_codes: tuple[str, ...] = ()
    suggested_lane_id: UUID | None = None
    suggested_lane_number: str | None = None
    changeover: Literal["same_product", "same_family", "other"] | None = None
    waits_because: str | None = Field(
        default=None, description="Why no lane is suggested, in words a supervisor understands."
    )


class LaneQueue(Frozen):
    """The queue of a plant, in the order lanes take it."""

    plant_code: str
    assignment_mode: str
    items: tuple[WaitingWorkOrder, ...]


LIST_LANES = Endpoint("shopfloor", "lane", "list", ListLanes, Page[LaneState], Permission.LANE_READ)
GET_LANE = Endpoint("shopfloor", "lane", "get", GetLane, LaneState, Permission.LANE_READ)
ASSIGN_LANE = Endpoint(
    "shopfloor",
    "work_order",
    "assign_lane",
    AssignLane,
    LaneAssignment,
    Permission.WORK_ORDER_ASSIGN,
    "write",
    201,
)
RELEASE_LANE = Endpoint(
    "shopfloor", "lane", "release", ReleaseLane, LaneState, Permission.LANE_MANAGE, "write"
)
SET_LANE_MAINTENANCE = Endpoint(
    "shopfloor",
    "lane",
    "maintain",
    SetLaneMaintenance,
    LaneState,
    Permission.LANE_MANAGE,
    "write",
)
SET_ASSIGNMENT_PIN = Endpoint(
    "shopfloor",
    "lane_assignment",
    "pin",
    SetAssignmentPin,
    LaneAssignment,
    Permission.WORK_ORDER_ASSIGN,
    "write",
)
LIST_LANE_ASSIGNMENTS = Endpoint(
    "shopfloor",
    "lane_assignment",
    "list",
    ListLaneAssignments,
    Page[LaneAssignment],
    Permission.LANE_READ,
)
GET_LANE_QUEUE = Endpoint(
    "shopfloor", "lane_queue", "get", GetLaneQueue, LaneQueue, Permission.LANE_READ
)
