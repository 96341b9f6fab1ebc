"""Identifiers: every id is a UUIDv7, and each kind of id is a type of its own."""

from typing import NewType
from uuid import UUID

TenantId = NewType("TenantId", UUID)
UserId = NewType("UserId", UUID)
EventId = NewType("EventId", UUID)
CorrelationId = NewType("CorrelationId", UUID)
SalesOrderId = NewType("SalesOrderId", UUID)
SalesOrderLineId = NewType("SalesOrderLineId", UUID)
ProjectId = NewType("ProjectId", UUID)
ProductId = NewType("ProductId", UUID)
UnitId = NewType("UnitId", UUID)
ProductionOrderId = NewType("ProductionOrderId", UUID)
OperationId = NewType("OperationId", UUID)
WorkCenterId = NewType("WorkCenterId", UUID)
RoutingId = NewType("RoutingId", UUID)
RoutingOperationId = NewType("RoutingOperationId", UUID)
ProductionRunId = NewType("ProductionRunId", UUID)
PlantId = NewType("PlantId", UUID)
DepartmentId = NewType("DepartmentId", UUID)
LaneId = NewType("LaneId", UUID)
WorkOrderId = NewType("WorkOrderId", UUID)
WorkOrderOperationId = NewType("WorkOrderOperationId", UUID)
PredictionId = NewType("PredictionId", UUID)
