"""Routes of routing templates and of how many products they cover."""

from lineside_contracts import routing
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples
from lineside_gateway.requests.doors import Door

ONE = "/routings/{routing_id}"

DOORS = (
    Door("GET", "/routings", routing.LIST_ROUTINGS),
    Door(
        "POST",
        "/routings",
        routing.CREATE_ROUTING,
        examples=[examples.ROUTING],
        refused=[Code.CODE_TAKEN],
    ),
    Door("GET", ONE, routing.GET_ROUTING),
    Door(
        "PUT",
        ONE,
        routing.UPDATE_ROUTING,
        examples=[examples.ROUTING],
        refused=[Code.ROUTING_NOT_DRAFT],
    ),
    Door("DELETE", ONE, routing.DELETE_ROUTING, refused=[Code.IN_USE]),
    Door("POST", f"{ONE}/validate", routing.VALIDATE_ROUTING),
    Door(
        "POST",
        f"{ONE}/activate",
        routing.ACTIVATE_ROUTING,
        refused=[Code.ROUTING_NOT_DRAFT, Code.ROUTING_INVALID],
    ),
    Door(
        "POST",
        f"{ONE}/retire",
        routing.RETIRE_ROUTING,
        refused=[Code.INVALID_STATUS_TRANSITION],
    ),
    Door("POST", f"{ONE}/copy", routing.COPY_ROUTING),
    Door(
        "POST",
        f"{ONE}/preview",
        routing.PREVIEW_EXPANSION,
        examples=[examples.PREVIEW],
        refused=[Code.ROUTING_INVALID],
    ),
    Door("GET", "/routing-coverage", routing.GET_ROUTING_COVERAGE),
)
