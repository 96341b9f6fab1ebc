"""What a sales order's newest state means for its production orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given, settings, strategies as st

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.planning import ProductionOrderStatus as Status
from lineside_contracts.sales import SalesOrder
from lineside_planning.orders.domain import openings, orders, sales_lines, sealing
from lineside_planning.orders.domain.facts import ProductFacts, ProjectFacts
from lineside_planning.orders.domain.openings import Birth
from lineside_planning.orders.domain.orders import PlannedOrder
from lineside_testkit import builders

PROJECT = ProjectFacts(SYSTEM_CLOCK.new_id(), "P-1001", "Autumn campaign")
PRODUCTS = {
    code: ProductFacts(code, f"Product {code}", "PRINT", "EA", 0, "MAIN", "Europe/Berlin")
    for code in (builders.BROCHURE, builders.BOOK)
}
SALES_ORDER_ID = SYSTEM_CLOCK.new_id()


@dataclass
class Desk:
    """Planning without a database: applies states the way the consumer does."""

    known: list[PlannedOrder] = field(default_factory=list)
    version: int = 0

    def take(self, sales_order: SalesOrder) -> None:
        if sales_order.version <= self.version:
            return
        self.version = sales_order.version
        means = sales_lines.reconcile(sales_order, self.known, PRODUCTS)
        for change in means.changes:
            sealed = sealing.seal(change, actor=builders.ACTOR, now=builders.AT)
            self.put(change.before, sealed.order if sealed else change.after)
        for line in means.openings:
            birth = Birth(
                SYSTEM_CLOCK.new_id(), f"MO-{len(self.known)}", PROJECT, builders.ACTOR, builders.AT
            )
            product = PRODUCTS.get(line.product_code)
            self.known.append(
                openings.open_for_line(sales_order, line, birth=birth, product=product)
            )

    def put(self, before: PlannedOrder, after: PlannedOrder) -> None:
        self.known = [after if order is before else order for order in self.known]

    def live(self) -> list[PlannedOrder]:
        return [order for order in self.known if order.state.status is not Status.CANCELLED]

    def only(self) -> PlannedOrder:
        (order,) = self.live()
        return order


def sales(version: int, lines: Iterable[dict[str, Any]] | None = None, **over: Any) -> SalesOrder:
    found: SalesOrder = builders.sales_order(
        id=SALES_ORDER_ID,
        version=version,
        revision=over.pop("revision", version),
        lines=[builders.sales_order_line()] if lines is None else list(lines),
        **over,
    )
    return found


def line(number: int = 1, **over: Any) -> dict[str, Any]:
    return builders.sales_order_line(line_number=number, **over)


def started(order: PlannedOrder) -> PlannedOrder:
    return orders.advance(order, Status.IN_PROGRESS)


def test_each_line_becomes_one_order_with_its_products_data() -> None:
    desk = Desk()
    desk.take(sales(1, [line(1), line(2, product_code=builders.BOOK, quantity=Decimal(5))]))
    first, second = (order.state for order in desk.known)
    assert (first.sales_line_number, second.sales_line_number) == (1, 2)
    assert (second.product_code, second.quantity_ordered) == (builders.BOOK, Decimal(5))
    assert (second.product_name, second.plant_code) == ("Product BOOK-A5", "MAIN")
    assert first.status is Status.PLANNED


def test_an_unknown_product_holds_its_order_until_it_appears() -> None:
    desk = Desk()
    desk.take(sales(1, [line(product_code="NEW")]))
    held = desk.only()
    assert held.state.status is Status.ON_HOLD
    assert held.state.held_by == "system"
    assert [fault.code for fault in held.state.faults] == ["unknown_product"]
    met = openings.meet_product(held, ProductFacts("NEW", "New", None, "EA", 2, "MAIN", None))
    assert met.state.faults == ()
    assert (met.state.product_name, met.state.unit_decimals) == ("New", 2)
    assert met.state.planning_version == held.state.planning_version + 1


def test_a_changed_quantity_asks_for_a_new_expansion() -> None:
    desk = Desk()
    desk.take(sales(1))
    desk.take(sales(2, [line(quantity=Decimal(12_000))]))
    assert desk.only().state.quantity_ordered == Decimal(12_000)
    assert desk.only().state.planning_version == 2
    assert desk.only().state.version == 2


def test_a_changed_date_keeps_the_expansion() -> None:
    desk = Desk()
    desk.take(sales(1))
    later = builders.DUE_ON + timedelta(days=3)
    desk.take(sales(2, [line(due_date=later)], priority="urgent"))
    state = desk.only().state
    assert (state.due_date, state.priority, state.planning_version) == (later, "urgent", 1)


def test_a_changed_product_brings_its_own_data() -> None:
    desk = Desk()
    desk.take(sales(1))
    desk.take(sales(2, [line(product_code=builders.BOOK)]))
    assert desk.only().state.product_name == "Product BOOK-A5"
    assert desk.only().state.planning_version == 2


def test_a_missing_line_is_cancelled_and_a_new_one_opened() -> None:
    desk = Desk()
    desk.take(sales(1, [line(1)]))
    desk.take(sales(2, [line(2)]))
    assert [order.state.status for order in desk.known] == [Status.CANCELLED, Status.PLANNED]
    assert desk.only().state.sales_line_number == 2


def test_an_amendment_of_another_line_leaves_a_planners_change() -> None:
    desk = Desk()
    desk.take(sales(1, [line(1), line(2)]))
    first = desk.known[0]
    desk.put(first, first.having(quantity_ordered=Decimal(11_000)))
    desk.take(sales(2, [line(1), line(2, quantity=Decimal(7))]))
    assert [o.state.quantity_ordered for o in desk.known] == [Decimal(11_000), Decimal(7)]


def test_work_in_progress_is_left_alone_and_noted() -> None:
    desk = Desk()
    desk.take(sales(1))
    desk.put(desk.only(), started(desk.only()))
    desk.take(sales(2, [line(quantity=Decimal(500))]))
    order = desk.only()
    (exception,) = order.state.exceptions
    assert order.state.quantity_ordered == Decimal(10_000)
    assert exception.code == "amend_in_progress"
    assert exception.facts["old"] == {"quantity": "10000"}
    assert exception.facts["new"] == {"quantity": "500"}


def test_the_note_goes_when_sales_wants_what_is_being_made() -> None:
    desk = Desk()
    desk.take(sales(1))
    desk.put(desk.only(), started(desk.only()))
    desk.take(sales(2, [line(quantity=Decimal(500))]))
    desk.take(sales(3))
    assert desk.only().state.exceptions == ()


def test_a_line_that_goes_and_returns_while_work_runs_keeps_its_note() -> None:
    desk = Desk()
    desk.take(sales(1, [line(1), line(2)]))
    desk.put(desk.known[0], started(desk.known[0]))
    desk.take(sales(2, [line(1, quantity=Decimal(500)), line(2)]))
    desk.take(sales(3, [line(2)]))
    assert {e.code for e in desk.known[0].state.exceptions} == {
        "amend_in_progress",
        "cancel_in_progress",
    }
    desk.take(sales(4, [line(1, quantity=Decimal(500)), line(2)]))
    assert [e.code for e in desk.known[0].state.exceptions] == ["amend_in_progress"]


def test_a_cancellation_spares_what_has_started_and_notes_it() -> None:
    desk = Desk()
    desk.take(sales(1, [line(1), line(2)]))
    desk.put(desk.known[0], started(desk.known[0]))
    desk.take(sales(2, status="cancelled", cancel_reason="Too late"))
    first, second = desk.known
    assert first.state.status is Status.IN_PROGRESS
    assert [exception.code for exception in first.state.exceptions] == ["cancel_in_progress"]
    assert second.state.status is Status.CANCELLED


def test_only_a_new_confirmation_reopens_and_with_new_orders() -> None:
    desk = Desk()
    desk.take(sales(1))
    desk.take(sales(2, status="cancelled"))
    desk.take(sales(3, confirmation_count=2))
    assert [order.state.status for order in desk.known] == [Status.CANCELLED, Status.PLANNED]


def test_a_reopening_is_seen_even_when_the_cancellation_was_not() -> None:
    desk = Desk()
    desk.take(sales(1))
    desk.take(sales(3, confirmation_count=2))
    assert [order.state.status for order in desk.known] == [Status.CANCELLED, Status.PLANNED]


def test_a_cancellation_that_comes_first_leaves_nothing_to_make() -> None:
    desk = Desk()
    desk.take(sales(2, status="cancelled"))
    desk.take(sales(1))
    assert desk.known == []


def test_a_persons_cancellation_stands_until_sales_asks_for_something_else() -> None:
    desk = Desk()
    desk.take(sales(1))
    desk.put(desk.only(), orders.cancel(desk.only(), by="person"))
    desk.take(sales(2, [line(1), line(2)]))
    assert [order.state.sales_line_number for order in desk.live()] == [2]
    desk.take(sales(3, [line(1, quantity=Decimal(3)), line(2)]))
    assert {o.state.sales_line_number for o in desk.live()} == {1, 2}


@st.composite
def histories(draw: st.DrawFn) -> list[SalesOrder]:
    """A sales order's states, version by version, as the bridge publishes them."""
    states: list[SalesOrder] = []
    confirmations, cancelled = 1, False
    for version in range(1, draw(st.integers(1, 7)) + 1):
        if states and not cancelled and draw(st.integers(0, 3)) == 0:
            cancelled = True
        elif cancelled:
            cancelled, confirmations = False, confirmations + 1
        numbers = draw(st.sets(st.integers(1, 4), min_size=1))
        lines = [
            line(
                number,
                product_code=draw(st.sampled_from([builders.BROCHURE, builders.BOOK, "NEW"])),
                quantity=Decimal(draw(st.integers(1, 3))),
                due_date=builders.DUE_ON + timedelta(days=draw(st.integers(0, 1))),
            )
            for number in sorted(numbers)
        ]
        states.append(
            sales(
                version,
                lines,
                status="cancelled" if cancelled else "confirmed",
                confirmation_count=confirmations,
                priority=draw(st.sampled_from(["low", "urgent"])),
            )
        )
    return states


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[SalesOrder], list[SalesOrder]]:
    """A history, and how it arrives: in any order, with repetitions, all of it."""
    states = draw(histories())
    repeated = draw(st.lists(st.sampled_from(states), max_size=4))
    return states, draw(st.permutations([*states, *repeated]))


def content(known: Sequence[PlannedOrder]) -> set[tuple[object, ...]]:
    return {
        (
            order.confirmation_count,
            order.state.sales_line_number,
            order.state.product_code,
            order.state.quantity_ordered,
            order.state.due_date,
            order.state.priority,
            orders.standing(order),
            orders.waits_for_product(order),
        )
        for order in known
    }


@settings(deadline=None, max_examples=300)
@given(deliveries())
def test_revisions_in_any_order_end_in_the_same_orders(
    case: tuple[list[SalesOrder], list[SalesOrder]],
) -> None:
    history, arriving = case
    calm, wild = Desk(), Desk()
    for state in history:
        calm.take(state)
    for state in arriving:
        wild.take(state)
    # Who waited for a product in between may still be held until its routing answers.
    assert content(wild.live()) == content(calm.live())
    assert len(wild.live()) == len(content(wild.live()))


@settings(deadline=None, max_examples=300)
@given(deliveries(), st.data())
def test_work_in_progress_never_changes_and_differences_are_always_noted(
    case: tuple[list[SalesOrder], list[SalesOrder]], data: st.DataObject
) -> None:
    _, arriving = case
    desk = Desk()
    begun: dict[UUID, tuple[object, ...]] = {}
    for state in arriving:
        desk.take(state)
        if desk.live() and data.draw(st.sampled_from([True, False])):
            order = data.draw(st.sampled_from(desk.live()))
            desk.put(order, started(order))
            begun.setdefault(order.state.id, _made(order))
    for order in desk.live():
        if order.state.id in begun:
            assert _made(order) == begun[order.state.id]
            is_wanted = _is_wanted(order, max(arriving, key=lambda state: state.version))
            assert bool(order.state.exceptions) == (not is_wanted)


def _made(order: PlannedOrder) -> tuple[object, ...]:
    state = order.state
    return (state.product_code, state.quantity_ordered, state.due_date, state.priority)


def _is_wanted(order: PlannedOrder, newest: SalesOrder) -> bool:
    if newest.status == "cancelled" or order.confirmation_count != newest.confirmation_count:
        return False
    return any(
        (row.line_number, row.product_code, row.quantity, row.due_date, newest.priority)
        == (order.state.sales_line_number, *_made(order))
        for row in newest.lines
    )
