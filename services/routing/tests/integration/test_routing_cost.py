"""What an expansion costs in statements, as PostgreSQL counts them, BEGIN and COMMIT included.

Sending the event costs two more, which the relay shares among all that wait.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from lineside_contracts.planning import ProductionOrderCreated
from lineside_contracts.routing import RoutingExpanded, RoutingFailed
from lineside_testkit import builders

SENT = ("before_cursor_execute", "begin", "commit")


@pytest.fixture
def statements() -> Iterator[list[str]]:
    sent: list[str] = []

    def note(*about: Any) -> None:
        sent.append(str(about[2]) if len(about) > 2 else "begin or commit")

    for name in SENT:
        event.listen(Engine, name, note)
    yield sent
    for name in SENT:
        event.remove(Engine, name, note)


async def test_an_order_costs_six_statements_once_its_template_is_known(
    works: Any, statements: list[str]
) -> None:
    await works.active()
    await works.order()
    await works.heard(RoutingExpanded)
    await works.harness.settle()
    statements.clear()
    await works.order()
    await works.heard(RoutingExpanded, 2)
    await works.harness.settle()
    # BEGIN, begin_work, lock expansions, choose routings, write, COMMIT
    assert len(statements) == 6, statements


async def test_a_backlog_costs_less_than_one_statement_per_order(
    works: Any, statements: list[str]
) -> None:
    await works.active()
    await works.order()
    await works.heard(RoutingExpanded)
    await works.harness.settle()
    statements.clear()
    events = [
        ProductionOrderCreated(production_order=builders.production_order()) for _ in range(300)
    ]
    await asyncio.gather(*(works.say(event) for event in events))
    await works.heard(RoutingExpanded, 301)
    await works.harness.settle()
    assert len(statements) < 300


async def test_a_failure_costs_two_transactions(works: Any, statements: list[str]) -> None:
    statements.clear()
    await works.order()
    await works.heard(RoutingFailed)
    await works.harness.settle()
    assert len([s for s in statements if "begin_work" in s]) == 2
    assert len(statements) <= 15, statements
