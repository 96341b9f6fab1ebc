"""What a live client sees: subject patterns, plants, and the permission each aggregate needs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from uuid import UUID

from lineside_contracts.permissions import Permission
from lineside_gateway.domain.identity import Identity

MOST_PATTERNS = 100
PATTERN_LENGTH = 200

READ_PERMISSIONS: Mapping[str, Permission] = {
    "sales.order": Permission.PROJECT_READ,
    "production_order": Permission.PRODUCTION_ORDER_READ,
    "material": Permission.MATERIAL_READ,
    "purchase_requisition": Permission.MATERIAL_READ,
    "stock": Permission.MATERIAL_READ,
    "receipt": Permission.MATERIAL_READ,
    "mrp_run": Permission.MATERIAL_READ,
    "planned_order": Permission.MATERIAL_READ,
    "capacity": Permission.PRODUCTION_ORDER_READ,
    "production_cost": Permission.COST_READ,
    "routing": Permission.PRODUCTION_ORDER_READ,
    "routing_template": Permission.ROUTING_READ,
    "work_order": Permission.WORK_ORDER_READ,
    "work_order_operation": Permission.WORK_ORDER_READ,
    "lane": Permission.LANE_READ,
    "production_log": Permission.PRODUCTION_READ,
    "oee": Permission.PRODUCTION_READ,
    "delivery_prediction": Permission.PROJECT_READ,
}
"""Seeing an aggregate's events takes what reading it over HTTP takes.

Events of an aggregate that is not listed are shown to nobody until somebody decides.
"""

_PATTERN = re.compile(r"(?:[A-Za-z0-9_-]+|\*)(?:\.(?:[A-Za-z0-9_-]+|\*))*(?:\.>)?|>")


@dataclass(frozen=True)
class LiveEvent:
    """What decides who sees an event. `name` is "work_order.status_changed"."""

    subject: str
    name: str
    aggregate: str
    tenant_id: UUID
    plant_code: str | None

    @cached_property
    def addresses(self) -> tuple[Sequence[str], Sequence[str]]:
        """The tokens of its name and of its subject: split once, matched for every client."""
        return self.name.split("."), self.subject.split(".")


@dataclass(frozen=True, slots=True)
class View:
    """What one client asked to see, and may."""

    identity: Identity
    patterns: tuple[str, ...]

    def shows(self, event: LiveEvent) -> bool:
        """Decide whether the client gets an event."""
        return (
            event.tenant_id == self.identity.tenant_id
            and may_see(self.identity, event)
            and any(matches(pattern, event) for pattern in self.patterns)
        )

    def not_permitted(self) -> list[str]:
        """Name the aggregates whose events the client's token does not let it see."""
        held = self.identity.permissions
        return sorted(name for name, needed in READ_PERMISSIONS.items() if needed not in held)


def may_see(identity: Identity, event: LiveEvent) -> bool:
    """Check permission and plant; an event without a plant belongs to all plants."""
    if READ_PERMISSIONS.get(event.aggregate) not in identity.permissions:
        return False
    return identity.plants is None or event.plant_code in (None, *identity.plants)


def subjects_of(identity: Identity) -> list[str]:
    """The stream's subjects that hold what somebody may see (of all plants)."""
    return [
        f"{aggregate}.*.{identity.tenant_id}.*"
        for aggregate, needed in READ_PERMISSIONS.items()
        if needed in identity.permissions
    ]


def event_of(subject: str, plant_code: str | None) -> LiveEvent:
    """Read a canonical subject `<aggregate>.<event>.<tenant>.<aggregate id>`.

    Raises:
        ValueError: It is none.
    """
    name, tenant_id, _aggregate_id = subject.rsplit(".", 2)
    aggregate, _, verb = name.rpartition(".")
    if not aggregate or not verb:
        raise ValueError(f"{subject} is no event's subject")
    return LiveEvent(subject, name, aggregate, UUID(tenant_id), plant_code)


def patterns_of(values: object) -> tuple[str, ...]:
    """Check the patterns a client sent.

    Raises:
        ValueError: They are no list of subject patterns; the text says what is wrong.
    """
    if not isinstance(values, list) or not 0 < len(values) <= MOST_PATTERNS:
        raise ValueError(f"subscribe is a list of 1 to {MOST_PATTERNS} subject patterns")
    for value in values:
        if not isinstance(value, str) or len(value) > PATTERN_LENGTH or not _valid(value):
            raise ValueError(f"{str(value)[:PATTERN_LENGTH]!r} is no subject pattern")
    return tuple(dict.fromkeys(values))


def matches(pattern: str, event: LiveEvent) -> bool:
    """Match like NATS does, against the event's name or its whole subject.

    `*` is one token, a final `>` one or more; "work_order.*" and "work_order.*.*.<id>" both work.
    """
    tokens = _tokens(pattern)
    name, subject = event.addresses
    return _match(tokens, name) or _match(tokens, subject)


@lru_cache(maxsize=MOST_PATTERNS * 100)
def _tokens(pattern: str) -> Sequence[str]:
    """Split a pattern; clients ask for the same ones again and again."""
    return tuple(pattern.split("."))


def _match(pattern: Sequence[str], tokens: Sequence[str]) -> bool:
    if pattern[-1] == ">":
        head = pattern[:-1]
        return len(tokens) > len(head) and _match_all(head, tokens)
    return len(pattern) == len(tokens) and _match_all(pattern, tokens)


def _match_all(pattern: Sequence[str], tokens: Sequence[str]) -> bool:
    return all(want in {"*", token} for want, token in zip(pattern, tokens, strict=False))


def _valid(pattern: str) -> bool:
    return _PATTERN.fullmatch(pattern) is not None
