"""Permissions and the demo roles that bundle them (SPEC 2)."""

from enum import StrEnum


class Permission(StrEnum):
    """What a token allows, as `<noun>:<verb>`."""

    WORK_ORDER_CREATE = "work_order:create"
    WORK_ORDER_READ = "work_order:read"
    WORK_ORDER_UPDATE = "work_order:update"
    WORK_ORDER_RELEASE = "work_order:release"
    WORK_ORDER_ASSIGN = "work_order:assign"
    WORK_ORDER_CANCEL = "work_order:cancel"
    LANE_READ = "lane:read"
    LANE_MANAGE = "lane:manage"
    PRODUCTION_LOG = "production:log"
    PRODUCTION_READ = "production:read"
    SCHEDULE_CREATE = "schedule:create"
    SCHEDULE_READ = "schedule:read"
    SCHEDULE_APPROVE = "schedule:approve"
    PROJECT_READ = "project:read"
    PRODUCTION_ORDER_READ = "production_order:read"
    PRODUCTION_ORDER_MANAGE = "production_order:manage"
    ROUTING_READ = "routing:read"
    ROUTING_MANAGE = "routing:manage"
    MATERIAL_READ = "material:read"
    MATERIAL_MANAGE = "material:manage"
    SALES_INGEST = "sales:ingest"
    MASTERDATA_READ = "masterdata:read"
    MASTERDATA_MANAGE = "masterdata:manage"
    AUDIT_READ = "audit:read"
    DEADLETTER_MANAGE = "deadletter:manage"
    COST_READ = "cost:read"


P = Permission
_READS = frozenset(
    p for p in P if p.value.endswith(":read") and p not in {P.AUDIT_READ, P.COST_READ}
)

ROLES: dict[str, frozenset[Permission]] = {
    "planner": _READS
    | {
        P.PRODUCTION_ORDER_MANAGE,
        P.ROUTING_MANAGE,
        P.MATERIAL_MANAGE,
        P.MASTERDATA_MANAGE,
        P.SCHEDULE_CREATE,
        P.WORK_ORDER_CREATE,
        P.WORK_ORDER_UPDATE,
        P.WORK_ORDER_RELEASE,
        P.WORK_ORDER_CANCEL,
        P.COST_READ,
    },
    "supervisor": _READS
    | {
        P.WORK_ORDER_CREATE,
        P.WORK_ORDER_UPDATE,
        P.WORK_ORDER_RELEASE,
        P.WORK_ORDER_ASSIGN,
        P.WORK_ORDER_CANCEL,
        P.LANE_MANAGE,
        P.PRODUCTION_LOG,
        P.SCHEDULE_APPROVE,
    },
    "operator": frozenset(
        {P.WORK_ORDER_READ, P.LANE_READ, P.PRODUCTION_LOG, P.PRODUCTION_READ, P.MASTERDATA_READ}
    ),
    "viewer": _READS,
    "auditor": _READS | {P.AUDIT_READ, P.COST_READ},
    "integration": frozenset(
        {P.SALES_INGEST, P.PROJECT_READ, P.PRODUCTION_ORDER_READ, P.MASTERDATA_READ}
    ),
    "admin": frozenset(P),
}
"""What each demo role may do; production roles live in the identity provider."""
