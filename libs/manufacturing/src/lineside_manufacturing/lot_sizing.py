"""Lot sizes: from what is missing to what is ordered (SPEC 7, RULES 3, 20).

Everything is counted in steps of the item's last decimal, so lots are whole numbers. Grouping over
time (`periods`) is the caller's: it adds up what is missing within `period_days` and asks here for
one lot of it. Asked by MRP and, for a check of parameters, by master data.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from lineside_manufacturing import quantities
from lineside_manufacturing.faults import Fault

LotRule = Literal["lot_for_lot", "fixed_order_quantity", "min_max_multiple", "periods"]

MAX_LOTS = 1000
"""No single need is split into more orders than this: a maximum of 1 must not fill the memory."""


@dataclass(frozen=True, slots=True)
class LotSizing:
    """How an item is lotted; what its rule does not use is ignored.

    Attributes:
        rule: The rule; `periods` takes minimum, maximum and multiple as well.
        fixed: Lot of `fixed_order_quantity`, in steps: a lot is a multiple of it.
        minimum: Smallest lot, in steps.
        maximum: Largest lot, in steps; a larger need becomes several orders. None: no limit.
        multiple: A lot is a multiple of this, in steps.
        period_days: Calendar days of need that one lot of `periods` covers.
    """

    rule: LotRule = "lot_for_lot"
    fixed: int | None = None
    minimum: int = 0
    maximum: int | None = None
    multiple: int = 1
    period_days: int = 1


@dataclass(frozen=True, slots=True)
class LotParameters:
    """The same as product data have it: in the item's unit, under the names people see.

    Attributes:
        lot_sizing: The rule.
        fixed_lot_quantity: Lot of `fixed_order_quantity`.
        minimum_lot_quantity: Smallest lot; None: none.
        maximum_lot_quantity: Largest lot; None: none.
        lot_multiple_quantity: Lots are multiples of it; None: any quantity.
        lot_period_days: Calendar days of need that one lot of `periods` covers.
    """

    lot_sizing: LotRule = "lot_for_lot"
    fixed_lot_quantity: Decimal | None = None
    minimum_lot_quantity: Decimal | None = None
    maximum_lot_quantity: Decimal | None = None
    lot_multiple_quantity: Decimal | None = None
    lot_period_days: int | None = None


_LIMITS = ("minimum_lot_quantity", "maximum_lot_quantity", "lot_multiple_quantity")
_QUANTITIES = ("fixed_lot_quantity", *_LIMITS)
_USED: Mapping[LotRule, tuple[str, ...]] = {
    "lot_for_lot": (),
    "fixed_order_quantity": ("fixed_lot_quantity",),
    "min_max_multiple": _LIMITS,
    "periods": _LIMITS,
}

LOT_FOR_LOT = LotSizing()
"""Exactly what is missing."""


class LotEntry(NamedTuple):
    """What a lot size added to a need.

    Attributes:
        kind: Always `lot_size`.
        steps: How much, in steps, above 0.
        explanation: A sentence for people.
    """

    kind: Literal["lot_size"]
    steps: int
    explanation: str


class Lot(NamedTuple):
    """One order.

    Attributes:
        quantity: What is ordered, in steps.
        net: How much of the need it is for, in steps; the rest is what the lot size added.
        ledger: The entry of what was added; () where nothing.
    """

    quantity: int
    net: int
    ledger: tuple[LotEntry, ...]


def lot_sizing_of(parameters: LotParameters, decimals: int) -> LotSizing | tuple[Fault, ...]:
    """Read an item's lot-sizing parameters, or say everything that is wrong with them.

    Args:
        parameters: As product data have them.
        decimals: Of the item's unit.

    Returns:
        The parameters in steps, or all faults at once: `lot_quantity_missing`,
        `lot_quantity_not_positive`, `lot_quantity_not_in_unit`, `lot_minimum_above_maximum`,
        `no_lot_within_limits`, `lot_period_missing`. Paths are the names of `LotParameters`.

    Raises:
        ValueError: If a quantity is not finite.
    """
    given = {path: getattr(parameters, path) for path in _QUANTITIES}
    steps = {path: _steps(value, decimals) for path, value in given.items() if value is not None}
    counted = {path: value for path, value in steps.items() if value is not None}
    sizing = LotSizing(
        parameters.lot_sizing,
        fixed=counted.get("fixed_lot_quantity"),
        minimum=counted.get("minimum_lot_quantity", 0),
        maximum=counted.get("maximum_lot_quantity"),
        multiple=counted.get("lot_multiple_quantity", 1),
        period_days=parameters.lot_period_days or 0,
    )
    used = _USED[parameters.lot_sizing]
    off = tuple(_not_in_unit(p, given[p], decimals) for p in used if steps.get(p, 0) is None)
    named = {fault.path for fault in off}
    faults = (*off, *(f for f in lot_sizing_faults(sizing) if f.path not in named))
    return faults or sizing


def lot_sizing_faults(sizing: LotSizing) -> tuple[Fault, ...]:
    """Find everything that is wrong with parameters already in steps.

    Args:
        sizing: The parameters.

    Returns:
        The faults of what the rule uses, see `lot_sizing_of`; () where all is well.

    Raises:
        Nothing.
    """
    if sizing.rule == "lot_for_lot":
        return ()
    if sizing.rule == "fixed_order_quantity":
        return tuple(_fixed_faults(sizing))
    faults = list(_limit_faults(sizing))
    if sizing.rule == "periods" and sizing.period_days < 1:
        said = "A lot of periods covers one day of need or more."
        faults.append(Fault("lot_period_missing", "lot_period_days", said))
    return tuple(faults)


def lots(net: int, sizing: LotSizing, decimals: int) -> tuple[Lot, ...]:
    """Turn what is missing into orders.

    Args:
        net: What is missing, in steps, above 0.
        sizing: Parameters in which `lot_sizing_faults` finds nothing.
        decimals: Of the item's unit, for the sentences.

    Returns:
        The orders: together at least `net`, each within the rule. A need of more than `MAX_LOTS`
        largest lots becomes one order above the maximum, and its entry says so.

    Raises:
        ZeroDivisionError: If the parameters are faulty.
    """
    if sizing.rule == "lot_for_lot":
        return (Lot(net, net, ()),)
    if sizing.rule == "fixed_order_quantity":
        fixed = sizing.fixed or 0
        said = f"lots are multiples of {_words(fixed, decimals)}"
        return (_lot(_up(net, fixed), net, said, decimals),)
    return tuple(_limited(net, sizing, decimals))


def _limited(net: int, sizing: LotSizing, decimals: int) -> Iterator[Lot]:
    largest = _largest(sizing)
    if largest is not None and net > largest * MAX_LOTS:
        said = f"more than {MAX_LOTS} lots: ordered as one, above the maximum"
        yield _lot(_up(net, sizing.multiple), net, said, decimals)
        return
    while largest is not None and net > largest:
        yield Lot(largest, largest, ())
        net -= largest
    quantity = _up(max(net, sizing.minimum), sizing.multiple)
    yield _lot(quantity, net, _limits_told(sizing, decimals), decimals)


def _lot(quantity: int, net: int, reason: str, decimals: int) -> Lot:
    added = quantity - net
    if not added:
        return Lot(quantity, net, ())
    said = f"{_words(net, decimals)} becomes {_words(quantity, decimals)}: {reason}."
    return Lot(quantity, net, (LotEntry("lot_size", added, said),))


def _limits_told(sizing: LotSizing, decimals: int) -> str:
    told = []
    if sizing.minimum:
        told.append(f"a lot is at least {_words(sizing.minimum, decimals)}")
    if sizing.multiple > 1:
        told.append(f"a multiple of {_words(sizing.multiple, decimals)}")
    return ", ".join(told)


def _words(steps: int, decimals: int) -> str:
    return quantities.readable_ratio(steps, int(10**decimals))


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple


def _largest(sizing: LotSizing) -> int | None:
    if sizing.maximum is None:
        return None
    return sizing.maximum // sizing.multiple * sizing.multiple


def _fixed_faults(sizing: LotSizing) -> Iterator[Fault]:
    if sizing.fixed is None:
        said = "The rule needs a fixed lot quantity."
        yield Fault("lot_quantity_missing", "fixed_lot_quantity", said)
    elif sizing.fixed <= 0:
        yield _not_positive("fixed_lot_quantity", sizing.fixed)


def _limit_faults(sizing: LotSizing) -> Iterator[Fault]:
    minimum, maximum, multiple = sizing.minimum, sizing.maximum, sizing.multiple
    if minimum < 0:
        yield _not_positive("minimum_lot_quantity", minimum)
    if maximum is not None and maximum <= 0:
        yield _not_positive("maximum_lot_quantity", maximum)
    if multiple <= 0:
        yield _not_positive("lot_multiple_quantity", multiple)
    if maximum is None or maximum <= 0:
        return
    facts = {"minimum": minimum, "maximum": maximum, "multiple": multiple}
    if minimum > maximum:
        said = "The smallest lot is above the largest."
        yield Fault("lot_minimum_above_maximum", "minimum_lot_quantity", said, facts)
    elif multiple > 0 and _up(max(minimum, 1), multiple) > maximum:
        said = "No multiple lies between the smallest and the largest lot."
        yield Fault("no_lot_within_limits", "lot_multiple_quantity", said, facts)


def _not_positive(path: str, value: int) -> Fault:
    said = "A lot quantity is above 0."
    return Fault("lot_quantity_not_positive", path, said, {"steps": value})


def _not_in_unit(path: str, value: Decimal, decimals: int) -> Fault:
    said = f"{value} cannot be written with {decimals} decimals, which the unit has."
    return Fault("lot_quantity_not_in_unit", path, said, {"decimals": decimals})


def _steps(value: Decimal, decimals: int) -> int | None:
    scaled = quantities.exact(value) * 10**decimals
    return scaled.numerator if scaled.denominator == 1 else None
