"""Nobody counts what another holds, nothing waits beside what is free, and sums hold (RULES 16)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import given, settings, strategies as st

from lineside_contracts.values import Actor
from lineside_manufacturing.lot_sizing import LotParameters
from lineside_planning.master_data.domain.material_facts import MaterialFacts, ProductFacts
from lineside_planning.master_data.domain.places import Places
from lineside_planning.materials.domain import (
    allocation,
    ordering,
    plans,
    requisitions,
    states,
)
from lineside_planning.materials.domain.bench import Bench, Pool, Requirement
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.domain.needs import Consumer, Need
from lineside_planning.materials.domain.ordering import Purchase
from lineside_planning.materials.domain.orders import OrderFacts

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
TODAY = NOW.date()
KEY = PoolKey("PAPER", "W")
SOMEONE = Actor(id="u", name="Someone")
DAYS = [TODAY + timedelta(days=10), TODAY + timedelta(days=20)]


def whole(*quantities: Decimal) -> tuple[int, ...]:
    """Pieces as people count them."""
    return tuple(int(quantity) for quantity in quantities)


def make_product(code: str = "PAPER", safety: int = 0, **over: Any) -> ProductFacts:
    values: dict[str, Any] = {
        "product_code": code,
        "product_name": code.title(),
        "product_category": None,
        "unit_code": "EA",
        "unit_decimals": 0,
        "conversions": {},
        "make_or_buy": "buy",
        "lead_time_days": 5,
        "safety_stock_quantity": Decimal(safety),
        "safety_time_days": 0,
        "is_phantom": False,
        "supply_policy": "make_to_order",
        "standard_cost": None,
        "plant_code": "W",
        "is_active": True,
        "lots": LotParameters(),
        "version": 1,
    }
    return ProductFacts(**(values | over))


def make_bench(*, on_hand: int, safety: int = 0, **product: Any) -> Bench:
    numbers = count(1)
    paper = make_product(safety=safety, **product)
    bench = Bench(
        now=NOW,
        new_id=lambda: UUID(int=next(numbers)),
        facts=MaterialFacts(products={"PAPER": paper}),
        places=Places(time_zone="UTC", plants={}, work_centers={}),
    )
    bench.pools[KEY] = Pool(
        id=UUID(int=10**6),
        product_code="PAPER",
        plant_code="W",
        unit_code="EA",
        decimals=0,
        on_hand=Decimal(on_hand),
        is_recorded=True,
        safety_stock=Decimal(safety),
    )
    return bench


def make_order(number: int, *, priority: str = "medium", status: str = "planned") -> OrderFacts:
    return OrderFacts(
        id=UUID(int=10**9 + number),
        order_version=1,
        expansion_version=1,
        expansion_planning_version=1,
        planning_version=1,
        number=f"MO-{number:03d}",
        product_code="BROCHURE",
        quantity=Decimal(1),
        unit_code="EA",
        priority=priority,
        due_date=date(2026, 9, 1),
        plant_code="W",
        status=status,
    )


def make_need(bench: Bench, quantity: int, on: date = DAYS[0]) -> Need:
    consumer = Consumer(
        sequence_number=10,
        plant_code="W",
        work_center_code=None,
        issue_method="backflush",
        products=Fraction(quantity),
        planned_input=Decimal(quantity),
        needed_at=datetime(on.year, on.month, on.day, tzinfo=UTC),
        needed_on=on,
        explanation="",
    )
    return Need(
        component=bench.facts.products["PAPER"],
        consumer=consumer,
        quantity=Decimal(quantity),
        exact=Fraction(quantity),
        is_fixed=False,
        bom_line_id=None,
        explanation=(),
    )


def plan(bench: Bench, order: OrderFacts, quantity: int, on: date = DAYS[0]) -> None:
    plans.follow(bench, order, [make_need(bench, quantity, on)], [])
    close(bench)


def close(bench: Bench) -> None:
    allocation.serve(bench)
    requisitions.follow(bench, lambda _: SOMEONE)
    states.refresh(bench)


def check(bench: Bench) -> None:
    pool = bench.pools[KEY]
    needs = [r for _, r in bench.requirements()]
    held = [a for r in needs for a in r.allocations]
    assert sum(a.quantity for a in held if a.receipt_id is None) == pool.allocated
    assert 0 <= pool.allocated <= pool.on_hand
    for receipt in bench.receipts.values():
        promised = sum(a.quantity for a in held if a.receipt_id == receipt.id)
        assert promised == receipt.allocated <= receipt.open_quantity
    for need in needs:
        served = need.allocated + need.from_child + need.open
        assert served == need.remaining, "needed = served + short"
        assert need.open <= need.replenish or need.supply != "buy"
    assert pool.free == 0 or all(not r.short for r in needs), "nobody waits beside free stock"
    assert not any(spare(bench, need) for need in needs), "nothing is bought beyond the need"
    for requisition in bench.requisitions.values():
        if requisition.status == "open":
            mine = [r.replenish for r in needs if r.needed_on == requisition.needed_on]
            assert requisition.quantity_needed == sum(mine) > 0
    bought = sum(r.replenish for r in needs)
    assert bought == sum(
        r.quantity_needed for r in bench.requisitions.values() if r.status == "open"
    )


def spare(bench: Bench, need: Requirement) -> Decimal:
    """What is bought for a need although it is there, safety stock and all needs considered."""
    if need.supply != "buy":
        return Decimal(0)
    pool = bench.pools[KEY]
    needs = [r for _, r in bench.requirements()]
    coming = sum(r.free for r in bench.receipts_of(KEY) if r.expected_on <= need.needed_on)
    surplus = pool.free + coming + sum(r.replenish - r.open for r in needs) - pool.safety_stock
    return max(Decimal(0), min(surplus, need.replenish - need.open))


def test_replenishment_includes_safety_stock_and_the_hold_does_not() -> None:
    bench = make_bench(on_hand=120, safety=50)
    plan(bench, make_order(1), 100)
    plan(bench, make_order(2), 50)
    found = [whole(r.short, r.replenish) for _, r in bench.requirements()]
    assert found == [(0, 30), (30, 50)]


def test_a_need_alone_never_refills_safety_stock() -> None:
    bench = make_bench(on_hand=40, safety=50)
    plan(bench, make_order(1), 100)
    ((_, need),) = bench.requirements()
    assert whole(need.short, need.replenish) == (60, 100)


def test_shrinking_gives_what_planning_the_smaller_need_at_once_gives() -> None:
    for on_hand, safety in ((40, 50), (120, 50), (0, 0), (500, 10)):
        grown, direct = (make_bench(on_hand=on_hand, safety=safety) for _ in range(2))
        plan(grown, make_order(1), 100)
        plan(grown, make_order(1), 80)
        plan(direct, make_order(1), 80)
        told = [
            [(r.short, r.replenish, r.allocated) for _, r in bench.requirements()]
            for bench in (grown, direct)
        ]
        assert told[0] == told[1], (on_hand, safety)


def test_what_is_found_in_stock_is_bought_less() -> None:
    bench = make_bench(on_hand=0, safety=50)
    plan(bench, make_order(1), 100)
    bench.pools[KEY].on_hand = Decimal(100)
    close(bench)
    ((_, need),) = bench.requirements()
    assert whole(need.short, need.replenish) == (0, 50)
    bench.pools[KEY].on_hand = Decimal(150)
    close(bench)
    assert need.replenish == 0


def test_what_was_issued_stays_issued_whatever_becomes_of_the_order() -> None:
    bench = make_bench(on_hand=100)
    plan(bench, make_order(1), 80)
    issue(bench, 1, 40)
    plan(bench, make_order(1), 100)
    ((_, need),) = bench.requirements()
    assert whole(need.issued, need.remaining, need.allocated, need.open) == (40, 60, 60, 0)
    plan(bench, make_order(1), 30)
    assert whole(need.issued, need.remaining, need.allocated) == (40, 0, 0)
    plans.finish(bench, make_order(1, status="cancelled"))
    close(bench)
    assert [whole(r.issued, r.allocated) for _, r in bench.requirements()] == [(40, 0)]


def test_a_late_receipt_is_exchanged_for_stock_that_becomes_free() -> None:
    bench = make_bench(on_hand=0)
    plan(bench, make_order(1), 100)
    buy(bench, 0, expected_on=DAYS[1])
    ((_, need),) = bench.requirements()
    assert (int(need.short), need.available_on) == (100, DAYS[1])
    bench.pools[KEY].on_hand = Decimal(70)
    close(bench)
    assert whole(need.short, need.allocated_from_stock) == (30, 70)
    (receipt,) = bench.receipts.values()
    assert receipt.free == 70


def buy(bench: Bench, position: int, *, quantity: int | None = None, expected_on: date) -> None:
    opened = [r for r in bench.requisitions.values() if r.status == "open"]
    if not opened:
        return
    requisition = opened[position % len(opened)]
    ordering.order(
        bench,
        requisition,
        Purchase(
            receipt_id=bench.new_id(),
            number="4500001",
            expected_on=expected_on,
            quantity=Decimal(quantity or requisition.quantity),
            vendor_code=None,
            unit_cost=None,
            actor=SOMEONE,
        ),
    )
    close(bench)


STEPS = st.one_of(
    st.tuples(st.just("plan"), st.integers(1, 6), st.integers(1, 60), st.sampled_from(DAYS)),
    st.tuples(st.just("cancel"), st.integers(1, 6)),
    st.tuples(st.just("stock"), st.integers(0, 80)),
    st.tuples(st.just("buy"), st.integers(0, 3), st.integers(1, 90), st.sampled_from(DAYS)),
    st.tuples(st.just("arrive"), st.integers(0, 5)),
    st.tuples(st.just("issue"), st.integers(1, 6), st.integers(1, 60)),
)


def apply(bench: Bench, step: tuple[Any, ...]) -> None:
    match step:
        case ("plan", number, quantity, on):
            order = make_order(number, priority=["low", "medium", "high", "urgent"][number % 4])
            plan(bench, order, quantity, on)
        case ("cancel", number):
            plans.finish(bench, make_order(number, status="cancelled"))
            close(bench)
            bench.plans.pop(UUID(int=10**9 + number), None)
        case ("stock", more):
            bench.pools[KEY].on_hand += more
            close(bench)
        case ("buy", position, quantity, on):
            buy(bench, position, quantity=quantity, expected_on=on)
        case ("arrive", position):
            arrive(bench, position)
        case ("issue", number, quantity):
            issue(bench, number, quantity)


def issue(bench: Bench, number: int, quantity: int) -> None:
    known = bench.plans.get(UUID(int=10**9 + number))
    for need in known.requirements if known else ():
        for held in [a for a in need.allocations if a.receipt_id is None]:
            used = min(held.quantity, Decimal(quantity))
            allocation.release(bench, held, used)
            bench.pools[KEY].on_hand -= used
            need.issued += used
    close(bench)


def arrive(bench: Bench, position: int) -> None:
    coming = bench.receipts_of(KEY)
    if not coming:
        return
    receipt = coming[position % len(coming)]
    for _, need in bench.requirements():
        for held in [a for a in need.allocations if a.receipt_id == receipt.id]:
            quantity = held.quantity
            allocation.release(bench, held, quantity)
            bench.pools[KEY].on_hand += quantity
            allocation.allocate(bench, need, quantity)
    bench.pools[KEY].on_hand += receipt.open_quantity - receipt.allocated
    receipt.status = "received"
    close(bench)


@given(
    st.integers(0, 100),
    st.integers(0, 40),
    st.lists(STEPS, min_size=1, max_size=25),
)
@settings(deadline=None, max_examples=80)
def test_whatever_happens_sums_hold_and_nothing_is_promised_twice(
    on_hand: int, safety: int, steps: Sequence[tuple[Any, ...]]
) -> None:
    bench = make_bench(on_hand=on_hand, safety=safety)
    for step in steps:
        apply(bench, step)
        check(bench)


@given(st.lists(STEPS, min_size=1, max_size=20))
@settings(deadline=None, max_examples=50)
def test_made_components_are_never_short_and_never_bought(
    steps: Sequence[tuple[Any, ...]],
) -> None:
    bench = make_bench(on_hand=20, make_or_buy="make")
    for step in steps:
        apply(bench, step)
        check(bench)
        assert not any(r.open for _, r in bench.requirements())
    assert not bench.requisitions
