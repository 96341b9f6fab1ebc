"""Requests between the gateway and the services: subject, question, answer, permission."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, Field

from lineside_contracts.permissions import Permission
from lineside_contracts.values import Frozen

Q = TypeVar("Q", bound=BaseModel)
A = TypeVar("A", bound=BaseModel)
T = TypeVar("T")

TENANT_HEADER = "Lineside-Tenant"
ACTOR_ID_HEADER = "Lineside-Actor-Id"
ACTOR_NAME_HEADER = "Lineside-Actor-Name"
PERMISSIONS_HEADER = "Lineside-Permissions"
PLANTS_HEADER = "Lineside-Plants"
CORRELATION_HEADER = "Lineside-Correlation-Id"
IDEMPOTENCY_HEADER = "Idempotency-Key"
STATUS_HEADER = "Lineside-Status"
"""Not "Status": nats-py takes a message with `Status: 503` for the broker's own answer."""


@dataclass(frozen=True)
class Endpoint(Generic[Q, A]):
    """One question a service answers over NATS.

    `kind` "write" means that an idempotency key is remembered in the write's own transaction;
    a "read" runs in a read-only transaction. `success_status` is the HTTP status of the answer.
    """

    service: str
    noun: str
    verb: str
    request: type[Q]
    answer: type[A]
    permission: Permission
    kind: Literal["read", "write"] = "read"
    success_status: int = 200

    @property
    def subject(self) -> str:
        """The subject it is asked on: `request.<service>.<noun>.<verb>`."""
        return f"request.{self.service}.{self.noun}.{self.verb}"


class Page(Frozen, Generic[T]):
    """One page of a list; `next_cursor` is opaque and null on the last page."""

    items: tuple[T, ...]
    next_cursor: str | None = Field(default=None, description="Pass it as ?cursor= for the rest.")


class Done(Frozen):
    """An answer that says no more than that it was done."""

    done: bool = True
