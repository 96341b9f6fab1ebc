"""`lineside verify` finds what somebody broke by hand."""

from collections.abc import AsyncIterator

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_stack import databases
from lineside_stack.verification import catalog, database_checks, findings, probes, schema
from lineside_stack.verification.findings import Finding, Outcome
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

SERVICE = "planning"


@pytest.fixture
async def broken(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(lineside_servers, services=[SERVICE]) as harness:
        yield harness


async def _failures(harness: Harness) -> list[Finding]:
    found = harness.installation.database(SERVICE)
    url = databases.in_database(harness.installation.servers.admin_url, found.name)
    roles = found.roles
    held = await catalog.read(url, roles=[roles.owner, roles.app, roles.relay])
    every = list(database_checks.check(SERVICE, held, roles))
    every.append(schema.check(found.service, url=url))
    strangers = (SYSTEM_CLOCK.new_id(), SYSTEM_CLOCK.new_id())
    tables = database_checks.isolated(held)
    probing = probes.check(SERVICE, app_url=found.urls["app"], tables=tables, strangers=strangers)
    every += [finding async for finding in probing]
    return [finding for finding in every if finding.outcome is not Outcome.PASSED]


async def test_a_fresh_installation_passes_and_each_damage_is_named(broken: Harness) -> None:
    assert await _failures(broken) == []
    await broken.owner_sql(
        SERVICE, "DROP POLICY production_orders_tenant_isolation ON production_orders"
    )
    (failure,) = await _failures(broken)
    assert failure.about == "planning.production_orders"
    assert failure.detail == "no such policy"

    await broken.owner_sql(SERVICE, "ALTER TABLE products NO FORCE ROW LEVEL SECURITY")
    assert "not forced on the owner" in {one.detail for one in await _failures(broken)}

    role = broken.installation.database(SERVICE).roles.app
    await broken.owner_sql(SERVICE, f'ALTER ROLE "{role}" BYPASSRLS')
    details = {one.detail for one in await _failures(broken)}
    assert "bypasses row-level security" in details
    assert "1 rows are seen" in details
    assert "it returned 1 rows" in details


def test_the_summary_counts_every_outcome() -> None:
    some = [
        findings.held("a", "holds", problem=None),
        findings.held("b", "holds", problem="broken"),
        findings.advised("c", "is there", problem="missing"),
    ]
    assert findings.summary(some) == {
        Outcome.PASSED: 1,
        Outcome.FAILED: 1,
        Outcome.WARNING: 1,
    }
