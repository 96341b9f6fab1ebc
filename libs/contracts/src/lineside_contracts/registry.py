"""Every event, kind of master data and endpoint there is: the one list others are generated from.

JSON Schemas, AsyncAPI, docs/events.md, consumers' decoding and the gateway's routes read it here.
"""

from lineside_contracts import planning, predictions, routing, sales, shopfloor
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.envelope import EventPayload
from lineside_contracts.master_data import MasterDataKind

EVENTS: tuple[type[EventPayload], ...] = (
    sales.SalesOrderConfirmed,
    sales.SalesOrderAmended,
    sales.SalesOrderCancelled,
    sales.SalesOrderRejected,
    sales.SalesOrderAccepted,
    sales.SalesOrderPromiseChanged,
    sales.SalesOrderFulfilled,
    planning.ProductionOrderCreated,
    planning.ProductionOrderChanged,
    planning.ProductionOrderAssessed,
    planning.ProductionOrderStatusChanged,
    planning.ProductionOrderReleased,
    planning.ProductionOrderCompleted,
    planning.ProductionOrderCancelled,
    planning.MaterialPlanned,
    planning.MaterialShortageDetected,
    planning.MaterialConsumed,
    planning.GoodsReceived,
    planning.PurchaseRequisitionCreated,
    planning.PurchaseRequisitionChanged,
    planning.StockChanged,
    planning.StockDiscrepancyRecorded,
    planning.ReceiptChanged,
    planning.MrpRunChanged,
    planning.MrpDriftDetected,
    planning.PlannedOrderFirmed,
    planning.CapacityChecked,
    planning.ProductionCostEstimated,
    planning.WipChanged,
    planning.VariancesSettled,
    routing.RoutingExpanded,
    routing.RoutingFailed,
    routing.RoutingTemplateActivated,
    routing.RoutingTemplateRetired,
    shopfloor.WorkOrderCreated,
    shopfloor.WorkOrderChanged,
    shopfloor.WorkOrderStatusChanged,
    shopfloor.WorkOrderProgressed,
    shopfloor.WorkOrderOperationCompleted,
    shopfloor.WorkOrderReplanRefused,
    shopfloor.LaneStatusChanged,
    shopfloor.LaneAssigned,
    shopfloor.LaneReleased,
    shopfloor.ProductionLogRecorded,
    shopfloor.OeeCalculated,
    predictions.DeliveryPredictionUpdated,
    planning.TenantChanged,
    planning.UnitChanged,
    planning.ProductChanged,
    planning.ProjectChanged,
    planning.BomChanged,
    planning.VendorChanged,
    planning.VendorProductChanged,
    planning.StockLocationChanged,
    planning.LabourRateChanged,
    planning.CalendarChanged,
    planning.MaintenanceWindowChanged,
    routing.OperationChanged,
    routing.WorkCenterChanged,
    shopfloor.PlantChanged,
    shopfloor.DepartmentChanged,
    shopfloor.LaneChanged,
    shopfloor.AssetChanged,
)

BY_WIRE_NAME: dict[str, type[EventPayload]] = {event.EVENT.wire_name: event for event in EVENTS}

MASTER_DATA: tuple[MasterDataKind, ...] = (  # type: ignore[type-arg]
    planning.TENANTS,
    planning.UNITS,
    planning.PRODUCTS,
    planning.PROJECTS,
    planning.VENDORS,
    planning.VENDOR_PRODUCTS,
    planning.STOCK_LOCATIONS,
    planning.LABOUR_RATES,
    planning.CALENDARS,
    planning.MAINTENANCE_WINDOWS,
    routing.OPERATIONS,
    routing.WORK_CENTERS,
    shopfloor.PLANTS,
    shopfloor.DEPARTMENTS,
    shopfloor.LANES,
    shopfloor.ASSETS,
)


_PUBLISHERS = {
    sales.__name__: "sales-bridge",
    planning.__name__: "planning",
    routing.__name__: "routing",
    shopfloor.__name__: "shopfloor",
    predictions.__name__: "predictions",
}


def publisher_of(event: type[EventPayload]) -> str:
    """The one service that says an event: the one whose contract module defines it."""
    return _PUBLISHERS[".".join(event.__module__.split(".")[:2])]


def endpoints() -> list[Endpoint]:  # type: ignore[type-arg]
    """Every endpoint of every service, master data included, by subject."""
    found = [
        value
        for module in (sales, planning, routing, shopfloor, predictions)
        for value in vars(module).values()
        if isinstance(value, Endpoint)
    ]
    for kind in MASTER_DATA:
        found += kind.endpoints
    return sorted(found, key=lambda endpoint: endpoint.subject)
