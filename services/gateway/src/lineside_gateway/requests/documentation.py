"""The OpenAPI 3.1 document: FastAPI's, with the problems every route may answer with."""

from collections import defaultdict
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from lineside_contracts import sales
from lineside_contracts.problems import STATUS_OF, Fault, Problem, ProblemCode
from lineside_gateway.domain import refusals
from lineside_gateway.requests.problems import MEDIA_TYPE

UNPROCESSABLE = 422
SCHEMES = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
TITLES = {
    400: "Malformed",
    401: "Not authenticated",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict with the present state",
    412: "Changed by somebody else in the meantime",
    413: "Too large",
    415: "Media type not supported",
    422: "Refused by the rules; every fault is listed",
    429: "Too many requests",
    500: "Went wrong inside",
    503: "Not available now",
}
_SCHEMA_PREFIX = "#/components/schemas/"


def install(app: FastAPI) -> None:
    """Make the document when it is first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for model in (Fault, sales.SalesDocument):
        _add_schema(schemas, model)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["ProblemDocument"] = _problem_schema()
    components["securitySchemes"] = SCHEMES
    document["security"] = [{"token": []}]
    components["responses"] = {_name(status): _response(status) for status in TITLES}
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"] |= {
                str(status): {"$ref": f"#/components/responses/{_name(status)}"}
                for status in TITLES
            }
    return document


def _add_schema(schemas: dict[str, Any], model: Any) -> None:
    """Add a model that no route names in its signature."""
    schema = model.model_json_schema(ref_template=f"{_SCHEMA_PREFIX}{{model}}")
    for name, definition in schema.pop("$defs", {}).items():
        schemas.setdefault(name, definition)
    schemas.setdefault(model.__name__, schema)


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "RFC 9457. The code's own facts are further fields of the document.",
        "required": ["type", "title", "status", "detail", "code", "instance", "correlation_id"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "code": {"type": "string", "enum": [str(code) for code in ProblemCode]},
            "instance": text,
            "correlation_id": text,
            "faults": {"type": "array", "items": {"$ref": f"{_SCHEMA_PREFIX}Fault"}},
        },
        "additionalProperties": True,
    }


def _response(status: int) -> dict[str, Any]:
    codes = _codes()[status]
    return {
        "description": f"{TITLES[status]}: {', '.join(codes)}.",
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": f"{_SCHEMA_PREFIX}ProblemDocument"},
                "examples": {str(code): {"value": _example(code)} for code in codes},
            }
        },
    }


def _codes() -> dict[int, list[ProblemCode]]:
    found: dict[int, list[ProblemCode]] = defaultdict(list)
    for code in ProblemCode:
        found[STATUS_OF.get(code, UNPROCESSABLE)].append(code)
    return found


def _example(code: ProblemCode) -> dict[str, Any]:
    problem = Problem(code=code, detail="What happened, for a person.")
    return refusals.document_of(
        problem,
        instance="/api/v1/work-orders",
        correlation_id="019aa1b4-52c7-7d6e-9c1b-0f4c5f0e8a11",
    )


def _name(status: int) -> str:
    return f"Problem{status}"
