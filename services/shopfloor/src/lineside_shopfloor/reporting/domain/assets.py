"""The asset hierarchy: plant → area → line → machine, without cycles by its levels alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lineside_contracts.problems import Fault
from lineside_contracts.shopfloor import AssetFields, AssetKind

LEVELS = tuple(AssetKind)
"""From the top."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An asset as it stands, or will stand with the rows at hand."""

    kind: AssetKind
    plant_code: str
    parent_code: str | None = None


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """What rows are checked against.

    Attributes:
        assets: Parents and the rows themselves, by code; the rows at hand win.
        children: Of the rows, those that are not at hand themselves.
        plants: Codes of the plants there are.
        lanes: Plant and number of the lanes there are.
    """

    assets: Mapping[str, Standing] = field(default_factory=dict)
    children: Mapping[str, Sequence[tuple[str, AssetKind]]] = field(default_factory=dict)
    plants: frozenset[str] = frozenset()
    lanes: frozenset[tuple[str, str]] = frozenset()


def faults_of(row: AssetFields, facts: AssetFacts) -> tuple[Fault, ...]:
    """Find everything that is wrong with an asset.

    Args:
        row: The asset.
        facts: What it names, and what names it.

    Returns:
        Faults, none where it may be kept.

    Raises:
        Nothing.
    """
    return (
        *_of_places(row, facts),
        *_of_parent(row, facts),
        *_of_cycle(row, facts),
        *_of_children(row, facts),
    )


def is_above(upper: AssetKind, lower: AssetKind) -> bool:
    """Say whether one kind may be the parent of another."""
    return LEVELS.index(upper) < LEVELS.index(lower)


def _of_places(row: AssetFields, facts: AssetFacts) -> Iterator[Fault]:
    if row.plant_code not in facts.plants:
        yield _fault("unknown_plant", "plant_code", f"There is no plant {row.plant_code}.")
    elif row.lane_number and (row.plant_code, row.lane_number) not in facts.lanes:
        message = f"There is no lane {row.lane_number} in plant {row.plant_code}."
        yield _fault("unknown_lane", "lane_number", message)


def _of_parent(row: AssetFields, facts: AssetFacts) -> Iterator[Fault]:
    if row.parent_code is None:
        if row.asset_kind is not AssetKind.PLANT:
            message = f"A {row.asset_kind} belongs to a {' or '.join(_uppers(row.asset_kind))}."
            yield _fault("parent_required", "parent_code", message)
        return
    parent = facts.assets.get(row.parent_code)
    if parent is None:
        yield _fault("unknown_parent", "parent_code", f"There is no asset {row.parent_code}.")
        return
    if not is_above(parent.kind, row.asset_kind):
        message = f"{row.parent_code} is a {parent.kind}: no {row.asset_kind} is below it."
        yield _fault("level_order", "parent_code", message)
    if parent.plant_code != row.plant_code:
        message = f"{row.parent_code} is in plant {parent.plant_code}."
        yield _fault("parent_plant_mismatch", "parent_code", message)


def _of_cycle(row: AssetFields, facts: AssetFacts) -> Iterator[Fault]:
    path, code = [row.asset_code], row.parent_code
    while code is not None and code not in path:
        path.append(code)
        above = facts.assets.get(code)
        code = above.parent_code if above else None
    if code == row.asset_code:
        shown = " → ".join([*path, code])
        yield Fault(
            code="cycle",
            path="parent_code",
            message=f"An asset is no part of itself: {shown}.",
            facts={"cycle": [*path, code]},
        )


def _of_children(row: AssetFields, facts: AssetFacts) -> Iterator[Fault]:
    for code, kind in facts.children.get(row.asset_code, ()):
        if not is_above(row.asset_kind, kind):
            message = f"{code}, a {kind}, is below it."
            yield _fault("level_order", "asset_kind", message)


def _uppers(kind: AssetKind) -> list[str]:
    return [level.value for level in LEVELS if is_above(level, kind)]


def _fault(code: str, path: str, message: str) -> Fault:
    return Fault(code=code, path=path, message=message)
