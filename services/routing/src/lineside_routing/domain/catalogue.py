"""What a routing's operations refer to, and what activation copies from there.

An active template is immutable, so it takes along what the catalogue, the work centers and the
units said when it was activated; expansion then needs nothing but the template.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from lineside_contracts.problems import Fault
from lineside_contracts.routing import RoutingOperationFields
from lineside_contracts.values import OperationType
from lineside_manufacturing import units


@dataclass(frozen=True, slots=True)
class CatalogueOperation:
    """An operation as the tenant sees it: its own entry, or the global one."""

    operation_code: str
    operation_name: str
    operation_type: OperationType
    default_setup_minutes: Decimal
    default_run_seconds_per_unit: Decimal
    work_center_code: str | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class CatalogueWorkCenter:
    """A work center, as far as routing asks."""

    work_center_code: str
    plant_code: str
    department_code: str | None
    is_active: bool


@dataclass(frozen=True)
class Catalogue:
    """Everything the operations of some routings refer to, by code.

    `plant_codes` are those of the work centers' plants that exist; `unit_decimals` holds the
    tenant's own units, the standard ones are known anyway.
    """

    operations: Mapping[str, CatalogueOperation] = field(default_factory=dict)
    work_centers: Mapping[str, CatalogueWorkCenter] = field(default_factory=dict)
    plant_codes: frozenset[str] = frozenset()
    unit_decimals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class References:
    """The codes that some operations name, each once, ascending."""

    operations: tuple[str, ...]
    work_centers: tuple[str, ...]
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an operation of a template means, with its catalogue entry and work center looked up.

    Attributes:
        unit_decimals: Decimals of its own unit; None where it counts in the product's unit.
    """

    operation_name: str
    operation_type: OperationType
    setup_minutes: Decimal
    run_seconds_per_unit: Decimal
    work_center_code: str | None
    plant_code: str | None
    department_code: str | None
    unit_decimals: int | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """Operations looked up, in their order; None where the catalogue does not know one."""

    resolutions: tuple[Resolution | None, ...]
    faults: tuple[Fault, ...]


def references(operations: Iterable[RoutingOperationFields]) -> References:
    """Gather what operations name."""
    codes: set[str] = set()
    centers: set[str] = set()
    units_named: set[str] = set()
    for operation in operations:
        codes.add(operation.operation_code)
        centers.update(operation.alternate_work_center_codes)
        if operation.work_center_code:
            centers.add(operation.work_center_code)
        if operation.unit_code:
            units_named.add(operation.unit_code)
    return References(*(tuple(sorted(named)) for named in (codes, centers, units_named)))


def resolve(operations: Sequence[RoutingOperationFields], catalogue: Catalogue) -> Resolved:
    """Look up every operation of a template, and collect what is unknown or no longer used."""
    resolutions = tuple(_resolution(operation, catalogue) for operation in operations)
    faults = tuple(
        fault
        for index, operation in enumerate(operations)
        for fault in _faults(f"operations[{index}]", operation, catalogue)
    )
    return Resolved(resolutions, faults)


def unit_decimals(operation: RoutingOperationFields, catalogue: Catalogue) -> int | None:
    """Decimals of an operation's own unit: stated, the tenant's, the standard's, else 0."""
    if operation.unit_code is None or operation.unit_decimals is not None:
        return operation.unit_decimals
    own = catalogue.unit_decimals.get(operation.unit_code)
    if own is not None:
        return own
    standard = units.standard_unit(operation.unit_code)
    return standard.decimals if standard else 0


def _resolution(operation: RoutingOperationFields, catalogue: Catalogue) -> Resolution | None:
    entry = catalogue.operations.get(operation.operation_code)
    if entry is None:
        return None
    code = _work_center_code(operation, entry)
    center = catalogue.work_centers.get(code) if code else None
    setup, run = operation.setup_time_minutes, operation.run_time_per_unit_seconds
    return Resolution(
        operation_name=entry.operation_name,
        operation_type=entry.operation_type,
        setup_minutes=entry.default_setup_minutes if setup is None else setup,
        run_seconds_per_unit=entry.default_run_seconds_per_unit if run is None else run,
        work_center_code=code,
        plant_code=center.plant_code if center else None,
        department_code=center.department_code if center else None,
        unit_decimals=unit_decimals(operation, catalogue),
    )


def _work_center_code(
    operation: RoutingOperationFields, entry: CatalogueOperation | None
) -> str | None:
    return operation.work_center_code or (entry.work_center_code if entry else None)


def _faults(path: str, operation: RoutingOperationFields, catalogue: Catalogue) -> Iterator[Fault]:
    entry = catalogue.operations.get(operation.operation_code)
    yield from _operation_faults(path, operation.operation_code, entry)
    main = _work_center_code(operation, entry)
    if main is not None:
        yield from _work_center_faults(f"{path}.work_center_code", main, catalogue)
    for index, code in enumerate(operation.alternate_work_center_codes):
        place = f"{path}.alternate_work_center_codes[{index}]"
        yield from _work_center_faults(place, code, catalogue)


def _operation_faults(path: str, code: str, entry: CatalogueOperation | None) -> Iterator[Fault]:
    facts = {"operation_code": code}
    if entry is None:
        message = f"Operation {code} is not in the operations catalogue."
        yield Fault(
            code="unknown_operation", path=f"{path}.operation_code", message=message, facts=facts
        )
    elif not entry.is_active:
        message = f"Operation {code} is no longer active in the operations catalogue."
        yield Fault(
            code="operation_inactive", path=f"{path}.operation_code", message=message, facts=facts
        )


def _work_center_faults(path: str, code: str, catalogue: Catalogue) -> Iterator[Fault]:
    center = catalogue.work_centers.get(code)
    facts = {"work_center_code": code}
    if center is None:
        message = f"There is no work center {code}."
        yield Fault(code="unknown_work_center", path=path, message=message, facts=facts)
    elif not center.is_active:
        message = f"Work center {code} is no longer active."
        yield Fault(code="work_center_inactive", path=path, message=message, facts=facts)
