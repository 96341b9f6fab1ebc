"""A run mirrors its operation on the floor (RULES 15)."""

from lineside_contracts.routing import RunStatus
from lineside_contracts.shopfloor import OperationStatus, WorkOrderStatus

_OF_OPERATION = {
    OperationStatus.IN_PROGRESS: RunStatus.IN_PROGRESS,
    OperationStatus.COMPLETED: RunStatus.COMPLETED,
    OperationStatus.CANCELLED: RunStatus.CANCELLED,
}
_OF_WORK_ORDER = {
    WorkOrderStatus.PLANNED: RunStatus.PLANNED,
    WorkOrderStatus.RELEASED: RunStatus.RELEASED,
    WorkOrderStatus.IN_PROGRESS: RunStatus.RELEASED,  # its turn has not come yet
    WorkOrderStatus.COMPLETED: RunStatus.COMPLETED,
    WorkOrderStatus.CANCELLED: RunStatus.CANCELLED,
}


def run_status(work_order: WorkOrderStatus, operation: OperationStatus) -> RunStatus:
    """The status of the run that an operation of a work order carries out."""
    return _OF_OPERATION.get(operation) or _OF_WORK_ORDER[work_order]
