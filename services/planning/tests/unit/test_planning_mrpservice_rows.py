"""Plans and keys are read as they were written."""

from datetime import date, timedelta
from decimal import Decimal

import orjson
import pytest
from hypothesis import given, strategies as st

from lineside_planning.mrp.domain.plans import (
    ItemPlan,
    Message,
    OrderEntry,
    Peg,
    PlanChange,
    PlannedOrder,
    Requirement,
    same,
)
from lineside_planning.mrp.store import item_keys, plan_rows
from lineside_planning.mrp.store.plan_rows import KeptRows

KEY = "BIKE@MAIN"
DAY = date(2026, 3, 2)

codes = st.text(
    st.characters(codec="utf-8", exclude_characters="\n\r", exclude_categories=["Cs"]), min_size=1
).filter(lambda code: code.strip() == code)
days = st.integers(0, 500).map(lambda n: DAY + timedelta(days=n))
steps = st.integers(1, 10**24)
orders = st.builds(
    PlannedOrder,
    id=days.map(lambda day: f"{KEY}|{day}|1"),
    item=st.just(KEY),
    kind=st.sampled_from(["make", "buy"]),
    quantity=steps,
    net=steps,
    need_on=days,
    due_on=days,
    starts_on=days,
    purchase_quantity=st.sampled_from([None, Decimal(3), Decimal("2.5")]),
    ledger=st.sampled_from([(), (OrderEntry("lot_size", 3, "because"),)]),
)
requirements = st.builds(
    Requirement,
    component=st.sampled_from(["WHEEL@MAIN", "BELL@MAIN"]),
    parent=st.just(KEY),
    order_kind=st.sampled_from(["planned", "firm", "demand"]),
    order_id=st.sampled_from(["a", "b"]),
    starts_on=days,
    due_on=days,
    numerator=st.integers(-(10**40), 10**40),
    denominator=steps,
    parent_numerator=st.integers(0, 10**40),
    parent_denominator=steps,
    line_id=st.sampled_from(["", "line"]),
    scrap_percentage=st.sampled_from([Decimal(0), Decimal("2.5")]),
    told=st.sampled_from(["x 2", "x 1 / 3"]),
)
pegs = st.builds(
    Peg,
    demand_kind=st.sampled_from(["demand", "order", "safety_stock", "deficit"]),
    demand_id=st.sampled_from(["", "d"]),
    demand_on=days,
    supply_kind=st.sampled_from(["stock", "receipt", "planned", "by_product"]),
    supply_id=st.sampled_from(["", "s"]),
    supply_on=days,
    quantity=steps,
)
told = st.builds(
    Message,
    kind=st.sampled_from(["expedite", "past_due", "bom_cycle"]),
    reference=st.sampled_from(["", "s"]),
    quantity=st.integers(0, 10**20),
    on=st.none() | days,
    to=st.none() | days,
    path=st.sampled_from([(), ("A@MAIN", "B@MAIN", "A@MAIN")]),
    text=st.just(""),
)
faults = st.builds(
    Message,
    kind=st.just("bad_parameters"),
    reference=st.just(""),
    quantity=st.just(0),
    on=st.none(),
    to=st.none(),
    path=st.just(()),
    text=st.sampled_from(["wrong", "also wrong"]),
)
messages = told | faults
plans = st.builds(
    ItemPlan,
    item=st.just(KEY),
    orders=st.lists(orders, unique_by=lambda order: order.id, max_size=4).map(tuple),
    requirements=st.lists(requirements, max_size=4).map(tuple),
    pegs=st.lists(pegs, max_size=4).map(tuple),
    messages=st.lists(messages, max_size=3, unique=True).map(tuple),
)


@given(codes, codes | st.just(""))
def test_a_key_names_its_product_and_plant_whatever_their_codes(product: str, plant: str) -> None:
    assert item_keys.parse(item_keys.text_of(product, plant)) == (product, plant)


@pytest.mark.parametrize(("product", "plant"), [("A@B", "C"), ("A", "B@C"), ("@", "@")])
def test_an_at_sign_in_a_code_confuses_nobody(product: str, plant: str) -> None:
    key = item_keys.text_of(product, plant)
    assert item_keys.parse(key) == (product, plant)
    assert item_keys.parse_plan_key(f"{key}|2026-03-02|1") == (product, plant)


@given(plans, st.integers(0, 6))
def test_a_plan_is_read_as_it_was_written(plan: ItemPlan, decimals: int) -> None:
    written = plan_rows.writes([PlanChange(ItemPlan(KEY), plan)], {KEY: decimals})
    assert not any(
        rows for table, rows in written.deletes.items() if table != "pegging" or not plan.is_empty
    )
    assert same(plan, _read(written.upserts, decimals))


@given(plans, plans)
def test_differences_bring_one_plan_to_the_other(before: ItemPlan, after: ItemPlan) -> None:
    first = plan_rows.writes([PlanChange(ItemPlan(KEY), before)], {})
    second = plan_rows.writes([PlanChange(before, after)], {})
    rows = {}
    for table, key in plan_rows.PLAN_KEYS.items():
        kept = {_at(row, key): row for row in first.upserts.get(table, [])}
        for row in second.deletes.get(table, []):
            kept.pop(_at(row, key), None)
        kept |= {_at(row, key): row for row in second.upserts.get(table, [])}
        rows[table] = list(kept.values())
    assert same(after, _read(rows, 0))


def _at(row: dict[str, object], key: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(row[name] for name in key)


def _read(rows: dict[str, list[dict[str, object]]], decimals: int) -> ItemPlan:
    """Read rows as PostgreSQL gives them: through JSON, decimals as text."""
    told = orjson.loads(orjson.dumps(rows, default=str))
    order_fields = (
        *("plan_key", "make_or_buy", "quantity", "net_quantity", "need_on", "due_on"),
        *("release_on", "purchase_quantity", "ledger"),
    )
    message_fields = ("kind", "reference", "quantity", "from_date", "to_date", "path", "message")
    kept = KeptRows(
        orders=[[row[name] for name in order_fields] for row in told.get("planned_orders", [])],
        needs=[
            (f"{row['product_code']}@MAIN", row["needs"])
            for row in told.get("mrp_requirements", [])
        ],
        pegs=next((row["pegs"] for row in told.get("pegging", [])), None),
        messages=[[row[name] for name in message_fields] for row in told.get("mrp_exceptions", [])],
    )
    return plan_rows.kept_plan(KEY, kept, decimals)
