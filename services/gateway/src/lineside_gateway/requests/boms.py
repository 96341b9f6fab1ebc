"""Routes of bills of material; explosions come first, since an id would match their address."""

from lineside_contracts import planning
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples
from lineside_gateway.requests.doors import Door

ONE = "/boms/{bom_id}"

DOORS = (
    Door("GET", "/boms/explosion", planning.EXPLODE_BOM, refused=[Code.NOT_FOUND]),
    Door("GET", "/boms", planning.LIST_BOMS),
    Door("POST", "/boms", planning.CREATE_BOM, examples=[examples.BOM]),
    Door("GET", ONE, planning.GET_BOM),
    Door("PUT", ONE, planning.UPDATE_BOM, examples=[examples.BOM], refused=[Code.BOM_NOT_DRAFT]),
    Door("DELETE", ONE, planning.DELETE_BOM),
    Door("POST", f"{ONE}/validate", planning.VALIDATE_BOM),
    Door(
        "POST",
        f"{ONE}/activate",
        planning.ACTIVATE_BOM,
        refused=[Code.BOM_NOT_DRAFT, Code.BOM_INVALID],
    ),
    Door(
        "POST",
        f"{ONE}/retire",
        planning.RETIRE_BOM,
        refused=[Code.INVALID_STATUS_TRANSITION],
    ),
    Door("POST", f"{ONE}/copy", planning.COPY_BOM),
)
