"""Child orders follow what their parent needs made."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.planning import ChildNeed, ProductionOrderStatus as Status
from lineside_planning.orders.domain import children, openings, orders
from lineside_planning.orders.domain.facts import ProductFacts, ProjectFacts
from lineside_planning.orders.domain.openings import Birth
from lineside_planning.orders.domain.orders import PlannedOrder
from lineside_testkit import builders

PRODUCT = ProductFacts("BLOCK", "Book block", "PRINT", "EA", 0, "OTHER", "Europe/Berlin")


def parent(**over: Any) -> PlannedOrder:
    return PlannedOrder(builders.production_order(status="routed", priority="high", **over))


def need(**over: Any) -> ChildNeed:
    values = {
        "id": SYSTEM_CLOCK.new_id(),
        "requirement_id": SYSTEM_CLOCK.new_id(),
        "product_code": "BLOCK",
        "quantity": Decimal(1_021),
        "unit_code": "EA",
        "due_date": date(2026, 12, 9),
    }
    return ChildNeed.model_validate(values | over)


def opened(of: PlannedOrder, wanted: ChildNeed, **over: Any) -> PlannedOrder:
    project = ProjectFacts(of.state.project_id, of.state.project_number, of.state.project_name)
    birth = Birth(wanted.id, "MO-2026-000002", project, builders.ACTOR, builders.AT)
    return openings.open_for_parent(of, wanted, birth=birth, product=PRODUCT).having(**over)


def only_change(means: children.Children) -> PlannedOrder:
    (change,) = means.changes
    return change.after


def test_a_child_is_made_for_its_parent() -> None:
    above, wanted = parent(level=2), need()
    assert children.reconcile(above, [wanted], []).openings == (wanted,)
    child = opened(above, wanted)
    state = child.state
    assert (state.id, state.level, state.parent_order_id) == (wanted.id, 3, above.state.id)
    assert state.parent_order_number == above.state.production_order_number
    assert (state.project_id, state.priority, state.plant_code) == (
        above.state.project_id,
        "high",
        "MAIN",
    )
    assert (state.quantity_ordered, state.due_date) == (Decimal(1_021), date(2026, 12, 9))
    assert (state.sales_order_id, state.sales_line_number) == (None, None)
    again = children.reconcile(above, [wanted], [child])
    assert (again.openings, again.changes) == ((), ())


def test_a_need_that_changes_before_the_start_is_planned_anew() -> None:
    above, wanted = parent(), need()
    child = opened(above, wanted)
    sooner = wanted.model_copy(update={"due_date": date(2026, 12, 7)})
    dated = only_change(children.reconcile(above, [sooner], [child]))
    assert (dated.state.due_date, dated.state.planning_version) == (date(2026, 12, 7), 1)
    more = wanted.model_copy(update={"quantity": Decimal(2_000)})
    grown = only_change(children.reconcile(above, [more], [child]))
    assert (grown.state.quantity_ordered, grown.state.planning_version) == (Decimal(2_000), 2)


def test_what_a_planner_set_stays_where_the_need_did_not_change_it() -> None:
    above, wanted = parent(), need()
    child = opened(above, wanted).having(quantity_ordered=Decimal(1_500))
    sooner = wanted.model_copy(update={"due_date": date(2026, 12, 7)})
    after = only_change(children.reconcile(above, [sooner], [child]))
    assert after.state.quantity_ordered == Decimal(1_500)


def test_a_child_in_progress_is_left_alone_and_a_person_decides() -> None:
    above, wanted = parent(), need()
    child = opened(above, wanted, status=Status.IN_PROGRESS)
    more = wanted.model_copy(update={"quantity": Decimal(2_000)})
    noted = only_change(children.reconcile(above, [more], [child]))
    (note,) = noted.state.exceptions
    assert note.code == "child_need_changed"
    assert (note.facts["old"], note.facts["new"]) == ({"quantity": "1021"}, {"quantity": "2000"})
    assert noted.state.quantity_ordered == Decimal(1_021)
    back = only_change(children.reconcile(above, [wanted], [noted]))
    assert back.state.exceptions == ()
    gone = only_change(children.reconcile(above, [], [child]))
    assert [e.code for e in gone.state.exceptions] == ["child_need_gone"]


def test_a_need_that_is_gone_cancels_what_has_not_started() -> None:
    above, wanted = parent(), need()
    child = opened(above, wanted)
    (change,) = children.reconcile(above, [], [child]).changes
    assert (change.after.state.status, change.after.cancelled_by) == (Status.CANCELLED, "parent")
    assert change.reason


def test_a_cancelled_parent_needs_nothing_whatever_its_plan_still_says() -> None:
    above, wanted = parent(), need()
    child = opened(above, wanted)
    called_off = orders.cancel(above, by="sales")
    means = children.reconcile(called_off, [wanted, need()], [child])
    assert means.openings == ()
    assert only_change(means).state.status is Status.CANCELLED


def test_a_persons_cancellation_stands_until_the_need_changes() -> None:
    above, wanted = parent(), need()
    child = orders.cancel(opened(above, wanted), by="person")
    means = children.reconcile(above, [wanted], [child])
    assert (means.openings, means.changes) == ((), ())
    assert [e.code for e in means.parent.state.exceptions] == ["child_cancelled"]
    renamed = wanted.model_copy(update={"id": SYSTEM_CLOCK.new_id()})
    assert children.reconcile(above, [renamed], [child]).openings == ()
    changed = renamed.model_copy(update={"quantity": Decimal(5)})
    again = children.reconcile(means.parent, [changed], [child])
    assert again.openings == (changed,)
    assert again.parent.state.exceptions == ()


def test_nothing_is_made_more_than_fifty_levels_down() -> None:
    assert children.reconcile(parent(level=49), [need()], []).openings
    deepest = children.reconcile(parent(level=50), [need()], [])
    assert deepest.openings == ()
    assert [e.code for e in deepest.parent.state.exceptions] == ["bom_too_deep"]


def test_a_completed_child_no_longer_follows() -> None:
    above, wanted = parent(), need()
    child = replace(opened(above, wanted, status=Status.COMPLETED))
    more = wanted.model_copy(update={"quantity": Decimal(2_000)})
    assert children.reconcile(above, [more], [child]).changes == ()
    assert children.reconcile(above, [], [child]).changes == ()
