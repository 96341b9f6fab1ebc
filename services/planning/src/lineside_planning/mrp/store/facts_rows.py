"""Rows to the engine's facts: pure, so that a worker process can do it too.

`reading` gets one JSON object of sections, each an array of arrays; here they become items, bills,
demands, supplies and kept plans. A wave of a net change and a whole regeneration are read alike, so
that both plan the same facts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

from lineside_manufacturing import calendars, lot_sizing
from lineside_manufacturing.component_needs import ComponentLine
from lineside_manufacturing.lot_sizing import LOT_FOR_LOT, LotSizing
from lineside_manufacturing.working_days import WorkingDays
from lineside_planning.master_data.domain import places
from lineside_planning.master_data.domain.material_facts import BillLine, BillVersion, ProductFacts
from lineside_planning.master_data.domain.places import CalendarContent, CalendarSource
from lineside_planning.master_data.store import material_rows
from lineside_planning.mrp.domain.facts import (
    BomVersion,
    Demand,
    Item,
    ItemInputs,
    PlantFacts,
    Settings,
    Supply,
)
from lineside_planning.mrp.domain.net_change import WaveItem
from lineside_planning.mrp.domain.plans import ItemPlan, Requirement
from lineside_planning.mrp.store import item_keys, plan_rows
from lineside_planning.mrp.store.plan_rows import KeptRows

Array = Sequence[Any]
Sections = Mapping[str, Sequence[Array] | None]

ALLOCATION = "allocation"
"""Kind of a supply that lies in stock for somebody."""

STANDARD = ""
"""Calendar of items whose plant is not known."""

_CODE, _CYCLE = 22, 23
"""Positions of low-level code and cycle, behind what `material_rows.product` reads."""

_OF_DATA = frozenset({"bom_cycle", "bad_parameters"})
"""Messages about master data; they stand wherever an item is known, needed or not."""

_T = TypeVar("_T")


def calendars_of(rows: Iterable[Array]) -> dict[str, WorkingDays]:
    """Read the plants' calendars.

    Args:
        rows: Plant, zone, and id, version, code, shifts and holidays of its calendar or None.

    Returns:
        Working days by plant, and the standard ones under "".

    Raises:
        ValueError: If a zone is unknown.
    """
    found: dict[str, WorkingDays] = {STANDARD: calendars.standard_calendar("UTC")}
    for plant, zone, own_id, version, code, shifts, holidays in rows:
        content = CalendarContent(own_id, version, code, shifts, holidays) if own_id else None
        found[plant] = places.working_calendar(CalendarSource(zone, content))
    return found


class LoadedFacts:
    """What one question to the database answered.

    Attributes:
        products: Known products by code.
        codes: Low-level code of each of them.
    """

    def __init__(self, sections: Sections, plants: Mapping[str, object]) -> None:
        """Begin with what was read.

        Args:
            sections: As `reading` names them; a section may be missing or None.
            plants: Calendars by plant.
        """
        self._sections, self._plants = sections, plants
        rows = self._rows("items")
        self.products = {row[0]: material_rows.product(row) for row in rows}
        self.codes: dict[str, int] = {row[0]: row[_CODE] for row in rows}
        self._cycles: dict[str, Sequence[str]] = {
            row[0]: row[_CYCLE] for row in rows if row[_CYCLE]
        }
        self._boms: dict[str, Sequence[BomVersion]] = {}
        self._faults: dict[str, tuple[str, ...]] = {}

    def wave_item(self, key: str) -> WaveItem:
        """Give one item as a net change wants it."""
        product, plant = item_keys.parse(key)
        item = self.item(key)
        inputs = ItemInputs(
            key=key,
            item=item,
            boms=self.boms(key) if item else (),
            stock=self.stock(key),
            demands=self.demands.get(key, ()),
            supplies=self.supplies.get(key, ()),
            requirements=self._above.get(key, ()),
            code=self.codes.get(product, 0),
            cycle=self._cycle(product, plant),
            component_codes=self._component_codes(product, plant),
        )
        return WaveItem(inputs, self.kept_plan(key))

    def plant_facts(self, settings: Settings) -> PlantFacts:
        """Give everything, as a regeneration wants it."""
        keys = self._all_keys()
        found = {key: item for key in keys if (item := self.item(key)) is not None}
        return PlantFacts(
            settings=settings,
            items=list(found.values()),
            boms={key: boms for key in found if (boms := self.boms(key))},
            stock={key: self.stock(key) for key in self._on_hand},
            demands=[demand for own in self.demands.values() for demand in own],
            supplies=[supply for own in self.supplies.values() for supply in own],
        )

    def kept_plans(self) -> dict[str, ItemPlan]:
        """Give every plan that is kept and not empty."""
        kept = {*self._orders, *self._below, *self._pegs, *self._messages}
        return {key: self.kept_plan(key) for key in kept}

    def item(self, key: str) -> Item | None:
        """Give an item's master data; None where the product is not known."""
        code, plant = item_keys.parse(key)
        product = self.products.get(code)
        if product is None:
            return None
        vendor = self._vendors.get(code) if product.make_or_buy == "buy" else None
        sizing, faults = _lot_sizing(product)
        is_home = plant == (product.plant_code or "") and product.is_active
        safety = steps_up(product.safety_stock_quantity, product.unit_decimals) if is_home else 0
        self.boms(key)
        return Item(
            key=key,
            decimals=product.unit_decimals,
            is_made=product.make_or_buy == "make",
            is_phantom=product.is_phantom,
            lead_time_days=vendor.lead_time_days if vendor else product.lead_time_days,
            calendar=plant if plant in self._plants else STANDARD,
            safety_stock=safety,
            safety_time_days=product.safety_time_days,
            lot_sizing=sizing,
            purchase=vendor.rounding if vendor else None,
            faults=(*faults, *self._faults.get(key, ())),
        )

    def settled(self, plan: ItemPlan) -> ItemPlan:
        """Leave out what is only said of an item's data in a plant where nobody needs it.

        Once, at home, is enough; and only so an item without any row stays without.
        """
        if plan.orders or plan.requirements or plan.pegs or not plan.messages:
            return plan
        product, plant = item_keys.parse(plan.item)
        known = self.products.get(product)
        is_home = known is not None and plant == (known.plant_code or "")
        if is_home or not all(message.kind in _OF_DATA for message in plan.messages):
            return plan
        return ItemPlan(plan.item)

    def boms(self, key: str) -> Sequence[BomVersion]:
        """Give the active versions of an item's bill."""
        found = self._boms.get(key)
        if found is None:
            code, plant = item_keys.parse(key)
            bills = self._bills.get(code, ())
            found = self._boms[key] = [_bom_version(bill, plant) for bill in bills]
            self._faults[key] = tuple(_unit_faults(bills))
        return found

    def stock(self, key: str) -> int:
        """Give what lies free: on hand less what is allocated, never below zero."""
        on_hand = self._on_hand.get(key)
        if on_hand is None:
            return 0
        decimals = self.decimals(key)
        reserved = steps_down(self._reserved.get(key, Decimal(0)), decimals)
        reserved += sum(
            supply.quantity for supply in self.supplies.get(key, ()) if supply.kind == ALLOCATION
        )
        return max(steps_down(on_hand, decimals) - reserved, 0)

    def on_hand(self, key: str) -> Decimal:
        """Give what lies there, allocated or not."""
        return self._on_hand.get(key, Decimal(0))

    def decimals(self, key: str) -> int:
        """Give the decimals of an item's unit; 0 where it is not known."""
        product = self.products.get(item_keys.parse(key).product_code)
        return product.unit_decimals if product else 0

    def kept_plan(self, key: str) -> ItemPlan:
        """Give the plan that is kept of an item."""
        rows = KeptRows(
            self._orders.get(key, ()),
            self._below.get(key, ()),
            self._pegs.get(key),
            self._messages.get(key, ()),
        )
        return plan_rows.kept_plan(key, rows, self.decimals(key))

    @cached_property
    def demands(self) -> dict[str, list[Demand]]:
        """Independent demands by item."""
        found: defaultdict[str, list[Demand]] = defaultdict(list)
        for key, (own_id, on, quantity, kind) in self._by_item("demands"):
            steps = steps_up(Decimal(quantity), self.decimals(key))
            found[key].append(Demand(own_id, key, date.fromisoformat(on), steps, kind))
        return dict(found)

    @cached_property
    def supplies(self) -> dict[str, list[Supply]]:
        """Scheduled receipts by item."""
        found: defaultdict[str, list[Supply]] = defaultdict(list)
        for key, (own_id, on, quantity, kind, pegged_to, explodes, starts) in self._by_item(
            "supplies"
        ):
            supply = Supply(
                id=own_id,
                item=key,
                on=date.fromisoformat(on),
                quantity=steps_down(Decimal(quantity), self.decimals(key)),
                kind=kind,
                pegged_to=pegged_to,
                explodes=explodes,
                starts_on=None if starts is None else date.fromisoformat(starts),
            )
            found[key].append(supply)
        return dict(found)

    @cached_property
    def _bills(self) -> dict[str, list[BillVersion]]:
        found: defaultdict[str, list[BillVersion]] = defaultdict(list)
        for row in self._rows("bills"):
            found[row[2]].append(material_rows.bill(row, self.products))
        for versions in found.values():
            versions.sort(key=lambda bill: (bill.bom_version, bill.id))
        return dict(found)

    @cached_property
    def _vendors(self) -> dict[str, Any]:
        rows = (row for row in self._rows("vendors") if row[0] in self.products)
        return {row[0]: material_rows.vendor(row, self.products[row[0]]) for row in rows}

    @cached_property
    def _on_hand(self) -> dict[str, Decimal]:
        return {key: Decimal(quantity) for key, (quantity,) in self._by_item("stock")}

    @cached_property
    def _reserved(self) -> dict[str, Decimal]:
        return {key: Decimal(quantity) for key, (quantity,) in self._by_item("reserved")}

    @cached_property
    def _above(self) -> dict[str, list[Requirement]]:
        found: defaultdict[str, list[Requirement]] = defaultdict(list)
        for key, (parent, needs) in self._by_item("above"):
            own = item_keys.text_of(parent, item_keys.parse(key).plant_code)
            found[key] += plan_rows.requirements_of(needs, component=key, parent=own)
        return dict(found)

    @cached_property
    def _below(self) -> dict[str, list[tuple[str, Any]]]:
        found: defaultdict[str, list[tuple[str, Any]]] = defaultdict(list)
        for component, plant, parent, needs in self._rows("below"):
            below = item_keys.text_of(component, plant)
            found[item_keys.text_of(parent, plant)].append((below, needs))
        return dict(found)

    @cached_property
    def _orders(self) -> dict[str, list[Array]]:
        return _gathered(self._by_item("orders"))

    @cached_property
    def _messages(self) -> dict[str, list[Array]]:
        return _gathered(self._by_item("messages"))

    @cached_property
    def _pegs(self) -> dict[str, Array]:
        return {key: pegs for key, (pegs,) in self._by_item("pegs")}

    def _rows(self, section: str) -> Sequence[Array]:
        return self._sections.get(section) or ()

    def _by_item(self, section: str) -> Iterator[tuple[str, Array]]:
        for product, plant, *rest in self._rows(section):
            yield item_keys.text_of(product, plant), rest

    def _cycle(self, product: str, plant: str) -> tuple[str, ...]:
        return tuple(item_keys.text_of(code, plant) for code in self._cycles.get(product, ()))

    def _component_codes(self, product: str, plant: str) -> dict[str, int]:
        """Codes of known components, of the bills and of the plan that is kept."""
        key = item_keys.text_of(product, plant)
        named = {
            line.component_code for bill in self._bills.get(product, ()) for line in bill.lines
        }
        named |= {item_keys.parse(below).product_code for below, _ in self._below.get(key, ())}
        return {
            item_keys.text_of(code, plant): self.codes[code] for code in named if code in self.codes
        }

    def _all_keys(self) -> list[str]:
        """Every product at home, whatever has stock, demand or supply, and what is below these."""
        found = {item_keys.text_of(p.product_code, p.plant_code) for p in self.products.values()}
        found.update(self._on_hand, self.demands, self.supplies)
        waiting = list(found)
        while waiting:
            product, plant = item_keys.parse(waiting.pop())
            for bill in self._bills.get(product, ()):
                below = {item_keys.text_of(line.component_code, plant) for line in bill.lines}
                waiting += below - found
                found |= below
        return sorted(found)


def steps_up(quantity: Decimal, decimals: int) -> int:
    """Count a need in steps, rounded up; as `facts.steps_up`, and faster."""
    scaled = quantity.scaleb(decimals)
    whole = int(scaled)
    return whole + (scaled > whole)


def steps_down(quantity: Decimal, decimals: int) -> int:
    """Count stock or a receipt in steps, rounded down."""
    scaled = quantity.scaleb(decimals)
    whole = int(scaled)
    return whole - (scaled < whole)


def _gathered(rows: Iterable[tuple[str, _T]]) -> dict[str, list[_T]]:
    found: defaultdict[str, list[_T]] = defaultdict(list)
    for key, row in rows:
        found[key].append(row)
    return dict(found)


def _lot_sizing(product: ProductFacts) -> tuple[LotSizing, tuple[str, ...]]:
    sizing = lot_sizing.lot_sizing_of(product.lots, product.unit_decimals)
    if isinstance(sizing, LotSizing):
        return sizing, ()
    return LOT_FOR_LOT, tuple(f"{f.path}: {f.message} Planned lot for lot." for f in sizing)


def _bom_version(bill: BillVersion, plant: str) -> BomVersion:
    return BomVersion(
        lines=tuple(_component_line(line, plant) for line in bill.lines),
        version=bill.bom_version,
        effective_from=bill.effective_from,
        effective_until=bill.effective_until,
    )


def _component_line(line: BillLine, plant: str) -> ComponentLine:
    """A line of an unknown component stays in, so that the engine reports it.

    So does one whose unit nobody can convert, taking nothing: it may close a cycle all the same.
    """
    key, need = item_keys.text_of(line.component_code, plant), line.need
    if need is None:
        return ComponentLine(key, Fraction(line.reason == "unknown_component"))
    return ComponentLine(
        component=key,
        quantity=need.quantity,
        base_quantity=need.base_quantity,
        is_fixed=need.is_fixed,
        scrap_percentage=need.scrap_percentage,
        effective_from=need.effective_from,
        effective_until=need.effective_until,
        line_id=need.line_id,
    )


def _unit_faults(bills: Iterable[BillVersion]) -> Iterator[str]:
    for bill in bills:
        for line in bill.lines:
            if line.reason == "no_conversion":
                yield (
                    f"Line {line.line_number} of bill {bill.bom_version} is left out: nobody says"
                    f" how much of {line.component_code} one {line.unit_code} is."
                )
