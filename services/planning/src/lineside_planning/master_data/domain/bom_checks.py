"""What must be true of a bill of material before it is planned by: every fault at once, by path."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from lineside_contracts.planning import BomFields, BomLineFields
from lineside_contracts.problems import Fault
from lineside_manufacturing import bom_structure, units
from lineside_planning.master_data.domain import boms
from lineside_planning.master_data.domain.boms import Span

MAX_SEQUENCE_NUMBER = 999_999
_FULL_SCRAP = 100


@dataclass(frozen=True, slots=True)
class Component:
    """What is known of a product that stands in a bill."""

    unit_code: str
    conversions: Mapping[str, Fraction]
    is_active: bool = True
    product_category: str | None = None


@dataclass(frozen=True, slots=True)
class Rival:
    """Another active version of the same product."""

    name: str
    span: Span


@dataclass(frozen=True)
class BomContext:
    """What a bill is examined against.

    Attributes:
        products: By code, those that exist.
        own_units: Codes of the tenant's own units.
        rivals: By product, other versions that are (to be) active.
        components: By product, what active bills take of it; enough to follow all ways down.
        operations: By product, the sequence numbers of its active routing, where there is one.
    """

    products: Mapping[str, Component]
    own_units: Collection[str] = frozenset()
    rivals: Mapping[str, Sequence[Rival]] = field(default_factory=dict)
    components: Mapping[str, Iterable[str]] = field(default_factory=dict)
    operations: Mapping[str, Collection[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def examine(bom: BomFields, known: BomContext, *, finds_cycles: bool = True) -> Examined:
    """Find everything that keeps a bill from being activated, and what to look at.

    Args:
        bom: As written.
        known: What else there is.
        finds_cycles: False where the caller looks for cycles of many bills at once.
    """
    faults = [
        *unstorable_faults(bom),
        *_header_faults(bom, known),
        *(f for i, line in enumerate(bom.lines) for f in _line_faults(bom, line, i, known)),
        *_entry_faults(bom.lines),
    ]
    if finds_cycles:
        faults += _cycle_faults(bom, known)
    warnings = (*_warnings(bom, known), *_operation_warnings(bom, known))
    return Examined(tuple(faults), warnings)


def unstorable_faults(bom: BomFields) -> Iterator[Fault]:
    """Name numbers that no draft can hold."""
    for position, line in enumerate(bom.lines):
        number = line.sequence_number
        if number is not None and not 1 <= number <= MAX_SEQUENCE_NUMBER:
            message = f"A sequence number is 1 to {MAX_SEQUENCE_NUMBER}, not {number}."
            path = f"lines[{position}].sequence_number"
            yield Fault(code="sequence_number_out_of_range", path=path, message=message)


def cycle_fault(path: str, cycle: Sequence[str]) -> Fault:
    """Tell of a bill that takes, somewhere below, its own product."""
    way = " → ".join(cycle)
    message = f"The bill contains its own product: {way}."
    return Fault(code="bom_cycle", path=path, message=message, facts={"path": list(cycle)})


def cycle_path(bom: BomFields, cycle: Sequence[str]) -> str:
    """Find the line through which a bill is part of a cycle."""
    position = cycle.index(bom.product_code) if bom.product_code in cycle else 0
    following = cycle[position + 1]
    for index, line in enumerate(bom.lines):
        if line.component_code == following:
            return f"lines[{index}].component_code"
    return "lines"


def _header_faults(bom: BomFields, known: BomContext) -> Iterator[Fault]:
    if bom.product_code not in known.products:
        yield _unknown("product", bom.product_code, "product_code")
    if not bom.lines:
        yield Fault(code="no_lines", path="lines", message="A bill has at least one line.")
    yield from _span_faults(boms.span_of(bom), "")
    for rival in known.rivals.get(bom.product_code, ()):
        if boms.overlap(rival.span, boms.span_of(bom)):
            message = (
                f"{rival.name} holds {boms.told(rival.span)}, this one"
                f" {boms.told(boms.span_of(bom))}: retire the other, or set other dates."
            )
            path = "effective_from"
            yield Fault(code="overlapping_effectivity", path=path, message=message)


def _line_faults(
    bom: BomFields, line: BomLineFields, position: int, known: BomContext
) -> Iterator[Fault]:
    path = f"lines[{position}]"
    component = known.products.get(line.component_code)
    if line.component_code == bom.product_code:
        message = f"{bom.product_code} cannot be its own component."
        yield Fault(code="component_is_product", path=f"{path}.component_code", message=message)
    elif component is None:
        yield _unknown("component", line.component_code, f"{path}.component_code")
    if line.quantity == 0:
        message = "A line takes something, or yields something."
        yield Fault(code="quantity_zero", path=f"{path}.quantity", message=message)
    yield from _scrap_faults(line, f"{path}.component_scrap_percentage")
    yield from _span_faults(boms.span_of(line), path)
    yield from _unit_faults(line, component, f"{path}.unit_code", known)


def _scrap_faults(line: BomLineFields, path: str) -> Iterator[Fault]:
    if line.component_scrap_percentage >= _FULL_SCRAP:
        message = "Of a component that is all lost nothing would ever arrive."
        yield Fault(code="scrap_total", path=path, message=message)
    elif line.component_scrap_percentage and line.quantity < 0:
        message = "A by-product has no component scrap."
        yield Fault(code="scrap_of_by_product", path=path, message=message)


def _unit_faults(
    line: BomLineFields, component: Component | None, path: str, known: BomContext
) -> Iterator[Fault]:
    unit = line.unit_code
    if unit is None or (component and unit == component.unit_code):
        return
    if unit not in known.own_units and units.canonical_unit(unit) is None:
        yield _unknown("unit", unit, path)
    elif component and not _factor(unit, component):
        message = (
            f"How many {component.unit_code} of {line.component_code} are in one {unit}"
            " is not known."
        )
        yield Fault(code="no_conversion", path=path, message=message)


def _span_faults(span: Span, path: str) -> Iterator[Fault]:
    first, last = span
    if first and last and last < first:
        at = f"{path}.effective_until" if path else "effective_until"
        message = f"The last day {last} comes before the first, {first}."
        yield Fault(code="until_before_from", path=at, message=message)


def _entry_faults(lines: Sequence[BomLineFields]) -> Iterator[Fault]:
    """Entries of one line number follow each other, one at a time."""
    entries: dict[int, list[tuple[int, BomLineFields]]] = {}
    for position, line in enumerate(lines):
        entries.setdefault(line.line_number, []).append((position, line))
    for same in entries.values():
        for index, (position, line) in enumerate(same[1:], start=1):
            others = [other for _, other in same[:index]]
            if any(boms.overlap(boms.span_of(line), boms.span_of(o)) for o in others):
                message = f"Another entry of line {line.line_number} holds on some of these days."
                path = f"lines[{position}].effective_from"
                yield Fault(code="overlapping_effectivity", path=path, message=message)


def _cycle_faults(bom: BomFields, known: BomContext) -> Iterator[Fault]:
    takes = [c.component_code for c in bom.lines if c.component_code != bom.product_code]
    below = {parent: c for parent, c in known.components.items() if parent != bom.product_code}
    cycle = bom_structure.cycle_through(bom.product_code, takes, below)
    if cycle is not None:
        yield cycle_fault(cycle_path(bom, cycle), cycle)


def _warnings(bom: BomFields, known: BomContext) -> Iterator[Fault]:
    for position, line in enumerate(bom.lines):
        component = known.products.get(line.component_code)
        if component and not component.is_active:
            message = f"{line.component_code} is not active any more."
            path = f"lines[{position}].component_code"
            yield Fault(code="inactive_component", path=path, message=message)
        if not boms.overlap(boms.span_of(line), boms.span_of(bom)):
            message = f"The line never holds: the bill holds {boms.told(boms.span_of(bom))}."
            path = f"lines[{position}].effective_from"
            yield Fault(code="never_effective", path=path, message=message)


def _operation_warnings(bom: BomFields, known: BomContext) -> Iterator[Fault]:
    """Routings come from another service, later perhaps: an unknown operation is no fault."""
    numbers = known.operations.get(bom.product_code)
    for position, line in enumerate(bom.lines):
        number = line.sequence_number
        if numbers is not None and number is not None and number not in numbers:
            message = f"The active routing of {bom.product_code} has no operation {number}."
            path = f"lines[{position}].sequence_number"
            yield Fault(code="unknown_operation", path=path, message=message)


def _factor(unit: str, component: Component) -> Fraction | None:
    return units.conversion_factor(
        unit, component.unit_code, component.conversions, stock_unit=component.unit_code
    )


def _unknown(kind: str, code: str, path: str) -> Fault:
    message = f"There is no {'product' if kind == 'component' else kind} {code}."
    return Fault(code=f"unknown_{kind}", path=path, message=message, facts={"code": code})
