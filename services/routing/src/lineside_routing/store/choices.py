"""Which active routings fit some products right now: one statement for a whole batch."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.routing import RoutingStatus
from lineside_routing import tables
from lineside_routing.domain.selection import Choice, RoutingKey

Pair = tuple[str, str | None]
"""A product code, and the category an order says it has."""


def _choices_query() -> Any:
    codes = bindparam("codes", type_=ARRAY(Text))
    categories = bindparam("categories", type_=ARRAY(Text))
    wanted = func.unnest(codes, categories).table_valued("code", "category").render_derived()
    product = tables.products
    own = tables.routing_templates.alias("own")
    shared = tables.routing_templates.alias("shared")
    category = func.coalesce(product.c.product_category, wanted.c.category)
    joined = (
        wanted.outerjoin(product, and_(product.c.product_code == wanted.c.code, ~product.c.deleted))
        .outerjoin(
            own, and_(own.c.product_code == wanted.c.code, own.c.status == RoutingStatus.ACTIVE)
        )
        .outerjoin(
            shared,
            and_(
                shared.c.product_category == category,
                shared.c.product_code.is_(None),
                shared.c.status == RoutingStatus.ACTIVE,
            ),
        )
    )
    return select(
        wanted.c.code,
        wanted.c.category.label("said_category"),
        category.label("category"),
        product.c.plant_code,
        own.c.id.label("own_id"),
        own.c.version.label("own_version"),
        shared.c.id.label("shared_id"),
        shared.c.version.label("shared_version"),
    ).select_from(joined)


_CHOICES = _choices_query()


async def choices(uow: UnitOfWork, pairs: Sequence[Pair]) -> Mapping[Pair, Choice]:
    """Load what is known for some products, by what their orders say."""
    wanted = sorted(set(pairs), key=lambda pair: (pair[0], pair[1] or ""))
    found = await uow.connection.execute(
        _CHOICES,
        {
            "codes": [code for code, _ in wanted],
            "categories": [category for _, category in wanted],
        },
    )
    return {(row.code, row.said_category): _choice(row) for row in found}


def _choice(row: Row[Any]) -> Choice:
    return Choice(
        product_code=row.code,
        product_category=row.category,
        plant_code=row.plant_code,
        by_product=_key(row.own_id, row.own_version),
        by_category=_key(row.shared_id, row.shared_version),
    )


def _key(routing_id: UUID | None, version: int | None) -> RoutingKey | None:
    return RoutingKey(routing_id, version) if routing_id and version else None
