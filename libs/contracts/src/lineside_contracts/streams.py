"""Names of streams and the subjects they hold; provisioning and tests read them here."""

EVENTS = "EVENTS"
MASTER_DATA = "MASTER_DATA"
SALES_INGRESS = "SALES_INGRESS"
DEAD_LETTERS = "DLQ"
REDRIVE = "REDRIVE"
ADVISORIES = "ADVISORY"
TIMERS = "TIMERS"
"""Message schedules and what comes of them, `schedule.…` and `timer.…`; every service's own."""
IMPORTS_BUCKET = "IMPORTS"
TICKETS_BUCKET = "WS_TICKETS"
"""Key-value bucket of single-use WebSocket tickets; in memory, 30 seconds."""


EVENT_AGGREGATES = (
    "production_order",
    "material",
    "purchase_requisition",
    "stock",
    "receipt",
    "mrp_run",
    "planned_order",
    "capacity",
    "production_cost",
    "routing",
    "routing_template",
    "work_order",
    "work_order_operation",
    "production_log",
    "oee",
    "delivery_prediction",
)
"""Aggregates whose events live in EVENTS, besides `sales.order`."""

LANE_EVENTS = ("lane.status_changed", "lane.assigned", "lane.released")
"""Events of lanes live in EVENTS one by one: `lane.changed` is master data."""

SALES_AGGREGATE = "sales.order"
SALES_INGRESS_VERBS = ("confirmed", "amended", "cancelled")
"""What sales systems may publish, plain or with their tenant as fourth token."""

MASTER_DATA_AGGREGATES = (
    "tenant",
    "unit",
    "product",
    "project",
    "bom",
    "vendor",
    "vendor_product",
    "stock_location",
    "labour_rate",
    "calendar",
    "maintenance_window",
    "operation",
    "work_center",
    "plant",
    "department",
    "lane",
    "asset",
)

OUTBOX_POKE_PREFIX = "relay.poke"
IMPORT_PROGRESS_PREFIX = "import_progress"
"""Core NATS: how far an import is, `import_progress.<object name, "/" as ".">`."""
REDRIVE_PREFIX = "redrive"
DEAD_LETTER_PREFIX = "dlq"
SCHEDULE_PREFIX = "schedule"
TIMER_PREFIX = "timer"
"""`schedule|timer.<service>.<job>.<tenant>.<key>`: a schedule, and what the broker makes of it."""


def event_subjects() -> list[str]:
    """The subjects of EVENTS: four tokens each, five of sales orders."""
    return [
        *(f"{name}.*.*.*" for name in EVENT_AGGREGATES),
        *(f"{name}.*.*" for name in LANE_EVENTS),
        f"{SALES_AGGREGATE}.*.*.*",
    ]


def stream_of_event(name: str) -> str:
    """The stream an event lies in, by its plain name such as `lane.assigned`."""
    is_master_data = name.removesuffix(".changed") in MASTER_DATA_AGGREGATES
    return MASTER_DATA if is_master_data else EVENTS


def master_data_subjects() -> list[str]:
    """The subjects of MASTER_DATA."""
    return [f"{name}.changed.*.*" for name in MASTER_DATA_AGGREGATES]


def ingress_subjects() -> list[str]:
    """The subjects of SALES_INGRESS: plain (trusted publishers) and bound to a tenant."""
    plain = [f"{SALES_AGGREGATE}.{verb}" for verb in SALES_INGRESS_VERBS]
    return plain + [f"{subject}.*" for subject in plain]


def timer_subjects() -> list[str]:
    """The subjects of TIMERS: schedules, and what comes of them when their time is there."""
    return [f"{prefix}.*.*.*.*" for prefix in (SCHEDULE_PREFIX, TIMER_PREFIX)]
