"""Long routings, long orders and large projects: nothing is cut off, jammed or left unanswered."""

from lineside_contracts.routing import RoutingExpanded, RoutingFields
from lineside_contracts.sales import SalesOrderAccepted
from lineside_testkit import recording
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import AMENDED, Journey
from lineside_testkit.printing_plant import FLYER

OPERATIONS = 1000
LINES = 300
ORDERS = 250
"""More than a prediction lists of one project."""

MEBIBYTE = 1024 * 1024


async def test_a_routing_of_1000_operations_is_expanded_and_expanded_again(chain: Harness) -> None:
    journey = await Journey.begin(chain, routed=())
    operations = [
        {
            "sequence_number": 10 * (n + 1),
            "operation_code": "PACK" if n % 2 else "PRINT",
            "yield_percentage": "99.9",
        }
        for n in range(OPERATIONS)
    ]
    fields = {
        "routing_code": "R-LONG",
        "routing_name": "Long",
        "product_code": FLYER,
        "operations": operations,
    }
    await journey.activate_routing(RoutingFields.model_validate(fields))
    await journey.confirm(journey.document("SO-1", lines=[journey.line(product_code=FLYER)]))
    await journey.work_orders(count=OPERATIONS, timeout_seconds=30)
    amended = [journey.line(product_code=FLYER, quantity="20000")]
    await journey.confirm(journey.document("SO-1", revision=2, lines=amended), subject=AMENDED)
    await chain.settle(timeout=30)
    (order,) = await journey.production_orders(count=1, status="routed")
    runs = (await journey.expansion(order.id)).runs
    assert len(runs) == OPERATIONS
    assert runs[-1].planned_output == 20_000
    assert len(await journey.work_orders(count=OPERATIONS)) == OPERATIONS
    said = await recording.record(await chain.jetstream(), journey.tenant_id)
    largest = max(len(message.body) for message in said if message.name == "routing.expanded")
    assert largest > MEBIBYTE / 2, "a message that the broker's default would nearly refuse"
    assert len(await chain.events(RoutingExpanded, tenant_id=journey.tenant_id)) == 2


async def test_an_order_of_many_lines_is_made_and_promised_whole(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    lines = [journey.line(n + 1, product_code=FLYER, quantity="98") for n in range(LINES)]
    await journey.confirm(journey.document("SO-1", lines=lines))
    orders = await journey.production_orders(count=LINES, status="routed", timeout_seconds=30)
    assert [order.sales_line_number for order in orders] == list(range(1, LINES + 1))
    await journey.work_orders(count=LINES)
    (accepted,) = await chain.events(SalesOrderAccepted, tenant_id=journey.tenant_id)
    assert accepted.payload.sales_order.promised_date == journey.due_on


async def test_every_order_of_a_large_project_is_promised(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    lines = [journey.line(product_code=FLYER, quantity="98")]
    project = {"number": "P-LARGE"}
    await journey.confirm(
        *(journey.document(f"SO-{n}", project=project, lines=lines) for n in range(ORDERS))
    )
    await journey.work_orders(count=ORDERS, timeout_seconds=30)
    await chain.settle(timeout=60)
    accepted = await chain.events(SalesOrderAccepted, tenant_id=journey.tenant_id, count=ORDERS)
    assert len({event.payload.sales_order.order_number for event in accepted}) == ORDERS
