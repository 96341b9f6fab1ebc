"""What an event asks for depends on versions alone, never on the order of arrival."""

from typing import Any

import pytest

from lineside_contracts.planning import ProductionOrder
from lineside_contracts.routing import RunStatus
from lineside_contracts.shopfloor import OperationStatus, WorkOrderStatus
from lineside_routing.domain import orders, progress
from lineside_routing.domain.orders import Ask, ExpansionStatus, Known, OrderFacts
from lineside_routing.domain.selection import Choice, RoutingKey
from lineside_testkit import builders

ORDER = builders.production_order()


def order(version: int = 1, planning_version: int = 1, **over: Any) -> ProductionOrder:
    return ProductionOrder.model_validate(
        {**ORDER.model_dump(), "version": version, "planning_version": planning_version, **over}
    )


def known(status: str, order_version: int = 1, planning_version: int = 1) -> Known:
    return Known(
        id=ORDER.id,
        version=1,
        status=ExpansionStatus(status),
        order_version=order_version,
        planning_version=planning_version,
        product_category="PRINT",
        faults=(orders.routing_missing(ORDER.product_code, "PRINT"),),
    )


@pytest.mark.parametrize(
    ("event", "stored", "ask"),
    [
        (order(), None, Ask.EXPAND),
        (order(), known("expanded"), Ask.NOTHING),
        (order(7), known("expanded"), Ask.NOTHING),
        (order(2, 2), known("expanded"), Ask.EXPAND),
        (order(1, 1), known("expanded", 2, 2), Ask.NOTHING),
        (order(1), known("failed"), Ask.NOTHING),
        (order(2), known("failed"), Ask.EXPAND),
        (order(1), known("failed", 2), Ask.NOTHING),
        (order(2, status="cancelled"), known("expanded"), Ask.CANCEL),
        (order(2, status="cancelled"), None, Ask.CANCEL),
        (order(1), known("cancelled", 2), Ask.NOTHING),
        (order(9, 9), known("cancelled", 2), Ask.NOTHING),
        (order(9, status="cancelled"), known("cancelled", 2), Ask.NOTHING),
    ],
)
def test_an_event_asks_by_its_versions(event: ProductionOrder, stored: Any, ask: Ask) -> None:
    assert orders.asked(event, stored) is ask


def test_facts_survive_the_wait() -> None:
    facts = orders.facts_of(order())
    assert OrderFacts.model_validate(facts.model_dump(mode="json")) == facts
    assert facts.order.quantity == ORDER.quantity_ordered
    assert facts.target("OTHER").plant_code == "OTHER"
    assert facts.target(None).plant_code == builders.PLANT


def test_a_failure_is_news_only_for_another_planning_version_or_reason() -> None:
    facts = orders.facts_of(order())
    same = known("failed").faults
    assert orders.says_nothing_new(known("failed"), facts, same)
    assert not orders.says_nothing_new(known("failed"), facts, ())
    assert not orders.says_nothing_new(known("expanded"), facts, same)
    assert not orders.says_nothing_new(None, facts, same)
    assert not orders.says_nothing_new(known("failed"), orders.facts_of(order(2, 2)), same)


def test_the_product_comes_before_its_category() -> None:
    own, shared = RoutingKey(ORDER.id, 1), RoutingKey(ORDER.id, 2)
    assert Choice("P", "C", None, own, shared).routing == own
    assert Choice("P", "C", None, None, shared).routing == shared
    assert Choice("P", "C").routing is None


@pytest.mark.parametrize(
    ("work_order", "operation", "run"),
    [
        ("planned", "pending", "planned"),
        ("released", "pending", "released"),
        ("in_progress", "pending", "released"),
        ("in_progress", "in_progress", "in_progress"),
        ("in_progress", "completed", "completed"),
        ("completed", "pending", "completed"),
        ("cancelled", "pending", "cancelled"),
        ("cancelled", "completed", "completed"),
    ],
)
def test_a_run_mirrors_its_operation(work_order: str, operation: str, run: str) -> None:
    told = progress.run_status(WorkOrderStatus(work_order), OperationStatus(operation))
    assert told is RunStatus(run)
