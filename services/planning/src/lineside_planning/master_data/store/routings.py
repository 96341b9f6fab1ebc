"""Active routings of products: the product's own first, then its category's (SPEC 6)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Text, and_, cast, or_, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.routing import Routing, RoutingStatus
from lineside_planning.master_data.domain import routings
from lineside_planning.master_data.domain.routings import RoutingContent, RoutingFacts
from lineside_planning.master_data.tables import routings as table

_c = table.c


def keep(uow: UnitOfWork, states: Sequence[Routing]) -> None:
    """Register templates as routing has them now; older states change nothing."""
    rows = []
    for state in states:
        dumped = state.model_dump(mode="json")
        rows.append({column: dumped[column] for column in _KEPT})
    uow.upsert(table, rows, key=("id",), newer_by="version")


async def load_active(
    uow: UnitOfWork, categories_of: Mapping[str, str | None]
) -> Mapping[str, RoutingFacts]:
    """Load what some products are made by.

    Args:
        uow: The unit of work.
        categories_of: The category of each product asked for.

    Returns:
        By product code; a product without a routing is not in it.
    """
    categories = sorted({category for category in categories_of.values() if category})
    query = select(
        _c.product_code,
        _c.product_category,
        _c.id,
        _c.version,
        _c.routing_code,
        _c.routing_version,
        cast(_c.operations, Text).label("operations"),
    ).where(
        _c.status == RoutingStatus.ACTIVE,
        or_(
            one_of(_c.product_code, sorted(categories_of)),
            and_(_c.product_code.is_(None), one_of(_c.product_category, categories)),
        ),
    )
    by_product: dict[str, RoutingFacts] = {}
    by_category: dict[str, RoutingFacts] = {}
    for row in await uow.connection.execute(query.order_by(_c.routing_version, _c.id)):
        facts = routings.routing_facts(
            RoutingContent(
                row.id, row.version, row.routing_code, row.routing_version, row.operations
            )
        )
        if row.product_code is not None:
            by_product[row.product_code] = facts
        else:
            by_category[row.product_category] = facts
    found = {
        code: by_product.get(code) or by_category.get(category or "")
        for code, category in categories_of.items()
    }
    return {code: facts for code, facts in found.items() if facts is not None}


_KEPT = (
    "id",
    "version",
    "routing_code",
    "routing_version",
    "product_code",
    "product_category",
    "status",
    "operations",
)
