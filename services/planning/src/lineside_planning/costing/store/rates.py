"""What things cost today: rates of work centers and roles, standard costs, average prices."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Numeric,
    Text,
    and_,
    bindparam,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.sql.expression import any_, cast

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.costing.domain.learning import HourlyRates, Rates
from lineside_planning.costing.tables import purchase_prices
from lineside_planning.master_data.tables import labour_rates, products, tenants, work_centers

_CENTERS = bindparam("centers", type_=ARRAY(TEXT))
_PRODUCTS = bindparam("products", type_=ARRAY(TEXT))

_RATES: CompoundSelect[Any] = union_all(
    select(
        literal("center").label("kind"),
        work_centers.c.work_center_code.label("code"),
        work_centers.c.hourly_rate.label("first"),
        work_centers.c.overhead_rate.label("second"),
        labour_rates.c.hourly_rate.label("third"),
    )
    .select_from(
        work_centers.outerjoin(
            labour_rates,
            and_(
                labour_rates.c.tenant_id == work_centers.c.tenant_id,
                labour_rates.c.role_code == work_centers.c.labour_role,
                ~labour_rates.c.deleted,
            ),
        )
    )
    .where(work_centers.c.work_center_code == any_(_CENTERS), ~work_centers.c.deleted),
    select(
        literal("product"),
        products.c.product_code,
        products.c.standard_cost,
        purchase_prices.c.received_value,
        purchase_prices.c.received_quantity,
    )
    .select_from(
        products.outerjoin(
            purchase_prices,
            and_(
                purchase_prices.c.tenant_id == products.c.tenant_id,
                purchase_prices.c.product_code == products.c.product_code,
            ),
        )
    )
    .where(products.c.product_code == any_(_PRODUCTS), ~products.c.deleted),
    select(
        literal("tenant"),
        cast(tenants.c.currency, Text),
        *(cast(null(), Numeric) for _ in range(3)),
    ),
)

DEFAULT_CURRENCY = "EUR"


async def load(
    uow: UnitOfWork, *, work_centers: Collection[str], products: Collection[str]
) -> tuple[Rates, str]:
    """Tell today's rates and costs, and the tenant's currency."""
    rows = await uow.connection.execute(
        _RATES, {"centers": sorted(work_centers), "products": sorted(products)}
    )
    centers: dict[str, HourlyRates] = {}
    standards: dict[str, Decimal] = {}
    averages: dict[str, Decimal] = {}
    currency = DEFAULT_CURRENCY
    for row in rows:
        if row.kind == "center":
            centers[row.code] = HourlyRates(row.first, row.second, row.third)
        elif row.kind == "tenant":
            currency = row.code
        else:
            if row.first is not None:
                standards[row.code] = row.first
            if row.third:
                averages[row.code] = row.second / row.third
    return Rates(centers, standards, averages), currency
