"""Problem codes and problem documents (RFC 9457), the one form of every refusal."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from lineside_contracts.values import Frozen


class ProblemCode(StrEnum):
    """The stable reason of a refusal; clients branch on it, so a code is never renamed."""

    VALIDATION_FAILED = "validation_failed"
    MALFORMED = "malformed"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    UNAUTHENTICATED = "unauthenticated"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a code, not a secret
    FORBIDDEN = "forbidden"
    PLANT_FORBIDDEN = "plant_forbidden"
    NOT_FOUND = "not_found"
    CODE_TAKEN = "code_taken"
    IN_USE = "in_use"
    VERSION_CONFLICT = "version_conflict"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    INVALID_CURSOR = "invalid_cursor"
    IMPORT_REJECTED = "import_rejected"
    ORDER_REJECTED = "order_rejected"
    STALE_REVISION = "stale_revision"
    REVISION_CONTENT_MISMATCH = "revision_content_mismatch"
    UNSUPPORTED_DOCUMENT = "unsupported_document"
    SIGNATURE_INVALID = "signature_invalid"
    ROUTING_INVALID = "routing_invalid"
    ROUTING_NOT_DRAFT = "routing_not_draft"
    ROUTING_MISSING = "routing_missing"
    WORK_ORDER_NUMBER_TAKEN = "work_order_number_taken"
    SAP_NUMBER_TAKEN = "sap_number_taken"
    INVALID_STATUS_TRANSITION = "invalid_status_transition"
    LANE_OCCUPIED = "lane_occupied"
    LANE_UNAVAILABLE = "lane_unavailable"
    LANE_TYPE_MISMATCH = "lane_type_mismatch"
    LANE_PLANT_MISMATCH = "lane_plant_mismatch"
    LANE_WORK_CENTER_MISMATCH = "lane_work_center_mismatch"
    LANE_REQUIRED = "lane_required"
    NOT_ASSIGNED = "not_assigned"
    ALREADY_ASSIGNED = "already_assigned"
    PRODUCTION_RUNNING = "production_running"
    PRODUCTION_NOT_STARTED = "production_not_started"
    ALREADY_RUNNING = "already_running"
    ALREADY_PAUSED = "already_paused"
    CANNOT_RESUME_WITHOUT_PAUSE = "cannot_resume_without_pause"
    WORK_ORDER_NOT_RELEASED = "work_order_not_released"
    WORK_ORDER_FINAL = "work_order_final"
    OPERATION_REQUIRED = "operation_required"
    OPERATION_FINAL = "operation_final"
    PREVIOUS_OPERATIONS_INCOMPLETE = "previous_operations_incomplete"
    PIECES_NOT_AVAILABLE = "pieces_not_available"
    REWORK_NOT_OPEN = "rework_not_open"
    CORRECTION_INVALID = "correction_invalid"
    LOG_OUT_OF_ORDER = "log_out_of_order"
    HAPPENED_IN_FUTURE = "happened_in_future"
    SERIAL_NUMBER_TAKEN = "serial_number_taken"
    REASON_REQUIRED = "reason_required"
    WORK_IN_PROCESS_UNDECIDED = "work_in_process_undecided"
    CONFLICT_RESOLVED = "conflict_resolved"
    AMBIGUOUS_CODE = "ambiguous_code"
    ARCHIVE_DAMAGED = "archive_damaged"
    ORDER_IN_PROGRESS = "order_in_progress"
    QUANTITY_EXCEEDS_ORDERED = "quantity_exceeds_ordered"
    ORDER_NOT_COMPLETED = "order_not_completed"
    EXCEPTION_NOT_FOUND = "exception_not_found"
    BOM_INVALID = "bom_invalid"
    BOM_NOT_DRAFT = "bom_not_draft"
    INSUFFICIENT_STOCK = "insufficient_stock"
    INSUFFICIENT_ALLOCATION = "insufficient_allocation"
    RECEIPT_CLOSED = "receipt_closed"
    REQUISITION_CLOSED = "requisition_closed"
    NOT_REQUIRED = "not_required"
    BACKFLUSHED = "backflushed"
    MRP_RUN_ENDED = "mrp_run_ended"
    ALREADY_FIRMED = "already_firmed"
    NO_PROMISE_POSSIBLE = "no_promise_possible"
    TENANT_SUSPENDED = "tenant_suspended"
    RATE_LIMITED = "rate_limited"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


STATUS_OF = {
    ProblemCode.MALFORMED: 400,
    ProblemCode.INVALID_CURSOR: 400,
    ProblemCode.UNAUTHENTICATED: 401,
    ProblemCode.TOKEN_EXPIRED: 401,
    ProblemCode.SIGNATURE_INVALID: 401,
    ProblemCode.FORBIDDEN: 403,
    ProblemCode.PLANT_FORBIDDEN: 403,
    ProblemCode.NOT_FOUND: 404,
    ProblemCode.METHOD_NOT_ALLOWED: 405,
    ProblemCode.CODE_TAKEN: 409,
    ProblemCode.IN_USE: 409,
    ProblemCode.IDEMPOTENCY_KEY_REUSED: 409,
    ProblemCode.STALE_REVISION: 409,
    ProblemCode.REVISION_CONTENT_MISMATCH: 409,
    ProblemCode.ROUTING_NOT_DRAFT: 409,
    ProblemCode.WORK_ORDER_NUMBER_TAKEN: 409,
    ProblemCode.SAP_NUMBER_TAKEN: 409,
    ProblemCode.INVALID_STATUS_TRANSITION: 409,
    ProblemCode.LANE_OCCUPIED: 409,
    ProblemCode.LANE_UNAVAILABLE: 409,
    ProblemCode.NOT_ASSIGNED: 409,
    ProblemCode.ALREADY_ASSIGNED: 409,
    ProblemCode.PRODUCTION_RUNNING: 409,
    ProblemCode.PRODUCTION_NOT_STARTED: 409,
    ProblemCode.ALREADY_RUNNING: 409,
    ProblemCode.ALREADY_PAUSED: 409,
    ProblemCode.CANNOT_RESUME_WITHOUT_PAUSE: 409,
    ProblemCode.WORK_ORDER_NOT_RELEASED: 409,
    ProblemCode.WORK_ORDER_FINAL: 409,
    ProblemCode.OPERATION_FINAL: 409,
    ProblemCode.PREVIOUS_OPERATIONS_INCOMPLETE: 409,
    ProblemCode.LOG_OUT_OF_ORDER: 409,
    ProblemCode.SERIAL_NUMBER_TAKEN: 409,
    ProblemCode.CONFLICT_RESOLVED: 409,
    ProblemCode.AMBIGUOUS_CODE: 409,
    ProblemCode.ARCHIVE_DAMAGED: 409,
    ProblemCode.ORDER_IN_PROGRESS: 409,
    ProblemCode.ORDER_NOT_COMPLETED: 409,
    ProblemCode.EXCEPTION_NOT_FOUND: 404,
    ProblemCode.BOM_NOT_DRAFT: 409,
    ProblemCode.RECEIPT_CLOSED: 409,
    ProblemCode.REQUISITION_CLOSED: 409,
    ProblemCode.BACKFLUSHED: 409,
    ProblemCode.MRP_RUN_ENDED: 409,
    ProblemCode.ALREADY_FIRMED: 409,
    ProblemCode.TENANT_SUSPENDED: 403,
    ProblemCode.VERSION_CONFLICT: 412,
    ProblemCode.PAYLOAD_TOO_LARGE: 413,
    ProblemCode.UNSUPPORTED_DOCUMENT: 415,
    ProblemCode.RATE_LIMITED: 429,
    ProblemCode.INTERNAL: 500,
    ProblemCode.UNAVAILABLE: 503,
}
"""HTTP status of each code; a code not listed is 422."""


class Fault(Frozen):
    """One thing that is wrong, where, and what a person can do about it."""

    code: str
    path: str = Field(default="", description="Where: lines[2].quantity, or row 17 of a file.")
    message: str
    facts: dict[str, Any] = Field(default_factory=dict)


class Problem(Frozen):
    """Why something was refused. `facts` are the code's own fields (RULES 39)."""

    code: ProblemCode
    detail: str
    faults: tuple[Fault, ...] = ()
    facts: dict[str, Any] = Field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status this refusal is answered with."""
        return STATUS_OF.get(self.code, 422)
