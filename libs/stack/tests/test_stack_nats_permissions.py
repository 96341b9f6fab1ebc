"""The table of NATS permissions: in step with the services, and really enforced."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import nats.errors
import pytest
from nats.aio.client import Client

from lineside_contracts import registry
from lineside_stack import catalogue, nats_permissions, provisioning
from lineside_stack.embedded.nats import ACCOUNT, EmbeddedNats

ROOT = Path(__file__).resolve().parents[3]
NAMES = [entry.name for entry in catalogue.SERVICES]


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedNats]:
    folder = tmp_path_factory.mktemp("nats")
    passwords = dict.fromkeys([*nats_permissions.LOGINS, *NAMES], "test")
    users = nats_permissions.users(NAMES, passwords=passwords)
    server = EmbeddedNats(folder, accounts={ACCOUNT: users}, log=folder / "log", sync_always=False)
    await server.start()
    admin = await nats.connect(server.url, user="admin", password="test")
    await provisioning.provision_streams(admin)
    await admin.close()
    yield server
    await server.stop()


async def _refusals(client: Client, subject: str) -> list[str]:
    """Publish, and return what the server complains of."""
    await client.publish(subject, b"{}")
    await client.flush()
    await asyncio.sleep(0.1)
    return [str(client.last_error)] if client.last_error else []


async def _login(broker: EmbeddedNats, user: str) -> Client:
    async def ignore(_error: Exception) -> None:
        """`last_error` tells."""

    return await nats.connect(broker.url, user=user, password="test", error_cb=ignore)


def test_the_durables_of_the_table_are_those_the_services_declare() -> None:
    for entry in catalogue.with_database():
        (service,) = provisioning.declared([entry])
        declared = sorted((consumer.stream, consumer.name) for consumer in service.consumers)
        place = nats_permissions.PLACES[entry.name]
        listed = sorted((stream, name) for stream, some in place.durables.items() for name in some)
        assert listed == declared, entry.name


def test_every_event_may_be_published_by_exactly_one_service() -> None:
    users = nats_permissions.users(NAMES, passwords=dict.fromkeys([*NAMES, "admin", "sales"], ""))
    for event in registry.EVENTS:
        plain = event.EVENT.name
        family = {f"{plain}.*.*", f"{event.EVENT.aggregate}.*.*.*"}
        publishers = [u.name for u in users if u.publish and family & set(u.publish)]
        assert len(publishers) == 1, plain


def test_the_container_configuration_is_the_one_checked_in() -> None:
    """Regenerate it with `lineside nats-config > deploy/nats.conf`."""
    stored = (ROOT / "deploy" / "nats.conf").read_text()
    assert stored == nats_permissions.container_configuration()


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        ("planning", "work_order.created.t.a"),
        ("planning", "request.routing.routing.list"),
        ("planning", "production_order.created"),
        ("routing", "$JS.API.CONSUMER.MSG.NEXT.EVENTS.planning-sales"),
        ("routing", "$JS.API.STREAM.DELETE.EVENTS"),
        ("gateway", "production_order.created.t.a"),
        ("sales", "sales.order.confirmed.t.a"),
        ("sales", "$JS.API.STREAM.INFO.EVENTS"),
    ],
)
async def test_nobody_publishes_what_is_not_theirs(
    broker: EmbeddedNats, user: str, subject: str
) -> None:
    client = await _login(broker, user)
    assert "permissions violation" in "".join(await _refusals(client, subject)).lower()
    await client.close()


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        ("planning", "production_order.created.t.a"),
        ("planning", "product.changed.t.a"),
        ("gateway", "request.planning.product.list"),
        ("sales", "sales.order.confirmed"),
        ("sales", "sales.order.confirmed.t"),
    ],
)
async def test_everybody_publishes_what_is_theirs(
    broker: EmbeddedNats, user: str, subject: str
) -> None:
    client = await _login(broker, user)
    assert await _refusals(client, subject) == []
    await client.close()
