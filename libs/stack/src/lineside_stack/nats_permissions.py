"""Who may say and hear what on NATS: the one table of logins and their subjects.

A service publishes its own aggregates, pulls and acknowledges its own consumers, and answers
requests; the gateway alone asks them; sales systems publish to the ingress and hear their answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lineside_chassis import advisories
from lineside_chassis.dead_letters import REDRIVE_SUFFIX
from lineside_chassis.ingress import REPLY_PREFIX
from lineside_contracts import registry, streams
from lineside_stack import catalogue
from lineside_stack.embedded import nats
from lineside_stack.embedded.nats import NatsUser, Variable

ADMIN = "admin"
SALES = "sales"
GATEWAY = "gateway"
LOGINS = (ADMIN, SALES)
"""Logins besides one per service."""

_API = "$JS.API"
_IMPORTS = f"OBJ_{streams.IMPORTS_BUCKET}"
_TICKETS = f"KV_{streams.TICKETS_BUCKET}"


@dataclass(frozen=True)
class Place:
    """What one service does on NATS.

    Attributes:
        aggregates: Whose events in EVENTS it says; its master data follows from the registry.
        durables: Its durable consumers, by stream.
        also_publishes: Subjects besides.
    """

    aggregates: tuple[str, ...] = ()
    durables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    also_publishes: tuple[str, ...] = ()


PLACES: Mapping[str, Place] = {
    "sales-bridge": Place(
        (streams.SALES_AGGREGATE,),
        {
            streams.SALES_INGRESS: ("sales-bridge-ingress",),
            streams.MASTER_DATA: ("sales-bridge-master",),
            streams.EVENTS: ("sales-bridge-outcomes",),
        },
        (f"{REPLY_PREFIX}>",),
    ),
    "planning": Place(
        (
            "production_order",
            "material",
            "purchase_requisition",
            "stock",
            "receipt",
            "mrp_run",
            "planned_order",
            "capacity",
            "production_cost",
        ),
        {
            streams.EVENTS: (
                "planning-sales",
                "planning-routing",
                "planning-progress",
                "planning-readiness",
                "planning-firming",
                "planning-materials",
                "planning-mrp",
                "planning-capacity",
                "planning-costing",
                "planning-routings",
            ),
            streams.MASTER_DATA: (
                "planning-master",
                "planning-products",
                "planning-materials-master",
                "planning-mrp-master",
                "planning-capacity-master",
            ),
        },
        ("bom.changed.*.*",),
    ),
    "routing": Place(
        ("routing", "routing_template"),
        {
            streams.EVENTS: ("routing-orders", "routing-recovery", "routing-progress"),
            streams.MASTER_DATA: ("routing-master",),
        },
    ),
    "shopfloor": Place(
        ("work_order", "work_order_operation", "production_log", "oee"),
        {
            streams.EVENTS: (
                "shopfloor-work-orders",
                "shopfloor-orders",
                "shopfloor-followers",
                "shopfloor-assignment",
                "shopfloor-reporting",
            ),
            streams.MASTER_DATA: ("shopfloor-master-data", "shopfloor-assignment-master"),
        },
        tuple(f"{name}.*.*" for name in streams.LANE_EVENTS),
    ),
    "predictions": Place(
        ("delivery_prediction",),
        {
            streams.EVENTS: ("predictions-orders", "predictions-reality"),
            streams.MASTER_DATA: ("predictions-master", "predictions-plants"),
            streams.TIMERS: ("predictions-timers",),
        },
        (f"{streams.SCHEDULE_PREFIX}.predictions.>",),
    ),
}
"""By service. A test compares the durables with what the services declare."""


def inbox_prefix(service: str) -> str:
    """Where a service hears answers; nobody else may listen there."""
    return f"_INBOX_{service.replace('-', '_')}"


def users(services: Sequence[str], *, passwords: Mapping[str, str]) -> list[NatsUser]:
    """Every login of the account.

    Args:
        services: Names of the services that run.
        passwords: By login; a service's login is its name.
    """
    every = [NatsUser(ADMIN, passwords[ADMIN]), _sales_system(passwords[SALES])]
    for name in services:
        user = _gateway if name == GATEWAY else _service
        every.append(user(name, passwords[name]))
    return every


def container_configuration() -> str:
    """The configuration of deploy/nats.conf: passwords come from the container's environment."""
    services = [entry.name for entry in catalogue.SERVICES]
    passwords = {login: variable(login) for login in (*LOGINS, *services)}
    return nats.configuration(
        {nats.ACCOUNT: users(services, passwords=passwords)},
        host="0.0.0.0",  # noqa: S104 -- inside a container
        port=4222,
        store=Path("/data"),
    )


def variable(login: str) -> Variable:
    """The variable that holds a login's password, where a server reads it from there."""
    return Variable(f"LINESIDE_NATS_{login.replace('-', '_').upper()}_PASSWORD")


def _sales_system(password: str) -> NatsUser:
    return NatsUser(
        SALES,
        password,
        publish=tuple(streams.ingress_subjects()),
        subscribe=("_INBOX.>", f"{REPLY_PREFIX}>"),
    )


def _service(name: str, password: str) -> NatsUser:
    place = PLACES[name]
    durables = [
        *((stream, durable) for stream, some in place.durables.items() for durable in some),
        *(
            (streams.REDRIVE, f"{durable}{REDRIVE_SUFFIX}")
            for some in place.durables.values()
            for durable in some
        ),
        (streams.ADVISORIES, advisories.DURABLE),
    ]
    return NatsUser(
        name,
        password,
        publish=(
            *(f"{aggregate}.*.*.*" for aggregate in place.aggregates),
            *(f"{kind.name}.changed.*.*" for kind in registry.MASTER_DATA if kind.service == name),
            *(subject for durable in durables for subject in _pulling(*durable)),
            *place.also_publishes,
            f"{streams.OUTBOX_POKE_PREFIX}.{name}",
            f"{streams.DEAD_LETTER_PREFIX}.>",
            f"{inbox_prefix(GATEWAY)}.>",
            f"{streams.IMPORT_PROGRESS_PREFIX}.>",
            # the advisory mover reads whatever message a consumer gave up on
            f"{_API}.STREAM.MSG.GET.*",
            f"{_API}.DIRECT.GET.>",
            f"{_API}.STREAM.MSG.DELETE.{streams.REDRIVE}",
            *_reading_bucket(_IMPORTS),
        ),
        subscribe=(
            f"{inbox_prefix(name)}.>",
            f"request.{name}.>",
            f"{streams.OUTBOX_POKE_PREFIX}.{name}",
        ),
    )


def _gateway(name: str, password: str) -> NatsUser:
    return NatsUser(
        name,
        password,
        publish=(
            "request.>",
            f"$O.{streams.IMPORTS_BUCKET}.>",
            f"$KV.{streams.TICKETS_BUCKET}.>",
            f"{_API}.STREAM.INFO.{streams.EVENTS}",
            *(
                f"{_API}.CONSUMER.{verb}.{streams.EVENTS}.>"
                for verb in ("CREATE", "DELETE", "INFO", "MSG.NEXT")
            ),
            f"{_API}.DIRECT.GET.{streams.EVENTS}.>",
            f"{_API}.DIRECT.GET.{streams.EVENTS}",
            f"{_API}.STREAM.MSG.GET.{streams.EVENTS}",
            *_reading_bucket(_IMPORTS),
            *_reading_bucket(_TICKETS),
            *(f"{_API}.STREAM.PURGE.{bucket}" for bucket in (_IMPORTS, _TICKETS)),
            "$JS.FC.>",
        ),
        subscribe=(f"{inbox_prefix(name)}.>", f"{streams.IMPORT_PROGRESS_PREFIX}.>"),
    )


def _pulling(stream: str, durable: str) -> tuple[str, ...]:
    return (
        f"$JS.ACK.{stream}.{durable}.>",
        f"{_API}.CONSUMER.INFO.{stream}.{durable}",
        f"{_API}.CONSUMER.MSG.NEXT.{stream}.{durable}",
    )


def _reading_bucket(stream: str) -> tuple[str, ...]:
    return (
        # nats-py looks a bucket's stream up by its subject
        f"{_API}.STREAM.NAMES",
        f"{_API}.STREAM.INFO.{stream}",
        f"{_API}.STREAM.MSG.GET.{stream}",
        f"{_API}.DIRECT.GET.{stream}",
        f"{_API}.DIRECT.GET.{stream}.>",
        *(f"{_API}.CONSUMER.{verb}.{stream}.>" for verb in ("CREATE", "DELETE", "INFO")),
        f"{_API}.CONSUMER.CREATE.{stream}",
        f"$JS.FC.{stream}.>",
    )
