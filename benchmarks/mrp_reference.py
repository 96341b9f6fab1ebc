"""MRP written down plainly: one dictionary per item, one fraction per quantity, one loop per rule.

What `benchmarks.mrp` measures the engine against, and what a test compares it with: the same facts
must give the same planned orders. Nothing is prepared, nothing is remembered, every quantity is a
`Fraction` in the item's unit. It plans whole plants only, pegs nothing and knows what the data
sets have: lot for lot, fixed lots, minimum, maximum and multiple, stock, receipts, safety stock,
lead times, scrap and effectivity.
"""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

from lineside_manufacturing.component_needs import ComponentLine
from lineside_manufacturing.working_days import WorkingDays
from lineside_planning.mrp.domain.facts import Item, PlantFacts

Orders = dict[str, list[tuple[date, date, Fraction]]]
"""By item: due date, start date, quantity."""


def plan(plant: PlantFacts) -> Orders:
    """Plan a plant the plain way."""
    items = {item.key: item for item in plant.items}
    needs: dict[str, dict[date, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    receipts: dict[str, dict[date, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    today = plant.settings.today
    for demand in plant.demands:
        unit = Fraction(1, 10 ** items[demand.item].decimals)
        needs[demand.item][max(demand.on, today)] += demand.quantity * unit
    for supply in plant.supplies:
        unit = Fraction(1, 10 ** items[supply.item].decimals)
        receipts[supply.item][max(supply.on, today)] += supply.quantity * unit
    orders: Orders = {}
    for key in _parents_first(plant):
        item = items[key]
        stock = Fraction(plant.stock.get(key, 0), 10**item.decimals)
        orders[key] = []
        for day, quantity in _net(item, stock, needs[key], receipts[key], today):
            for lot in _lots(item, quantity):
                due, start = _dates(item, day, plant.settings.calendars[item.calendar])
                orders[key].append((due, start, lot))
                for line in _lines(plant, key, start) if item.is_made else []:
                    need = _rounded_up(_taken(line, lot), items[line.component].decimals)
                    needs[line.component][max(start, today)] += need
    return orders


def _parents_first(plant: PlantFacts) -> list[str]:
    level = dict.fromkeys((item.key for item in plant.items), 0)
    changed = True
    while changed:
        changed = False
        for parent, versions in plant.boms.items():
            for version in versions:
                for line in version.lines:
                    if level[line.component] <= level[parent]:
                        level[line.component] = level[parent] + 1
                        changed = True
    return sorted(level, key=lambda key: level[key])


def _net(
    item: Item,
    stock: Fraction,
    needs: dict[date, Fraction],
    receipts: dict[date, Fraction],
    today: date,
) -> list[tuple[date, Fraction]]:
    projected = stock
    safety = Fraction(item.safety_stock, 10**item.decimals)
    missing = []
    for day in sorted({today, *needs, *receipts}):
        projected += receipts.get(day, Fraction(0)) - needs.get(day, Fraction(0))
        if projected < safety:
            short = safety - projected
            missing.append((day, short))
            projected += sum(_lots(item, short))
    return missing


def _lots(item: Item, quantity: Fraction) -> list[Fraction]:
    rule, unit = item.lot_sizing, Fraction(1, 10**item.decimals)
    if rule.rule == "fixed_order_quantity":
        size = (rule.fixed or 1) * unit
        return [ceil(quantity / size) * size]
    if rule.rule == "lot_for_lot":
        return [quantity]
    lots, multiple = [], rule.multiple * unit
    if rule.maximum is not None:
        largest = (rule.maximum // rule.multiple) * multiple
        while quantity > largest:
            lots.append(largest)
            quantity -= largest
    size = max(quantity, rule.minimum * unit)
    return [*lots, ceil(size / multiple) * multiple]


def _dates(item: Item, need: date, calendar: WorkingDays) -> tuple[date, date]:
    if not item.is_made:
        arrival = calendar.working_day_on_or_before(need)
        ordered = arrival - timedelta(days=item.lead_time_days)
        return arrival, calendar.working_day_on_or_before(ordered)
    start = need
    for _ in range(item.lead_time_days):
        start = calendar.previous_working_day(start)
    return need, start


def _lines(plant: PlantFacts, key: str, on: date) -> list[ComponentLine]:
    found = []
    for version in plant.boms.get(key, ()):
        for line in version.lines:
            begun = line.effective_from is None or line.effective_from <= on
            if begun and (line.effective_until is None or on <= line.effective_until):
                found.append(line)
    return found


def _taken(line: ComponentLine, quantity: Fraction) -> Fraction:
    taken = line.quantity if line.is_fixed else line.quantity * quantity / line.base_quantity
    return taken / (1 - line.scrap_percentage / 100)


def _rounded_up(quantity: Fraction, decimals: int) -> Fraction:
    return Fraction(ceil(quantity * 10**decimals), 10**decimals)
