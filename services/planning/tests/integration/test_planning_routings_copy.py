"""Planning's copy of the routings: the newest of each template, the product's own first."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context
from lineside_contracts.routing import Routing, RoutingStatus
from lineside_planning.master_data.domain.routings import RoutingFacts
from lineside_planning.master_data.store import routings
from lineside_testkit import builders
from lineside_testkit.harness import Harness

PRINT = {
    "sequence_number": 10,
    "operation_code": "PRINT",
    "planned_work_center_code": "PRESS",
    "planned_setup_minutes": Decimal(30),
    "planned_run_seconds_per_unit": Decimal("0.36"),
    "yield_percentage": Decimal(98),
}
FOLD = {
    "sequence_number": 20,
    "operation_code": "FOLD",
    "run_time_per_unit_seconds": Decimal(3),
    "setup_time_minutes": Decimal(5),
    "work_center_code": "FOLDER",
}


class Copies:
    """The copy of one tenant."""

    def __init__(self, database: Database, tenant: UUID) -> None:
        self.database = database
        self.context = Context(tenant_id=tenant, correlation_id=SYSTEM_CLOCK.new_id())

    async def keep(self, *states: Routing) -> None:
        async with self.database.unit_of_work(self.context) as uow:
            routings.keep(uow, states)

    async def of(self, product_code: str, category: str | None) -> RoutingFacts | None:
        async with self.database.unit_of_work(self.context) as uow:
            found = await routings.load_active(uow, {product_code: category})
        return found.get(product_code)


@pytest.fixture
async def copies(harness: Harness) -> Any:
    database = Database(harness.installation.database("planning").urls["app"], service="copies")
    yield Copies(database, harness.new_tenant())
    await database.close()


def template(code: str, **over: Any) -> Routing:
    values = {"status": "active", "product_category": None, "operations": (PRINT, FOLD)}
    return builders.routing(routing_code=code, **(values | over))


async def test_a_products_own_routing_goes_before_its_categorys(copies: Copies) -> None:
    shared = template("R-SHARED", product_code=None, product_category="PRINT")
    own = template("R-OWN", product_code="POSTER")
    await copies.keep(shared, own)
    for product, expected in (("POSTER", "R-OWN"), ("FLYER", "R-SHARED")):
        found = await copies.of(product, "PRINT")
        assert found is not None
        assert found.routing_code == expected
    assert await copies.of("FLYER", "BOXES") is None


async def test_a_retired_routing_makes_nothing_whatever_comes_first(copies: Copies) -> None:
    active = template("R-OWN", product_code="POSTER", version=2)
    retired = active.model_copy(update={"status": RoutingStatus.RETIRED, "version": 3})
    await copies.keep(retired)
    await copies.keep(active)
    assert await copies.of("POSTER", None) is None


async def test_a_copy_answers_as_routing_would(copies: Copies) -> None:
    await copies.keep(template("R-OWN", product_code="POSTER"))
    found = await copies.of("POSTER", None)
    assert found is not None
    plan = found.plan(0)
    assert plan is not None
    planned = plan.plan(Decimal(10_000))
    assert [quantity.planned_input for quantity in planned] == [10_205, 10_000]
    assert plan.minutes(planned) == (Decimal("61.23"), Decimal(500))
    press, folder = found.operations
    assert [press.work_center_code, press.setup_minutes] == ["PRESS", 30]
    assert [folder.work_center_code, folder.setup_minutes] == ["FOLDER", 5]
    assert folder.predecessors == (10,)
    assert found.unknown == ()


async def test_what_a_template_does_not_say_is_named(copies: Copies) -> None:
    silent = {"sequence_number": 10, "operation_code": "PRINT"}
    await copies.keep(template("R-OLD", product_code="POSTER", operations=(silent,)))
    found = await copies.of("POSTER", None)
    assert found is not None
    assert found.unknown == ("R-OLD does not say how long operation 10 takes.",)
