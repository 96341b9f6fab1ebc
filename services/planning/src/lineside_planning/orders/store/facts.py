"""What a decision about orders needs of tenant, products and projects, in one question."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Text,
    and_,
    bindparam,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, UUID as PG_UUID
from sqlalchemy.sql.expression import ColumnElement, any_, cast

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.master_data.tables import plants, products, projects, tenants
from lineside_planning.orders.domain.facts import Facts, ProductFacts, ProjectFacts, TenantFacts


def _text() -> ColumnElement[Any]:
    return cast(null(), Text)


_FACTS: CompoundSelect[Any] = union_all(
    select(
        literal("product").label("kind"),
        cast(null(), PG_UUID).label("id"),
        products.c.product_code.label("code"),
        products.c.product_name.label("name"),
        products.c.product_category.label("category"),
        products.c.unit_code.label("unit_code"),
        products.c.unit_decimals.label("unit_decimals"),
        products.c.plant_code.label("plant_code"),
        plants.c.time_zone.label("time_zone"),
    )
    .select_from(
        products.outerjoin(
            plants,
            and_(
                plants.c.tenant_id == products.c.tenant_id,
                plants.c.plant_code == products.c.plant_code,
            ),
        )
    )
    .where(
        products.c.product_code == any_(bindparam("product_codes", type_=ARRAY(TEXT))),
        ~products.c.deleted,
    ),
    select(
        literal("project"),
        projects.c.id,
        projects.c.project_number,
        projects.c.project_name,
        *(_text() for _ in range(2)),
        cast(null(), Integer),
        *(_text() for _ in range(2)),
    ).where(
        projects.c.project_number == any_(bindparam("project_numbers", type_=ARRAY(TEXT))),
        ~projects.c.deleted,
    ),
    select(
        literal("tenant"),
        tenants.c.id,
        tenants.c.production_order_prefix,
        tenants.c.status,
        *(_text() for _ in range(2)),
        cast(null(), Integer),
        _text(),
        tenants.c.time_zone,
    ),
)


async def load(
    uow: UnitOfWork, *, product_codes: Sequence[str], project_numbers: Sequence[str]
) -> Facts:
    """Tell what is known of the tenant and of these products and projects."""
    rows = await uow.connection.execute(
        _FACTS,
        {
            "product_codes": list(set(product_codes)),
            "project_numbers": list(set(project_numbers)),
        },
    )
    tenant, known_products, known_projects = TenantFacts(), {}, {}
    for row in rows:
        if row.kind == "product":
            known_products[row.code] = _product(row)
        elif row.kind == "project":
            known_projects[row.code] = ProjectFacts(row.id, row.code, row.name)
        else:
            tenant = TenantFacts(row.code, row.time_zone, is_active=row.name == "active")
    return Facts(tenant, known_products, known_projects)


def _product(row: Any) -> ProductFacts:
    return ProductFacts(
        product_code=row.code,
        product_name=row.name,
        product_category=row.category,
        unit_code=row.unit_code,
        unit_decimals=row.unit_decimals,
        plant_code=row.plant_code,
        time_zone=row.time_zone,
    )
