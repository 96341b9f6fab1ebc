"""The OpenAPI 3.1 document: FastAPI's, with the problems each operation may answer with.

Operations with the same codes of a status share one response; it names its codes, so that a code
that is not told there contradicts the document.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from lineside_contracts import sales
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_gateway.domain import refusals
from lineside_gateway.requests import problem_codes
from lineside_gateway.requests.problem_meanings import (
    AN_ID,
    GENERAL,
    PLANNING,
    SALES,
    Meaning,
)
from lineside_gateway.requests.problem_meanings_floor import FLOOR
from lineside_gateway.requests.problems import MEDIA_TYPE
from lineside_gateway.requests.signatures import DoorRoute

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
MEANINGS = {**GENERAL, **SALES, **PLANNING, **FLOOR}
_INTRODUCTION = """\
Every refusal is a problem document (RFC 9457) with a stable `code`, its facts as further fields,
and every fault of the request by path. Each operation lists the codes it may answer with.

| code | status | told when | facts |
|---|---|---|---|
"""
_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds after which it may work.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    }
}
_WAITING = (429, 503)
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
        description="\n".join([_INTRODUCTION.rstrip(), *_table()]),
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
    components["examples"] = {str(code): {"value": _example(code)} for code in ProblemCode}
    components["responses"] = {}
    document["security"] = [{"token": []}]
    for route, method in _operations(app):
        operation = document["paths"][route.path_format][method]
        operation["responses"].pop("422", None)
        operation["responses"] |= _responses(components["responses"], route)
    return document


def _operations(app: FastAPI) -> Iterator[tuple[DoorRoute, str]]:
    for route in app.routes:
        if isinstance(route, DoorRoute):
            for method in route.methods or ():
                yield route, method.lower()


def _responses(shared: dict[str, Any], route: DoorRoute) -> dict[str, Any]:
    """The problems of one operation, as references to what all share."""
    found = {}
    for status, codes in problem_codes.by_status(route.codes).items():
        name = ".".join([f"Problem{status}", *codes])
        shared.setdefault(name, _response(status, codes))
        found[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return found


def _response(status: int, codes: tuple[ProblemCode, ...]) -> dict[str, Any]:
    told = {"status": {"const": status}, "code": {"enum": [str(code) for code in codes]}}
    schema = {"allOf": [{"$ref": f"{_SCHEMA_PREFIX}ProblemDocument"}, {"properties": told}]}
    examples = {str(code): {"$ref": f"#/components/examples/{code}"} for code in codes}
    return {
        "description": f"{TITLES[status]}: {', '.join(codes)}.",
        "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
        **({"headers": _RETRY_AFTER} if status in _WAITING else {}),
    }


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
            "correlation_id": {"type": "string", "format": "uuid"},
            "faults": {"type": "array", "items": {"$ref": f"{_SCHEMA_PREFIX}Fault"}},
        },
        "additionalProperties": True,
    }


def _table() -> Iterator[str]:
    """A line per code: the place where all of them are found."""
    for code in sorted(ProblemCode):
        meaning = _meaning(code)
        facts = ", ".join(f"`{name}`" for name in meaning.facts)
        yield f"| `{code}` | {problem_codes.status_of(code)} | {meaning.when} | {facts} |"


def _meaning(code: ProblemCode) -> Meaning:
    """Explain a code; a new one by its name until somebody does."""
    name = code.replace("_", " ")
    return MEANINGS.get(code, Meaning(name, f"{name.capitalize()}."))


def _example(code: ProblemCode) -> dict[str, Any]:
    meaning = _meaning(code)
    faults = tuple(Fault.model_validate(fault) for fault in meaning.faults)
    facts = dict(meaning.facts)
    problem = Problem(code=code, detail=meaning.detail, faults=faults, facts=facts)
    return refusals.document_of(problem, instance="/api/v1/work-orders", correlation_id=AN_ID)
