"""Composition root: the only place of planning that builds things, package by package."""

from collections.abc import Awaitable, Callable, Sequence

from lineside_chassis.clock import SYSTEM_CLOCK, Clock
from lineside_chassis.consumers import Consumer
from lineside_chassis.database import Database
from lineside_chassis.requests import Requests
from lineside_chassis.service import Service
from lineside_planning.capacity.handlers import orders as capacity_orders, places as capacity_places
from lineside_planning.capacity.requests import capacity as capacity_questions, promises
from lineside_planning.costing.handlers import costs as costing_events
from lineside_planning.costing.requests import costs as costing_questions
from lineside_planning.master_data.handlers import places, routings
from lineside_planning.master_data.requests import boms, kinds, resources
from lineside_planning.materials.handlers import (
    events as material_events,
    master_data as material_master_data,
)
from lineside_planning.materials.requests import (
    issues,
    materials,
    postings,
    receipts,
    requisitions,
    shortages,
    stock,
    stock_imports,
)
from lineside_planning.materials.store import usage as stock_usage
from lineside_planning.mrp.handlers import changes as mrp_changes, master as mrp_master
from lineside_planning.mrp.jobs.running import Runner
from lineside_planning.mrp.jobs.scheduling import Scheduler
from lineside_planning.mrp.requests import items, pegging, proposals, runs
from lineside_planning.orders.handlers import (
    firming,
    products,
    progress,
    readiness,
    routing,
    sales,
)
from lineside_planning.orders.requests import production_orders
from lineside_planning.orders.store import usage
from lineside_planning.settings import Settings

NAME = "planning"


def build(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> Service:
    """Put planning together; nothing is connected yet."""
    database = Database(
        settings.database_url, service=NAME, pool_size=settings.pool_size, clock=clock
    )
    return Service(
        name=NAME,
        settings=settings,
        database=database,
        consumers=_consumers(database),
        requests=[_requests()],
        background=_jobs(database, settings),
    )


def _consumers(database: Database) -> Sequence[Consumer]:
    return [
        places.consumer(),
        routings.consumer(),
        products.consumer(),
        sales.consumer(),
        routing.consumer(),
        progress.consumer(),
        readiness.consumer(),
        firming.consumer(),
        material_events.consumer(),
        material_master_data.consumer(database),
        mrp_changes.consumer(),
        mrp_master.consumer(),
        capacity_orders.consumer(),
        capacity_places.consumer(database),
        costing_events.consumer(),
    ]


def _requests() -> Requests:
    requests = Requests(NAME)
    used_by = kinds.UsedBy(
        product={
            "production orders": usage.orders_of_product,
            "stock": stock_usage.stock_of_product,
            "receipts": stock_usage.receipts_of_product,
        },
        project={"production orders": usage.orders_of_project},
        stock_location={"stock": stock_usage.stock_at_location},
        vendor={"purchase requisitions": stock_usage.requisitions_at_vendor},
    )
    kinds.register(requests, used_by)
    resources.register(requests, used_by)
    answering = (boms, production_orders, *_OF_MATERIALS, *_OF_MRP, *_OF_CAPACITY)
    for package in (*answering, costing_questions):
        package.register(requests)
    return requests


_OF_MATERIALS = (
    materials,
    requisitions,
    shortages,
    stock,
    postings,
    receipts,
    issues,
    stock_imports,
)
_OF_MRP = (runs, proposals, items, pegging)
_OF_CAPACITY = (capacity_questions, promises)


def _jobs(database: Database, settings: Settings) -> Sequence[Callable[[], Awaitable[None]]]:
    """MRP looks after itself: it does the runs that wait, and asks for those that are due."""
    runner = Runner(database, settings.mrp_poll_seconds)
    scheduler = Scheduler.of(
        database,
        url=settings.database_url,
        poll_seconds=settings.mrp_poll_seconds,
        check_seconds=settings.mrp_check_seconds,
    )
    return [runner.run, scheduler.run]
