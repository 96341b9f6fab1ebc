"""Checks of one service's database against its catalog."""

from collections.abc import Iterator

from lineside_chassis.migrations import Roles
from lineside_stack.verification import expectations, findings
from lineside_stack.verification.catalog import Catalog, PolicyFacts, RoleFacts, TableFacts
from lineside_stack.verification.findings import Finding

TENANT = "tenant_id"
_KINDS = {"p": "primary keys", "u": "unique", "f": "foreign keys", "c": "check constraints"}


def check(service: str, catalog: Catalog, roles: Roles) -> Iterator[Finding]:
    """Check everything the catalog tells.

    Args:
        service: Its name.
        catalog: What its database holds.
        roles: What its roles are called.
    """
    yield from _required_tables(service, catalog)
    for table in catalog.tables:
        if table.name not in expectations.OUTSIDE_ROW_SECURITY:
            yield from _tenant_table(service, catalog, table, roles)
        else:
            yield _plain_table(service, table)
    yield from _policies(service, catalog, roles)
    yield from _roles(service, catalog, roles)
    yield from _needed_indexes(service, catalog)
    yield _counted(service, catalog)


def isolated(catalog: Catalog) -> list[str]:
    """Names of the tables under row-level security, as they should be."""
    outside = expectations.OUTSIDE_ROW_SECURITY
    return [table.name for table in catalog.tables if table.name not in outside]


def _required_tables(service: str, catalog: Catalog) -> Iterator[Finding]:
    there = {table.name for table in catalog.tables}
    for name in (*expectations.REQUIRED_TABLES[service], *expectations.CHASSIS_TABLES):
        problem = None if name in there else "missing"
        yield findings.held(f"{service}.{name}", "table exists", problem=problem)


def _plain_table(service: str, table: TableFacts) -> Finding:
    return Finding(f"{service}.{table.name}", "is a named table outside row-level security")


def _tenant_table(
    service: str, catalog: Catalog, table: TableFacts, roles: Roles
) -> Iterator[Finding]:
    about = f"{service}.{table.name}"
    yield findings.held(about, "has a tenant_id", problem=None if table.has_tenant else "has none")
    yield findings.held(
        about,
        "row-level security is enabled and forced",
        problem=_row_security(table),
    )
    yield findings.held(
        about,
        f"policy {table.name}_tenant_isolation admits the current tenant only",
        problem=_isolation(catalog, table, roles),
    )
    yield findings.held(
        about,
        "belongs to the owner role",
        problem=None if table.owner == roles.owner else f"belongs to {table.owner}",
    )
    yield findings.held(
        about,
        "unique and foreign keys include tenant_id",
        problem=findings.listed(_keys_without_tenant(catalog, table)),
    )
    yield findings.held(
        about,
        "indexes are led by tenant_id",
        problem=findings.listed(_indexes_without_tenant(catalog, table)),
    )


def _row_security(table: TableFacts) -> str | None:
    if not table.enabled:
        return "not enabled"
    return None if table.forced else "not forced on the owner"


def _isolation(catalog: Catalog, table: TableFacts, roles: Roles) -> str | None:
    name = f"{table.name}_tenant_isolation"
    policy = next((p for p in catalog.policies if p.name == name and p.table == table.name), None)
    if policy is None:
        return "no such policy"
    if policy.is_public or list(policy.roles) != [roles.app]:
        return f"is for {', '.join(policy.roles) or 'everybody'}, not for {roles.app}"
    if policy.command != "*":
        return f"covers only {policy.command}"
    conditions = (policy.using, policy.checked)
    if not all(_is_current_tenant(condition) for condition in conditions):
        return f"uses {policy.using} and checks {policy.checked}"
    return None


def _is_current_tenant(condition: str | None) -> bool:
    words = (condition or "").replace("(", " ").replace(")", " ").lower().split()
    return words[:2] == [TENANT, "="] and "current_tenant" in words and "or" not in words


def _keys_without_tenant(catalog: Catalog, table: TableFacts) -> list[str]:
    return [
        constraint.name
        for constraint in catalog.constraints
        if constraint.table == table.name
        and constraint.kind in "puf"
        and TENANT not in constraint.columns
        and constraint.name not in expectations.WITHOUT_TENANT
    ] + [f"{c.name} is not validated" for c in catalog.constraints if not c.is_valid]


def _indexes_without_tenant(catalog: Catalog, table: TableFacts) -> list[str]:
    """Block range indexes and those of global rows need no tenant."""
    return [
        index.name
        for index in catalog.indexes
        if index.table == table.name
        and (not index.columns or index.columns[0] != TENANT or not index.is_valid)
        and index.name not in expectations.WITHOUT_TENANT
        and index.method != "brin"
        and "tenant_id IS NULL" not in (index.predicate or "")
    ]


def _policies(service: str, catalog: Catalog, roles: Roles) -> Iterator[Finding]:
    """Permissive policies add up: one too many opens what the others close."""
    for policy in catalog.policies:
        if policy.name == f"{policy.table}_tenant_isolation":
            continue
        problem = _widening(policy, roles)
        yield findings.held(
            f"{service}.{policy.table}", f"policy {policy.name} opens nothing", problem=problem
        )


def _widening(policy: PolicyFacts, roles: Roles) -> str | None:
    if not policy.permissive:
        return None
    if policy.is_public:
        return "is for everybody"
    if roles.app in policy.roles:
        known = (policy.table, policy.name) in expectations.FURTHER_POLICIES
        return None if known and policy.command == "r" else f"lets {roles.app} {policy.using}"
    return None


def _roles(service: str, catalog: Catalog, roles: Roles) -> Iterator[Finding]:
    by_name = {role.name: role for role in catalog.roles}
    for name in (roles.owner, roles.app, roles.relay):
        role = by_name.get(name)
        problem = "missing" if role is None else _power(role)
        yield findings.held(f"{service} role {name}", "cannot bypass anything", problem=problem)
    for name in (roles.app, roles.relay):
        role = by_name.get(name)
        if role is not None:
            yield findings.held(
                f"{service} role {name}",
                "owns nothing and is member of nothing",
                problem=_possessions(role),
            )


def _power(role: RoleFacts) -> str | None:
    powers = {
        "is a superuser": role.is_super,
        "bypasses row-level security": role.bypasses,
        "creates roles": role.creates_roles,
    }
    return findings.listed(name for name, has in powers.items() if has)


def _possessions(role: RoleFacts) -> str | None:
    owned = [f"owns {role.owned} relations"] if role.owned else []
    return findings.listed([*owned, *(f"is member of {name}" for name in role.member_of)])


def _needed_indexes(service: str, catalog: Catalog) -> Iterator[Finding]:
    for needed in expectations.NEEDED_INDEXES[service]:
        wanted = [TENANT, *needed.columns]
        there = any(
            index.table == needed.table
            and list(index.columns[: len(wanted)]) == wanted
            and (index.predicate is not None) >= needed.is_partial
            for index in catalog.indexes
        )
        kind = "partial index" if needed.is_partial else "index"
        yield findings.advised(
            f"{service}.{needed.table}",
            f"{kind} by {', '.join(wanted)}",
            problem=None if there else "missing: lists read whole tables",
        )


def _counted(service: str, catalog: Catalog) -> Finding:
    counts = [f"{len(catalog.policies)} policies", f"{len(catalog.indexes)} indexes"]
    for kind, plural in _KINDS.items():
        number = sum(constraint.kind == kind for constraint in catalog.constraints)
        counts.append(f"{number} {plural}")
    return Finding(service, f"has {', '.join(counts)}")
