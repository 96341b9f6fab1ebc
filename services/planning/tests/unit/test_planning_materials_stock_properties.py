"""Whatever happens in whatever order: nothing appears or vanishes, or is promised twice."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid5

from hypothesis import given, settings, strategies as st

from lineside_contracts.planning import IssueMaterial, MovementKind
from lineside_contracts.values import Actor
from lineside_planning.master_data.domain.material_facts import MaterialFacts
from lineside_planning.master_data.domain.places import Places
from lineside_planning.materials.domain import (
    allocation,
    backflush,
    conservation,
    consumption,
    counting,
    issuing,
    output,
    receiving,
)
from lineside_planning.materials.domain.backflush import Report
from lineside_planning.materials.domain.bench import (
    Allocation,
    Bench,
    Plan,
    Pool,
    Receipt,
    Requirement,
)
from lineside_planning.materials.domain.conservation import (
    IssueSums,
    PlaceSums,
    PoolSums,
    ReceiptSums,
    Sums,
)
from lineside_planning.materials.domain.consumption import Stores
from lineside_planning.materials.domain.counting import HandPosting
from lineside_planning.materials.domain.floor import Step
from lineside_planning.materials.domain.issuing import Pick
from lineside_planning.materials.domain.movements import Occasion, Place, PoolKey, Spot
from lineside_planning.materials.domain.output import Output
from lineside_planning.materials.domain.receiving import Arrival
from lineside_testkit import builders

GLUE, PAPER, MADE = (PoolKey(code, "MAIN") for code in ("GLUE", "PAPER", "BROCHURE"))
STORES = Stores(defaults={"MAIN": "SHELF"})
SPOTS = (
    Spot(Place("SHELF")),
    Spot(Place("SHELF", "L1")),
    Spot(Place("QUARANTINE"), is_nettable=False),
)
PLANNED_INPUT = Decimal(20)


@dataclass
class World:
    """A bench, and how many outputs were told of."""

    bench: Bench
    made: int = 0


def ids() -> Any:
    count = 0

    def new_id() -> UUID:
        nonlocal count
        count += 1
        return uuid5(UUID(int=0), str(count))

    return new_id


def requirement(bench: Bench, plan: Plan, key: PoolKey, **over: Any) -> Requirement:
    values: dict[str, Any] = {
        "id": bench.new_id(),
        "order_id": plan.id,
        "component_code": key.product_code,
        "component_name": None,
        "plant_code": key.plant_code,
        "unit_code": "KG",
        "decimals": 1,
        "sequence_number": 10,
        "work_center_code": None,
        "issue_method": "backflush",
        "make_or_buy": "buy",
        "supply": "none",
        "needed": Decimal("6.7"),
        "exact_need": Fraction(20, 3),
        "planned_input": PLANNED_INPUT,
        "needed_on": date(2026, 12, 1),
        "needed_at": builders.AT,
        "is_fixed": False,
        "bom_line_id": None,
        "quantity_per": Fraction(1, 3),
        "explanation": (),
    }
    return Requirement(**(values | over))


def world(orders: int = 3) -> World:
    new_id = ids()
    bench = Bench(
        now=builders.AT,
        new_id=new_id,
        facts=MaterialFacts(),
        places=Places("UTC", {}, {}),
    )
    for key in (GLUE, PAPER, MADE):
        bench.pools[key] = Pool(new_id(), *key, unit_code="KG", decimals=1)
    for number in range(orders):
        plan = Plan(
            id=new_id(),
            version=1,
            number=f"MO-{number}",
            product_code="BROCHURE",
            quantity=PLANNED_INPUT,
            priority=("low", "urgent", "medium")[number % 3],
            due_date=date(2026, 12, 5),
            plant_code="MAIN",
            order_status="released",
            planning_version=1,
            expansion_version=1,
            order_version=1,
            planned_at=builders.AT,
            sales_order_id=new_id(),
        )
        plan.requirements = [
            requirement(bench, plan, GLUE),
            requirement(bench, plan, PAPER, issue_method="pick", sequence_number=20),
            requirement(
                bench,
                plan,
                GLUE,
                sequence_number=30,
                needed=Decimal("-2.0"),
                exact_need=Fraction(-2),
                quantity_per=None,
            ),
        ]
        bench.plans[plan.id] = plan
    return World(bench)


def receipt(bench: Bench, quantity: int) -> Receipt:
    made = Receipt(
        id=bench.new_id(),
        number="R",
        product_code="GLUE",
        plant_code="MAIN",
        unit_code="KG",
        quantity=Decimal(quantity),
        expected_on=date(2026, 11, 25),
        status="open",
        created_at=builders.AT,
        created_by=builders.ACTOR,
        updated_at=builders.AT,
        updated_by=builders.ACTOR,
    )
    bench.add_receipt(made)
    return made


def occasion(kind: MovementKind, **over: Any) -> Occasion:
    return Occasion(kind, builders.AT, builders.ACTOR, **over)


def plan_of(here: World, number: int) -> Plan:
    return list(here.bench.plans.values())[number % len(here.bench.plans)]


def log(here: World, number: int, amount: int) -> None:
    """Report a new total, on the run and on the one that yields a by-product."""
    plan = plan_of(here, number)
    reports = tuple(Report(s, good=Decimal(amount)) for s in (10, 20, 30))
    step = Step(reports, builders.AT, builders.ACTOR)
    consumption.follow(here.bench, plan, step, stores=STORES)
    for line in plan.requirements:
        if line.issue_method == "pick":
            continue
        used = backflush.used_for(consumption.usage_of(line), Decimal(amount))
        assert line.issued == used


def post(here: World, number: int, amount: int) -> None:
    """Count, add or take, at some place."""
    bench, spot = here.bench, SPOTS[number % len(SPOTS)]
    pool = bench.pools[PAPER if number % 2 else GLUE]
    if amount % 3 == 0:
        posting = HandPosting(spot, Decimal(amount), occasion(MovementKind.COUNT))
        counting.count(bench, pool, posting)
        return
    there = bench.room.at(pool, spot.place)
    change = max(-there, Decimal(amount - 10))
    counting.adjust(bench, pool, HandPosting(spot, change, occasion(MovementKind.ADJUSTMENT)))


def transfer(here: World, number: int, amount: int) -> None:
    """Bring something elsewhere, in or out of quarantine."""
    bench, pool = here.bench, here.bench.pools[GLUE]
    spot, target = SPOTS[number % 3], SPOTS[(number + 1) % 3]
    quantity = min(Decimal(amount), bench.room.at(pool, spot.place))
    if quantity > 0:
        posting = HandPosting(spot, quantity, occasion(MovementKind.TRANSFER), target)
        counting.transfer(bench, pool, posting)


def order_goods(here: World, number: int, amount: int) -> None:
    """Order, or let some of what was ordered arrive, or call it off."""
    bench = here.bench
    coming = bench.receipts_of(GLUE)
    if not coming or number % 3 == 0:
        receipt(bench, amount + 1)
    elif number % 3 == 1:
        arrival = Arrival(
            Decimal(amount),
            SPOTS[amount % 3],
            occasion(MovementKind.RECEIPT),
            is_last=amount % 2 == 0,
        )
        receiving.receive(bench, coming[0], arrival, by=builders.ACTOR)
    else:
        later = coming[0].expected_on + timedelta(days=amount)
        promise = receiving.Promise(coming[0].received + amount, later)
        receiving.change(bench, coming[0], promise, by=builders.ACTOR)


def pick(here: World, number: int, amount: int) -> None:
    """Hand something out, or bring it back, where that may be."""
    plan = plan_of(here, number)
    paper = plan.requirements[1]
    asked = IssueMaterial(
        production_order_id=plan.id, component_code="PAPER", quantity=Decimal(amount - 8)
    )
    wish = Pick(asked, None)
    if issuing.problem_of(here.bench, plan, paper, wish) is None:
        issuing.issue(here.bench, plan, paper, wish, stores=STORES, by=Actor(id="a", name="A"))


def finish(here: World, number: int, amount: int) -> None:
    """Receive what an order made in all."""
    plan = plan_of(here, number)
    here.made += 1
    new = max(Decimal(amount) - plan.output_quantity, Decimal(0))
    made = Output(
        Decimal(amount),
        here.made,
        "SHELF",
        [("", new)] if new else [],
        occasion(MovementKind.PRODUCTION),
    )
    output.receive(here.bench, plan, made)


ACTIONS = (log, post, transfer, order_goods, pick, finish)


def sums(here: World) -> Sums:
    """Add up what the database would."""
    bench = here.bench
    held = [a for plan in bench.plans.values() for r in plan.requirements for a in r.allocations]
    held += [a for plan in bench.plans.values() for a in plan.goods]
    return Sums(
        pools=tuple(_pool_sums(bench, pool, held) for pool in bench.pools.values()),
        receipts=tuple(
            ReceiptSums(
                str(r.id),
                r.open_quantity,
                r.allocated,
                _total(a for a in held if a.receipt_id == r.id),
            )
            for r in bench.receipts.values()
        ),
        issues=tuple(
            _issue_sums(here, plan, key) for plan in bench.plans.values() for key in (GLUE, PAPER)
        ),
    )


def _issue_sums(here: World, plan: Plan, key: PoolKey) -> IssueSums:
    lines = [line for line in plan.requirements if line.pool_key == key]
    wanted = {line.id for line in lines}
    mine = (m for m in here.bench.room.movements if m.occasion.requirement_id in wanted)
    lacked = (
        m.quantity
        for m in here.bench.miscounts.changed
        if (m.pool, m.production_order_id) == (key, plan.id)
    )
    return IssueSums(
        f"{plan.number} {key}",
        issued=sum((line.issued for line in lines), Decimal(0)),
        journal=sum((m.quantity for m in mine), Decimal(0)),
        missing=sum(lacked, Decimal(0)),
    )


def _pool_sums(bench: Bench, pool: Pool, held: list[Allocation]) -> PoolSums:
    places = []
    for place, balance in bench.room.balances.get(pool.key, {}).items():
        mine = (m for m in bench.room.movements if (m.pool, m.place) == (pool.key, place))
        journal = sum((m.quantity for m in mine), Decimal(0))
        places.append(PlaceSums(str(place), journal, balance.quantity, balance.is_nettable))
    of_stock = (
        a for a in held if a.receipt_id is None and (a.product_code, a.plant_code) == pool.key
    )
    return PoolSums(
        str(pool.key), pool.on_hand, pool.blocked, pool.allocated, _total(of_stock), tuple(places)
    )


def _total(held: Any) -> Decimal:
    return sum((allocation.quantity for allocation in held), Decimal(0))


_action = st.tuples(
    st.sampled_from(range(len(ACTIONS))),
    st.integers(min_value=0, max_value=5),
    st.integers(min_value=0, max_value=25),
)


@settings(max_examples=200, deadline=None)
@given(actions=st.lists(_action, max_size=25))
def test_nothing_appears_or_vanishes_whatever_happens(actions: list[tuple[int, int, int]]) -> None:
    here = world()
    for which, number, amount in actions:
        ACTIONS[which](here, number, amount)
        allocation.serve(here.bench)
        assert conservation.breaches(sums(here)) == ()
        for pool in here.bench.pools.values():
            assert 0 <= pool.allocated <= pool.on_hand
            assert pool.blocked >= 0


@settings(max_examples=100, deadline=None)
@given(
    totals=st.lists(st.integers(min_value=0, max_value=40), min_size=1, max_size=12),
    stock=st.integers(min_value=0, max_value=20),
)
def test_what_orders_used_was_taken_or_was_missing(totals: list[int], stock: int) -> None:
    here = world(orders=1)
    bench, plan = here.bench, plan_of(here, 0)
    counting.count(
        bench,
        bench.pools[GLUE],
        HandPosting(SPOTS[0], Decimal(stock), occasion(MovementKind.COUNT)),
    )
    plan.requirements = plan.requirements[:1]
    for total in totals:
        log(here, 0, total)
    (glue,) = plan.requirements
    missing = sum((m.quantity for m in bench.miscounts.open.values()), Decimal(0))
    taken = -sum(
        (m.quantity for m in bench.room.movements if m.occasion.requirement_id), Decimal(0)
    )
    assert (
        taken + missing
        == glue.issued
        == backflush.used_for(consumption.usage_of(glue), Decimal(totals[-1]))
    )
    assert bench.pools[GLUE].on_hand == stock - taken >= 0
