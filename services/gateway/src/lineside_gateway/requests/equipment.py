"""Routes of equipment: what it could do when, and its maintenance; assets are master data."""

from lineside_contracts import shopfloor
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples_floor as examples
from lineside_gateway.requests.doors import Door

RECORD = "/maintenance-records/{maintenance_record_id}"

DOORS = (
    Door(
        "POST",
        "/equipment-status",
        shopfloor.RECORD_EQUIPMENT_STATUS,
        place="/equipment-status?plant_code={plant_code}",
        examples=[examples.EQUIPMENT_STATUS],
        refused=[Code.NOT_FOUND, Code.HAPPENED_IN_FUTURE],
    ),
    Door("GET", "/equipment-status", shopfloor.LIST_EQUIPMENT_STATUS),
    Door(
        "POST",
        "/maintenance-records",
        shopfloor.CREATE_MAINTENANCE_RECORD,
        examples=[examples.MAINTENANCE_RECORD],
        refused=[Code.NOT_FOUND],
    ),
    Door("GET", "/maintenance-records", shopfloor.LIST_MAINTENANCE_RECORDS),
    Door("GET", RECORD, shopfloor.GET_MAINTENANCE_RECORD),
    Door(
        "PUT",
        RECORD,
        shopfloor.UPDATE_MAINTENANCE_RECORD,
        examples=[examples.MAINTENANCE_CHANGE],
        refused=[Code.INVALID_STATUS_TRANSITION],
    ),
)
