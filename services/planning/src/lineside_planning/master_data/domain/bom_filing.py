"""What becomes of the bills of a file: which are new versions, what is wrong with any of them.

A filed bill takes the place of the active version that holds on the same days, where it says
something else; with other versions its days must not overlap. Cycles are looked for in everything
that would be active afterwards.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lineside_contracts.planning import Bom
from lineside_contracts.problems import Fault
from lineside_manufacturing import bom_structure
from lineside_planning.master_data.domain import bom_checks, boms
from lineside_planning.master_data.domain.bom_checks import BomContext, Component, Rival
from lineside_planning.master_data.domain.bom_files import FiledBom

CREATED, UPDATED, UNCHANGED = "created_count", "updated_count", "unchanged_count"


@dataclass(frozen=True)
class Stored:
    """What the bills of a file meet.

    Attributes:
        products: Products and components of the file.
        own_units: Codes of the tenant's own units.
        active: Active versions of its products.
        last_versions: Highest version number of its products.
        components: What active bills take, of its components and everything below.
        operations: Sequence numbers of the active routings of its products.
    """

    products: Mapping[str, Component]
    own_units: frozenset[str]
    active: Mapping[str, Sequence[Bom]]
    last_versions: Mapping[str, int]
    components: Mapping[str, Sequence[str]]
    operations: Mapping[str, Collection[int]]


@dataclass(frozen=True, slots=True)
class Change:
    """A bill to be written, with the version it gets and the one it replaces."""

    filed: FiledBom
    bom_version: int
    replaced: Bom | None


@dataclass
class Filing:
    """The outcome for a file: counts of bills, changes, and everything found."""

    counts: Counter[str] = field(
        default_factory=lambda: Counter({CREATED: 0, UPDATED: 0, UNCHANGED: 0})
    )
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def decide(filed: Sequence[FiledBom], stored: Stored) -> Filing:
    """Decide what becomes of every bill of a file."""
    filing = Filing()
    next_versions = dict(stored.last_versions)
    replaced = {id(bom): _twin(bom, stored) for bom in filed}
    context = _context(filed, stored, replaced)
    for bom in filed:
        twin = replaced[id(bom)]
        if twin is not None and boms.fields_of(twin) == bom.fields:
            filing.counts[UNCHANGED] += 1
            continue
        code = bom.fields.product_code
        filing.counts[UPDATED if code in stored.last_versions else CREATED] += 1
        next_versions[code] = next_versions.get(code, 0) + 1
        filing.changes.append(Change(bom, next_versions[code], twin))
        _examine(bom, context[code], filing)
    filing.faults += _cycle_faults(filed, stored, replaced)
    return filing


def _examine(filed: FiledBom, context: BomContext, filing: Filing) -> None:
    name = _name(filed)
    others = [rival for rival in context.rivals[filed.fields.product_code] if rival.name != name]
    own = replace(context, rivals={filed.fields.product_code: others})
    found = bom_checks.examine(filed.fields, own, finds_cycles=False)
    filing.faults += map(filed.located, found.faults)
    filing.warnings += map(filed.located, found.warnings)


def _context(
    filed: Sequence[FiledBom], stored: Stored, replaced: Mapping[int, Bom | None]
) -> Mapping[str, BomContext]:
    """Per product: the versions that stay, and those of the file."""
    gone = {bom.id for bom in replaced.values() if bom is not None}
    rivals: dict[str, list[Rival]] = {}
    for bom in filed:
        rival = Rival(_name(bom), boms.span_of(bom.fields))
        rivals.setdefault(bom.fields.product_code, []).append(rival)
    for code, versions in stored.active.items():
        rivals[code] += [
            Rival(f"Version {v.bom_version}", boms.span_of(v)) for v in versions if v.id not in gone
        ]
    return {
        code: BomContext(
            stored.products, stored.own_units, {code: own}, operations=stored.operations
        )
        for code, own in rivals.items()
    }


def _twin(filed: FiledBom, stored: Stored) -> Bom | None:
    """The active version that holds on exactly the same days."""
    span = boms.span_of(filed.fields)
    versions = stored.active.get(filed.fields.product_code, ())
    return next((v for v in versions if boms.span_of(v) == span), None)


def _cycle_faults(
    filed: Sequence[FiledBom], stored: Stored, replaced: Mapping[int, Bom | None]
) -> Iterator[Fault]:
    """Look once through all that would be active; every filed bill on a cycle is named."""
    cycles = bom_structure.structure_of(_afterwards(filed, stored, replaced)).cycles
    for bom in filed if cycles else ():
        code = bom.fields.product_code
        cycle = cycles.get(code)
        is_own = any(line.component_code == code for line in bom.fields.lines)
        if cycle is not None and code in cycle and not is_own:
            path = bom_checks.cycle_path(bom.fields, cycle)
            yield bom.located(bom_checks.cycle_fault(path, cycle))


def _afterwards(
    filed: Sequence[FiledBom], stored: Stored, replaced: Mapping[int, Bom | None]
) -> Mapping[str, set[str]]:
    gone = {bom.id for bom in replaced.values() if bom is not None}
    takes = {code: set(below) for code, below in stored.components.items()}
    for code, versions in stored.active.items():
        stay = (version for version in versions if version.id not in gone)
        takes[code] = {line.component_code for version in stay for line in version.lines}
    for bom in filed:
        below = takes.setdefault(bom.fields.product_code, set())
        below.update(line.component_code for line in bom.fields.lines)
    return takes


def _name(filed: FiledBom) -> str:
    return f"The bill of row {filed.rows[0]}"
