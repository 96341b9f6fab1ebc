"""Everything that is wrong with a routing, in one answer (SPEC 6)."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from lineside_contracts.problems import Fault
from lineside_contracts.routing import RoutingOperationFields
from lineside_manufacturing import faults as pure, routing_graph
from lineside_manufacturing.operation_quantities import operation_faults
from lineside_manufacturing.routing_graph import RoutingGraph
from lineside_routing.domain import catalogue, templates
from lineside_routing.domain.catalogue import Catalogue, Resolution

MAX_SEQUENCE_NUMBER = 999_999_999
MAX_LOSS_DIGITS = 1_000
"""Far beyond any quantity, and far below what makes exact numbers slow."""

_PERCENT_DIGITS = 12
"""Digits a stored percentage may have on either side; validation narrows it to four decimals."""

_GRAPH_FIELD = ".predecessor_sequence"
_OUR_FIELD = ".predecessor_sequence_number"


class Draft(Protocol):
    """What is examined: a template as written, or as stored."""

    @property
    def product_code(self) -> str | None:
        """The product it attaches to."""

    @property
    def product_category(self) -> str | None:
        """The category it attaches to where it names no product."""

    @property
    def operations(self) -> Sequence[RoutingOperationFields]:
        """Its operations; fault paths count in this order."""


@dataclass(frozen=True, slots=True)
class Rival:
    """Another code's version that is active for the same product or category."""

    routing_id: UUID
    routing_code: str
    routing_version: int


@dataclass(frozen=True)
class Examined:
    """What an examination found; resolutions are complete where there are no faults."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    resolutions: tuple[Resolution | None, ...]


def examine(draft: Draft, known: Catalogue, *, rival: Rival | None = None) -> Examined:
    """Check a template against itself, the catalogue and what is active already.

    Args:
        draft: The template.
        known: What its operations refer to.
        rival: Another routing that is active for its product or category.
    """
    resolved = catalogue.resolve(draft.operations, known)
    graph = routing_graph.build_graph(templates.graph_operations(draft.operations))
    faults = [
        *_target_faults(draft, rival),
        *(() if isinstance(graph, RoutingGraph) else map(translated, graph)),
        *_quantity_faults(draft.operations, known),
        *_basis_faults(draft.operations),
        *_overall_yield_faults(draft.operations),
        *resolved.faults,
    ]
    if isinstance(graph, RoutingGraph):
        faults += _transfer_faults(draft.operations, resolved.resolutions, graph)
    warnings = (*_target_warnings(draft), *_place_warnings(resolved.resolutions, known))
    return Examined(tuple(faults), warnings, resolved.resolutions)


def unstorable_faults(operations: Sequence[RoutingOperationFields]) -> tuple[Fault, ...]:
    """Numbers so absurd that not even a draft can hold them."""
    return tuple(
        Fault(code="out_of_range", path=f"operations[{index}].{name}", message=message)
        for index, operation in enumerate(operations)
        for name, message in _unstorable(operation)
    )


def translated(fault: pure.Fault) -> Fault:
    """Say a fault of the arithmetic in the contract's words."""
    path = fault.path
    if path.endswith(_GRAPH_FIELD):
        path = path.removesuffix(_GRAPH_FIELD) + _OUR_FIELD
    facts = {_fact_name(name): value for name, value in fault.facts.items()}
    return Fault(code=fault.code, path=path, message=fault.message, facts=facts)


def _fact_name(name: str) -> str:
    return "predecessor_sequence_number" if name == "predecessor_sequence" else name


def _target_faults(draft: Draft, rival: Rival | None) -> Iterator[Fault]:
    if draft.product_code is None and draft.product_category is None:
        message = "It names neither a product nor a product category, so no order would use it."
        yield Fault(code="target_missing", path="product_code", message=message)
    elif rival is not None:
        yield _rival_fault(draft, rival)


def _rival_fault(draft: Draft, rival: Rival) -> Fault:
    what, name, path = (
        ("Product", draft.product_code, "product_code")
        if draft.product_code is not None
        else ("Category", draft.product_category, "product_category")
    )
    other = f"{rival.routing_code} version {rival.routing_version}"
    return Fault(
        code="target_already_routed",
        path=path,
        message=f"{what} {name} already has the active routing {other}; retire that one first.",
        facts={
            "routing_id": str(rival.routing_id),
            "routing_code": rival.routing_code,
            "routing_version": rival.routing_version,
        },
    )


def _target_warnings(draft: Draft) -> Iterator[Fault]:
    if draft.product_code is not None and draft.product_category is not None:
        message = (
            f"It attaches to product {draft.product_code} alone; "
            f"other products of category {draft.product_category} do not use it."
        )
        yield Fault(code="category_not_used", path="product_category", message=message)


def _quantity_faults(
    operations: Sequence[RoutingOperationFields], known: Catalogue
) -> Iterator[Fault]:
    for index, operation in enumerate(operations):
        decimals = catalogue.unit_decimals(operation, known) or 0
        for fault in operation_faults(templates.quantities_of(operation, decimals)):
            yield translated(fault.under(f"operations[{index}]"))


def _basis_faults(operations: Sequence[RoutingOperationFields]) -> Iterator[Fault]:
    for index, operation in enumerate(operations):
        if operation.time_basis == "per_batch" and operation.batch_size is None:
            yield Fault(
                code="batch_size_missing",
                path=f"operations[{index}].batch_size",
                message="A time per batch needs the number of units a batch holds.",
                facts={"sequence_number": operation.sequence_number},
            )


def _overall_yield_faults(operations: Sequence[RoutingOperationFields]) -> Iterator[Fault]:
    """Each loss may be allowed and all together beyond anything that can be counted."""
    digits = sum(-math.log10(o.yield_percentage / 100) for o in operations if _is_yield(o))
    if digits > MAX_LOSS_DIGITS:
        message = f"All yields together leave less than one piece in 10^{MAX_LOSS_DIGITS}."
        yield Fault(code="overall_yield_too_low", path="operations", message=message)


def _is_yield(operation: RoutingOperationFields) -> bool:
    value = operation.yield_percentage
    return value.is_finite() and 0 < value <= 100  # noqa: PLR2004 -- a percentage


def _transfer_faults(
    operations: Sequence[RoutingOperationFields],
    resolutions: Sequence[Resolution | None],
    graph: RoutingGraph,
) -> Iterator[Fault]:
    """A routing over plants states how long the way takes (RULES 26)."""
    plants = {
        o.sequence_number: r.plant_code
        for o, r in zip(operations, resolutions, strict=True)
        if r is not None and r.plant_code is not None
    }
    if len(set(plants.values())) <= 1:
        return
    for index, operation in enumerate(operations):
        if not operation.wait_minutes:
            yield from _transfer_fault(index, operation.sequence_number, plants, graph)


def _transfer_fault(
    index: int, number: int, plants: Mapping[int, str], graph: RoutingGraph
) -> Iterator[Fault]:
    here = plants.get(number)
    elsewhere = [n for n in graph.successors[number] if plants.get(n, here) != here]
    if here is not None and elsewhere:
        yield Fault(
            code="transfer_time_missing",
            path=f"operations[{index}].wait_minutes",
            message=(
                f"Operation {elsewhere[0]} is done in plant {plants[elsewhere[0]]}: "
                f"state as waiting time how long the way from {here} takes."
            ),
            facts={"sequence_number": number, "successor_sequence_number": elsewhere[0]},
        )


def _place_warnings(resolutions: Sequence[Resolution | None], known: Catalogue) -> Iterator[Fault]:
    for index, resolution in enumerate(resolutions):
        path = f"operations[{index}].work_center_code"
        if resolution is not None and resolution.work_center_code is None:
            message = "No work center is named: it can be neither loaded nor costed."
            yield Fault(code="work_center_missing", path=path, message=message)
        elif resolution and resolution.plant_code not in {None, *known.plant_codes}:
            message = (
                f"Work center {resolution.work_center_code} stands in plant "
                f"{resolution.plant_code}, which nobody has told of."
            )
            yield Fault(code="plant_unknown", path=path, message=message)


def _unstorable(operation: RoutingOperationFields) -> Iterator[tuple[str, str]]:
    for name in ("sequence_number", "predecessor_sequence_number"):
        number = getattr(operation, name)
        if number is not None and abs(number) > MAX_SEQUENCE_NUMBER:
            yield name, f"A sequence number is at most {MAX_SEQUENCE_NUMBER}."
    for name in ("yield_percentage", "scrap_percentage"):
        value: Decimal | None = getattr(operation, name)
        if value is not None and not _is_storable(value):
            yield name, "A percentage is between 0 and 100 with at most four decimals."


def _is_storable(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return (
        isinstance(exponent, int)
        and exponent >= -_PERCENT_DIGITS
        and (not value or value.adjusted() <= _PERCENT_DIGITS)
    )
