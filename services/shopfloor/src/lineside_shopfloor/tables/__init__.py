"""The tables of this service, by subject; the migrations create the same ones.

A column stands for each field of a state, under the field's name, so that a row is a state and a
rebuild from events is compared column by column.
"""

from lineside_shopfloor.tables.archive import production_log_archives
from lineside_shopfloor.tables.columns import metadata
from lineside_shopfloor.tables.execution import (
    log_conflicts,
    manpower_allocation,
    product_serials,
    production_logs,
    work_intervals,
    work_tracks,
)
from lineside_shopfloor.tables.lanes import lane_assignments
from lineside_shopfloor.tables.places import (
    calendars,
    departments,
    labour_rates,
    lanes,
    maintenance_windows,
    plants,
    products,
    projects,
    tenant_settings,
    work_centers,
)
from lineside_shopfloor.tables.reporting import (
    asset_hierarchy,
    daily_production_summary,
    daily_work_logs,
    equipment_status_log,
    known_tenants,
    maintenance_records,
    oee_calculations,
    work_order_completions,
)
from lineside_shopfloor.tables.work_orders import (
    SEARCH_VECTOR,
    number_counters,
    production_order_states,
    work_order_operations,
    work_order_words,
    work_orders,
)

__all__ = [
    "SEARCH_VECTOR",
    "asset_hierarchy",
    "calendars",
    "daily_production_summary",
    "daily_work_logs",
    "departments",
    "equipment_status_log",
    "known_tenants",
    "labour_rates",
    "lane_assignments",
    "lanes",
    "log_conflicts",
    "maintenance_records",
    "maintenance_windows",
    "manpower_allocation",
    "metadata",
    "number_counters",
    "oee_calculations",
    "plants",
    "product_serials",
    "production_log_archives",
    "production_logs",
    "production_order_states",
    "products",
    "projects",
    "tenant_settings",
    "work_centers",
    "work_intervals",
    "work_order_completions",
    "work_order_operations",
    "work_order_words",
    "work_orders",
    "work_tracks",
]
