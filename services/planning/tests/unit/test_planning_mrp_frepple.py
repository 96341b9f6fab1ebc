"""The unconstrained plans of frePPLe's own test models: every buffer netted to the unit, or listed.

Each buffer (an item in a place) of an expected unconstrained plan is planned by `plan_item` from
what consumes it, its stock, its confirmed receipts, its minimum, its lot size and its safety time;
the planned receipts must be frePPLe's, day by day. Where nothing can replenish a buffer frePPLe
lets it go below zero: the engine then plans exactly what lifts it back. What the rules of SPEC and
RULES decide otherwise is in `OTHERWISE`, each buffer by name; the tests prove that nothing is left
out, and that nothing is listed that comes out exactly.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lineside_manufacturing.calendars import Shift, WorkingCalendar
from lineside_manufacturing.lot_sizing import LotSizing
from lineside_planning.mrp.domain import item_planning
from lineside_planning.mrp.domain.dates import PlanningDates
from lineside_planning.mrp.domain.facts import Demand, Item, ItemInputs, Settings, Supply

DAILY = WorkingCalendar("UTC", (Shift("day", frozenset(range(7)), time(6), time(14)),))
DECIMALS = 6
BEGINNING = "1971"  # frePPLe's day of what is on hand

Row = dict[str, Any]
Totals = Counter[date]


@dataclass
class Buffer:
    """What a model says of a buffer."""

    name: str
    item: str = ""
    location: str = ""
    minimum: str = "0"
    makers: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    implied: list[str] = field(default_factory=list)

    def filled_by(self, operation: str, quantity: Any) -> int:
        """How many steps an operation brings: its flow's quantity each, and once a fixed one."""
        per, fixed = self.makers.get(operation, (Decimal(0), Decimal(0)))
        shipped = operation.startswith(f"Ship {self.item} ")
        shipped = shipped and operation.endswith(f" to {self.location}")
        places = (self.name, f"{self.item} @ {self.location}")
        if shipped or operation.startswith(tuple(f"Purchase {place} from" for place in places)):
            per = Decimal(1)
        return steps(Decimal(str(quantity)) * per + fixed)


@dataclass
class Model:
    """A model, as far as netting asks."""

    today: date
    buffers: dict[str, Buffer] = field(default_factory=dict)
    operations: dict[str, Row] = field(default_factory=dict)
    suppliers: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    implied: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    groups: dict[str, str] = field(default_factory=dict)

    def buffer(self, name: str) -> Buffer:
        item, _, location = name.partition(" @ ")
        return self.buffers.setdefault(name, Buffer(name, item, location))

    def terms(self, buffer: Buffer) -> list[Row]:
        makers = sorted({*buffer.makers, *buffer.implied})
        made = [self.operations[name] for name in makers if name in self.operations]
        sold = [*self.suppliers[buffer.item], *self.suppliers[self.groups.get(buffer.item, "")]]
        places = {"", buffer.location}
        return [*made, *(row for row in sold if name_of(row, "location") in places)]


def walked(tree: Any, tag: str = "") -> Iterator[tuple[str, Row]]:
    if isinstance(tree, dict):
        yield tag, tree
        for name, below in tree.items():
            yield from walked(below, name)
    elif isinstance(tree, list):
        for below in tree:
            yield from walked(below, tag)


def one(row: Row, name: str) -> Any:
    found = row.get(name)
    return found[0] if isinstance(found, list) and found else found


def name_of(row: Row, tag: str) -> str:
    found = one(row, tag)
    return str(one(found, "name")) if isinstance(found, dict) and one(found, "name") else ""


def model_of(tree: Row) -> Model:
    model = Model(date.fromisoformat(str(one(tree, "current"))[:10]))
    for tag, row in walked(tree):
        own = str(one(row, "name"))
        if tag in {"operation", "producing"}:
            read_operation(model, own, row)
        if tag == "buffer" and one(row, "name"):
            read_buffer(model.buffer(own), row)
        if "flows" in row or tag == "flow":
            read_flows(model, tag, row)
        if tag in {"item", "supplier"}:
            read_suppliers(model, tag, row)
    for buffer in list(model.buffers.values()):
        complete(model, buffer)
    return model


def read_operation(model: Model, own: str, row: Row) -> None:
    model.operations.setdefault(own, {}).update({key: one(row, key) for key in row})
    if name_of(row, "item") and name_of(row, "location"):
        model.implied[f"{name_of(row, 'item')} @ {name_of(row, 'location')}"].append(own)


def read_suppliers(model: Model, tag: str, row: Row) -> None:
    own = str(one(row, "name"))
    if tag == "item" and name_of(row, "owner"):
        model.groups[own] = name_of(row, "owner")
    for entry in row.get("itemsuppliers", [])[:1]:
        for terms in entry["itemsupplier"]:
            item = own if tag == "item" else name_of(terms, "item")
            model.suppliers[item].append({key: one(terms, key) for key in terms})


def complete(model: Model, buffer: Buffer) -> None:
    """A flow names an item, an operation a product: both mean the buffer of that place."""
    place = f"{buffer.item} @ {buffer.location}"
    if place != buffer.name and place in model.buffers:
        buffer.makers.update(model.buffers[place].makers)
    buffer.implied = [name for name in model.implied[place] if name not in buffer.makers]


def read_buffer(buffer: Buffer, row: Row) -> None:
    buffer.item = name_of(row, "item") or buffer.item
    buffer.location = name_of(row, "location") or buffer.location
    buffer.minimum = str(one(row, "minimum") or buffer.minimum)
    if name_of(row, "producing"):
        buffer.makers.setdefault(name_of(row, "producing"), (Decimal(1), Decimal(0)))


def read_flows(model: Model, tag: str, row: Row) -> None:
    """A flow stands alone, in its operation or in its buffer."""
    own = str(one(row, "name"))
    for _, flow in walked(row.get("flows", row if tag == "flow" else []), "flow"):
        operation = name_of(flow, "operation") or (own if tag != "buffer" else "")
        place = name_of(flow, "location") or name_of(row, "location")
        named = f"{name_of(flow, 'item')} @ {place}" if name_of(flow, "item") else ""
        buffer = name_of(flow, "buffer") or named or (own if tag == "buffer" else "")
        per, fixed = (Decimal(str(one(flow, k) or 0)) for k in ("quantity", "quantity_fixed"))
        if (per > 0 or fixed > 0) and buffer and operation:
            model.buffer(buffer).makers[operation] = (per, fixed)


def steps(quantity: Any) -> int:
    return int(Decimal(str(quantity)) * 10**DECIMALS)


def days(text: Any) -> int:
    found = re.fullmatch(r"P(\d+)D", str(text or "P0D"))
    return int(found.group(1)) if found else 0


def unconstrained_sets(document: Row) -> list[str]:
    """The sets solved without any constraint; where there is none, those of the loose plan type."""
    loose: list[str] = []
    free: list[str] = []
    plantype = constraints = ""
    for call in document["solver_calls"]:
        plantype = next(iter(re.findall(r"plantype\s*=\s*(\d)", call)), plantype)
        constraints = next(iter(re.findall(r"constraints\s*=\s*([\d+]+)", call)), constraints)
        for saved in re.findall(r"output\.(\d+)\.xml", call):
            (free if constraints == "0" else loose if plantype == "2" else []).append(saved)
    return [name for name in free or loose if netted_rows(document["expected"].get(name, []))]


def netted_rows(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["kind"] == "BUFFER"]


def item_of(model: Model, buffer: Buffer) -> Item:
    terms = model.terms(buffer)

    def given(name: str) -> list[int]:
        return [steps(row[name]) for row in terms if row.get(name)]

    early = [max(days(r.get("posttime")), days(r.get("extra_safety_leadtime"))) for r in terms]
    sizing = LotSizing(
        "min_max_multiple",
        minimum=max(given("size_minimum"), default=0),
        maximum=min(given("size_maximum"), default=None),
        multiple=max(given("size_multiple"), default=1),
    )
    return Item(
        buffer.name,
        decimals=DECIMALS,
        calendar="daily",
        safety_stock=steps(buffer.minimum),
        safety_time_days=max(early, default=0),
        lot_sizing=sizing,
    )


@dataclass
class Netting:
    """A buffer both ways."""

    expected: Totals
    planned: Totals
    lowest: int

    @property
    def is_exact(self) -> bool:
        """The planned receipts are the same, or lift what frePPLe leaves below zero back to it."""
        if self.expected == self.planned:
            return True
        return not self.expected and self.lowest < 0 and self.planned.total() == -self.lowest


def net(document: Row, model: Model, expected_set: str, name: str) -> Netting:
    rows, buffer = document["expected"][expected_set], model.buffer(name)
    complete(model, buffer)
    own = [row for row in rows if row["kind"] == "BUFFER" and row["buffer"] == name]
    stock = sum(steps(row["qty"]) for row in own if row["date"].startswith(BEGINNING))
    moves = [row for row in own if not row["date"].startswith(BEGINNING)]
    firm = confirmed(rows, buffer, model)
    received = Totals()
    for row in moves:
        received[clipped(row["date"], model)] += max(steps(row["qty"]), 0)
    received.subtract(firm)
    demands = [
        Demand(f"D{n}", name, clipped(row["date"], model), -steps(row["qty"]))
        for n, row in enumerate(moves)
        if row["qty"] < 0
    ]
    supplies = [Supply(f"S{on}", name, on, quantity) for on, quantity in firm.items() if quantity]
    item = item_of(model, buffer)
    inputs = ItemInputs(name, item, stock=stock, demands=demands, supplies=supplies)
    plan = item_planning.plan_item(inputs, PlanningDates(Settings(model.today, {"daily": DAILY})))
    planned = Totals()
    for order in plan.orders:
        planned[order.due_on] += order.quantity
    lowest = min((steps(row["onhand"]) for row in own), default=0)
    return Netting(Totals({d: q for d, q in received.items() if q}), planned, lowest)


def confirmed(rows: list[Row], buffer: Buffer, model: Model) -> Totals:
    """Receipts that stand; where a routing and its last step both tell of one it counts once."""
    told, implied = Totals(), Totals()
    for row in rows:
        if row["kind"] == "OPERATION" and row["status"] != "proposed":
            on = clipped(row["end"], model)
            told[on] += buffer.filled_by(row["operation"], row["qty"])
            implied[on] += steps(row["qty"]) if row["operation"] in buffer.implied else 0
    return max(told, implied, key=Totals.total)


def clipped(instant: str, model: Model) -> date:
    """What is past counts as today (RULES 20)."""
    return max(date.fromisoformat(instant[:10]), model.today)


NO_UNCONSTRAINED_PLAN = {
    "calendar": "calendar arithmetic; lineside_manufacturing.calendars",
    "constraints_leadtime_3": "only plans constrained by lead times and fences, a heuristic",
    "constraints_leadtime_4": "only plans constrained by lead times and fences, a heuristic",
    "pegging_1": "only the pegging of a constrained plan; ours is proven to conserve, both ways",
    "pegging_2": "only the pegging of a constrained plan; ours is proven to conserve, both ways",
    "period_of_cover": "a key figure of stock, no plan",
    "resource_buckets": "capacity of resources over time, no plan",
}

_AUTOFENCE = (
    "RULES 20: a gap before a late receipt is planned, and the receipt gets an expedite message; "
    "frePPLe waits for it"
)
_ORDER_UP_TO = "SPEC 7 has no maximum stock to order up to, only lot sizes"
_CO_PRODUCT = "RULES 9: a quantity produced once per order (co-production) is out of scope"
_BY_PRODUCT = "RULES 9: yielded beside the item that is needed, a by-product: never planned for"
_BATCHES = "SPEC 7 has periods of supply, no batch window that looks back and ahead"
_CAPACITY = "solved with constraints: capacity makes it earlier or splits it; capacity's business"
_CLOSED = "made earlier because the operation is closed or not yet valid: instants, capacity's"
_ALTERNATES = "SPEC 7 plans one bill, no choice between alternate operations or suppliers by date"
_PHASED = "SPEC 3 has one safety stock per product, none that changes over time"
_PENDING = (
    "made beyond any need by a confirmed order elsewhere: what it yields is no proposal of MRP"
)

OTHERWISE: dict[str, dict[str, str]] = {
    "buffer_max": dict.fromkeys([f"item {n} @ factory" for n in (1, 2, 3)], _ORDER_UP_TO),
    "constraints_combined_1": {"box @ factory 1": _AUTOFENCE},
    "constraints_resource_8": dict.fromkeys(
        [f"1. item {n} @ factory" for n in (1, 5, 6)], _CAPACITY
    ),
    "flow_fixed": dict.fromkeys(
        [
            "2. fixed production co-product",
            "2. main product",
            "3. end item",
            "4. end item",
            "6. end item",
        ],
        _CO_PRODUCT,
    ),
    "flow_location": {"1. end item @ 1. location D": _BY_PRODUCT},
    "heuristic2": {
        "4. X  level 2b @ 4. factory": _BY_PRODUCT,
        "4. Y level 1a @ 4. factory": _CAPACITY,
        **dict.fromkeys(
            [
                *(f"{n}. level 0 @ {n}. factory" for n in (1, 2, 3)),
                *(f"{n}. level 4b @ {n}. factory" for n in (1, 2, 3)),
                "2. level 2b @ 2. factory",
                *(f"4. {x} level 0 @ 4. factory" for x in "XY"),
                *(f"4. {x} level 4b @ 4. factory" for x in "XY"),
            ],
            _BATCHES,
        ),
    },
    "load_effective": dict.fromkeys(["2. end item @ factory", "3. end item @ factory"], _CAPACITY),
    "operation_alternate": dict.fromkeys(
        ["2. item @ warehouse", *(f"item {n} @ warehouse" for n in (2, 3, 4))], _ALTERNATES
    ),
    "operation_autofence": dict.fromkeys([f"{n}. item @ factory" for n in (2, 4, 5)], _AUTOFENCE),
    "operation_available": dict.fromkeys(["5. buffer", "6. buffer"], _CLOSED),
    "operation_batchwindow": dict.fromkeys(
        [
            *(f"{n}. item @ factory" for n in (1, 2, 3, 4, 5, 7)),
            "6. component @ factory",
            "7. component @ factory",
        ],
        _BATCHES,
    ),
    "operation_effective": {
        "4. end item @ factory": _ALTERNATES,
        "5. end item @ factory": _ALTERNATES,
        "7. end item @ factory": _CLOSED,
    },
    "operation_routing": {"product @ factory": _CAPACITY},
    "safety_stock": {"end item 1 @ factory": _PHASED},
}


@pytest.fixture(scope="module")
def documents(lineside_external_data: Path) -> dict[str, Row]:
    files = sorted((lineside_external_data / "oracles/frepple").glob("*.json"))
    return {file.stem: json.loads(file.read_text()) for file in files}


@pytest.fixture(scope="module")
def nettings(documents: dict[str, Row]) -> dict[tuple[str, str], list[Netting]]:
    found: defaultdict[tuple[str, str], list[Netting]] = defaultdict(list)
    for name, document in documents.items():
        for expected_set in unconstrained_sets(document):
            model = model_of(document["model"])
            rows = netted_rows(document["expected"][expected_set])
            for buffer in sorted({row["buffer"] for row in rows}):
                found[name, buffer].append(net(document, model, expected_set, buffer))
    return found


def test_every_model_is_netted_or_listed_with_its_reason(
    documents: dict[str, Row], nettings: dict[tuple[str, str], list[Netting]]
) -> None:
    netted = {name for name, _ in nettings}
    assert documents.keys() == netted | NO_UNCONSTRAINED_PLAN.keys()
    assert not netted & NO_UNCONSTRAINED_PLAN.keys()
    assert netted >= OTHERWISE.keys()


def test_every_buffer_is_planned_to_the_unit_or_listed_with_the_rule_that_decides_otherwise(
    nettings: dict[tuple[str, str], list[Netting]],
) -> None:
    listed = {(name, buffer) for name, buffers in OTHERWISE.items() for buffer in buffers}
    differing = {key for key, own in nettings.items() if not all(each.is_exact for each in own)}
    assert differing == listed


def test_most_of_them_are_exact(nettings: dict[tuple[str, str], list[Netting]]) -> None:
    exact = sum(each.is_exact for own in nettings.values() for each in own)
    assert (exact, sum(map(len, nettings.values()))) == (309, 362)
