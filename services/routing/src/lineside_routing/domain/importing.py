"""A file of routings: one row per operation, the template's columns repeated in each.

Rows of one routing code make one template, in the order of their sequence numbers. Faults name
lines of the file ("row 17.yield_percentage"), never positions inside a template.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lineside_contracts.problems import Fault
from lineside_contracts.routing import (
    MAX_OPERATIONS,
    Routing,
    RoutingFields,
    RoutingOperationFields,
)
from lineside_contracts.values import Code, Name, Text
from lineside_routing.domain import versions

TEMPLATE_COLUMNS = (
    "routing_code",
    "routing_name",
    "product_code",
    "product_category",
    "routing_description",
    "activate",
)

_OPERATION_PATH = re.compile(r"^operations\[(\d+)\]\.?")


class RoutingRow(RoutingOperationFields):
    """One line: an operation, and the template it belongs to."""

    routing_code: Code
    routing_name: Name
    product_code: Code | None = None
    product_category: Code | None = None
    routing_description: Text | None = None
    activate: bool = False


@dataclass(frozen=True)
class ImportedRouting:
    """A template of the file; `lines` are those of its operations, in their order."""

    fields: RoutingFields
    activate: bool
    lines: tuple[int, ...]

    def located(self, fault: Fault) -> Fault:
        """Say where in the file a fault of this template is."""
        found = _OPERATION_PATH.match(fault.path)
        line = self.lines[int(found.group(1))] if found else self.lines[0]
        rest = fault.path[found.end() :] if found else fault.path
        path = f"row {line}.{rest}" if rest and rest != "operations" else f"row {line}"
        return fault.model_copy(update={"path": path})


def gathered(
    rows: Sequence[tuple[int, RoutingRow]],
) -> tuple[tuple[ImportedRouting, ...], tuple[Fault, ...]]:
    """Gather rows into templates, and name the lines that contradict their template's first."""
    groups: dict[str, list[tuple[int, RoutingRow]]] = {}
    for line, row in rows:
        groups.setdefault(row.routing_code, []).append((line, row))
    faults = [fault for group in groups.values() for fault in _group_faults(group)]
    usable = [group for group in groups.values() if len(group) <= MAX_OPERATIONS]
    routings = tuple(_routing(group) for group in usable)
    return routings, (*faults, *_shared_target_faults(routings))


def is_unchanged(imported: ImportedRouting, stored: Routing) -> bool:
    """Whether a stored version says exactly what the file says."""
    return versions.fields_of(stored) == imported.fields


def _routing(group: Sequence[tuple[int, RoutingRow]]) -> ImportedRouting:
    ordered = sorted(group, key=lambda entry: entry[1].sequence_number)
    _, first = group[0]
    return ImportedRouting(
        fields=RoutingFields(
            routing_code=first.routing_code,
            routing_name=first.routing_name,
            product_code=first.product_code,
            product_category=first.product_category,
            description=first.routing_description,
            operations=tuple(versions.bare(row) for _, row in ordered),
        ),
        activate=first.activate,
        lines=tuple(line for line, _ in ordered),
    )


def _group_faults(group: Sequence[tuple[int, RoutingRow]]) -> Iterator[Fault]:
    first_line, first = group[0]
    for line, row in group[1:]:
        for column in TEMPLATE_COLUMNS:
            if getattr(row, column) != getattr(first, column):
                yield Fault(
                    code="contradicts_first_row",
                    path=f"row {line}.{column}",
                    message=f"Routing {first.routing_code} says otherwise in row {first_line}.",
                    facts={"first_row": first_line},
                )
    if len(group) > MAX_OPERATIONS:
        line, _ = group[MAX_OPERATIONS]
        message = f"Routing {first.routing_code} has more than {MAX_OPERATIONS} operations."
        yield Fault(code="too_many_operations", path=f"row {line}", message=message)


def _shared_target_faults(routings: Sequence[ImportedRouting]) -> Iterator[Fault]:
    """Two routings of one file may not become active for the same product or category."""
    holders: dict[tuple[str, str | None], str] = {}
    for routing in (routing for routing in routings if routing.activate):
        target = target_of(routing.fields)
        holder = holders.setdefault(target, routing.fields.routing_code)
        if target[1] is not None and holder != routing.fields.routing_code:
            yield Fault(
                code="target_already_routed",
                path=f"row {routing.lines[0]}.{target[0]}",
                message=f"Routing {holder} of this file is to be active for {target[1]} as well.",
                facts={"routing_code": holder},
            )


def target_of(fields: RoutingFields | Routing) -> tuple[str, str | None]:
    """What a template attaches to: the field, and the code in it."""
    if fields.product_code is not None:
        return "product_code", fields.product_code
    return "product_category", fields.product_category
