"""The composition root: the only place that builds things."""

from lineside_chassis.clock import SYSTEM_CLOCK, Clock
from lineside_chassis.database import Database
from lineside_chassis.requests import Requests
from lineside_chassis.service import Service
from lineside_shopfloor.archive.jobs.keeping import Keeper
from lineside_shopfloor.archive.jobs.retiring import Retirement
from lineside_shopfloor.archive.requests import archives
from lineside_shopfloor.archive.store import obstacles
from lineside_shopfloor.archive.store.browsing import Browser
from lineside_shopfloor.archive.store.files import Archives
from lineside_shopfloor.assignment.handlers import events as assignment_events
from lineside_shopfloor.assignment.requests import board, maintenance, placing
from lineside_shopfloor.execution.requests import (
    closing,
    handover,
    log_conflicts,
    manpower,
    operations,
    production_logs,
)
from lineside_shopfloor.lanes.requests import master_data as lane_master_data
from lineside_shopfloor.places.handlers import master_data
from lineside_shopfloor.places.requests import places
from lineside_shopfloor.reporting.handlers import events as reporting_events
from lineside_shopfloor.reporting.jobs.closing import Closer
from lineside_shopfloor.reporting.requests import (
    assets,
    equipment,
    key_figures,
    reports,
    work_logs,
)
from lineside_shopfloor.settings import Settings
from lineside_shopfloor.work_orders.handlers import expansions, followers, production_orders
from lineside_shopfloor.work_orders.requests import work_orders

NAME = "shopfloor"


def build(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> Service:
    """Put the service together, without any I/O."""
    requests = Requests(NAME)
    places.register(requests)
    lane_master_data.register(requests)
    work_orders.register(requests)
    board.register(requests)
    placing.register(requests)
    maintenance.register(requests)
    production_logs.register(requests)
    log_conflicts.register(requests)
    closing.register(requests)
    operations.register(requests)
    manpower.register(requests)
    handover.register(requests)
    database = Database(
        settings.database_url, service=NAME, pool_size=settings.pool_size, clock=clock
    )
    for reporting in (reports, work_logs, equipment, assets, key_figures):
        reporting.register(requests)
    kept = Archives(settings.archive_directory) if settings.archive_directory else None
    archives.register(requests, Browser(kept))
    return Service(
        name=NAME,
        settings=settings,
        database=database,
        consumers=[
            expansions.consumer(),
            production_orders.consumer(),
            followers.consumer(),
            master_data.consumer(),
            assignment_events.consumer(),
            assignment_events.master_data_consumer(),
            reporting_events.consumer(),
        ],
        requests=[requests],
        background=[_keeper(settings, database, kept).run, _closer(settings, database).run],
    )


def _keeper(settings: Settings, database: Database, kept: Archives | None) -> Keeper:
    """Months of production logs are made ahead; they end in archives where there is a place."""
    retirement = None
    if kept is not None:
        months = settings.retention_months
        retirement = Retirement(database, kept, months, obstacles.of_month)
    return Keeper.of(
        database,
        url=settings.database_url,
        retirement=retirement,
        check_seconds=settings.archive_check_seconds,
    )


def _closer(settings: Settings, database: Database) -> Closer:
    """Shifts end whether or not anything was reported in them."""
    return Closer.of(
        database,
        url=settings.database_url,
        poll_seconds=settings.oee_poll_seconds,
        refresh_seconds=settings.oee_refresh_seconds,
    )
