"""A door is one route: method, path, and the endpoint behind it. Everything else follows.

The endpoint's request model is filled from the path, from If-Match (`expected_version`), and for
the rest from the query (GET) or from the JSON body. A single nested model (`fields`, `change`) is
the body itself.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo

from lineside_contracts.endpoint import Endpoint
from lineside_contracts.problems import ProblemCode
from lineside_contracts.values import Request as RequestModel

EXPECTED_VERSION = "expected_version"
PATH_PARAMETER = re.compile(r"{(\w+)(?::path)?}")


@dataclass(frozen=True)
class Door:
    """One route to one endpoint.

    Attributes:
        path: Below `PREFIX`; its parameters are fields of the request.
        renamed: Parameters of the path that the request knows by another name.
        named_by: Field of the answer that a new resource's address ends with.
        place: Where what was made is found, when not below this door; holds fields of the answer.
        version_field: Field of the answer that is its ETag.
        examples: Bodies shown in the documentation.
        refused: What the service may say no with, beyond what follows from the door's form.
    """

    method: str
    path: str
    endpoint: Endpoint[Any, Any]
    renamed: Mapping[str, str] = field(default_factory=dict)
    named_by: str = "id"
    place: str | Callable[[Mapping[str, object]], str] = ""
    version_field: str = "version"
    examples: Sequence[Mapping[str, Any]] = field(default=())
    refused: Sequence[ProblemCode] = ()

    @cached_property
    def path_fields(self) -> dict[str, str]:
        """The request's fields that stand in the path, by the names they have there."""
        return {name: self.renamed.get(name, name) for name in PATH_PARAMETER.findall(self.path)}

    @cached_property
    def rest(self) -> dict[str, FieldInfo]:
        """The request's fields that come by query or body."""
        taken = {*self.path_fields.values(), EXPECTED_VERSION}
        fields = self.endpoint.request.model_fields
        return {name: info for name, info in fields.items() if name not in taken}

    @property
    def takes_body(self) -> bool:
        """Whether a body is read; where nothing can be told in it, it is empty or `{}`."""
        return self.method in {"POST", "PUT"}

    @property
    def takes_version(self) -> bool:
        """Whether If-Match means something here."""
        return EXPECTED_VERSION in self.endpoint.request.model_fields

    @property
    def gives_version(self) -> bool:
        """Whether the answer has an ETag."""
        return self.version_field in self.endpoint.answer.model_fields

    @cached_property
    def wrapper(self) -> str:
        """The field the whole body stands in; empty when the body holds fields itself."""
        if len(self.rest) == 1:
            ((name, info),) = self.rest.items()
            if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
                return name
        return ""

    @cached_property
    def body_model(self) -> type[BaseModel]:
        """What the body looks like."""
        request = self.endpoint.request
        if self.wrapper:
            nested: type[BaseModel] = request.model_fields[self.wrapper].annotation
            return nested
        if len(self.rest) == len(request.model_fields):
            return request
        fields: dict[str, Any] = {name: (annotated(f), f) for name, f in self.rest.items()}
        return create_model(f"{request.__name__}Body", __base__=RequestModel, **fields)

    @property
    def body_is_required(self) -> bool:
        """Whether an absent body is a fault: only where some field of it must be there."""
        return any(info.is_required() for info in self.body_model.model_fields.values())


def annotated(info: FieldInfo) -> Any:
    """A field's type with its constraints."""
    if not info.metadata:
        return info.annotation
    return Annotated.__class_getitem__((info.annotation, *info.metadata))  # type: ignore[attr-defined]
