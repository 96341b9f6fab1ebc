"""Routes of bills of material; explosions come first, since an id would match their address."""

from lineside_contracts import planning
from lineside_gateway.requests import examples
from lineside_gateway.requests.doors import Door

ONE = "/boms/{bom_id}"

DOORS = (
    Door("GET", "/boms/explosion", planning.EXPLODE_BOM),
    Door("GET", "/boms", planning.LIST_BOMS),
    Door("POST", "/boms", planning.CREATE_BOM, examples=[examples.BOM]),
    Door("GET", ONE, planning.GET_BOM),
    Door("PUT", ONE, planning.UPDATE_BOM, examples=[examples.BOM]),
    Door("DELETE", ONE, planning.DELETE_BOM),
    Door("POST", f"{ONE}/validate", planning.VALIDATE_BOM),
    Door("POST", f"{ONE}/activate", planning.ACTIVATE_BOM),
    Door("POST", f"{ONE}/retire", planning.RETIRE_BOM),
    Door("POST", f"{ONE}/copy", planning.COPY_BOM),
)
