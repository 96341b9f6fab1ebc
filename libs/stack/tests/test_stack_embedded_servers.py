"""PostgreSQL and NATS from the wheels: data is kept, crashes are survived."""

from pathlib import Path

import nats
import psycopg
import pytest

from lineside_stack.embedded import postgres
from lineside_stack.embedded.nats import ACCOUNT, EmbeddedNats, NatsUser
from lineside_stack.embedded.postgres import EmbeddedPostgres
from lineside_stack.failures import StartError


def _postgres(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(
        folder / "data",
        password="s3 c/r:t@",
        log=folder / "postgres.log",
        settings={**postgres.SETTINGS, **postgres.VOLATILE},
    )


async def test_committed_rows_survive_a_stop_and_a_crash(tmp_path: Path) -> None:
    server = _postgres(tmp_path)
    await server.start()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    server.kill()
    await server.start()
    with psycopg.connect(server.tcp_url()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(1,)]
    await server.stop()
    assert server.pid is None


async def test_a_wrong_password_opens_nothing(tmp_path: Path) -> None:
    server = _postgres(tmp_path)
    await server.start()
    try:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.url(password="guess"))
    finally:
        await server.stop()


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = EmbeddedPostgres(
        tmp_path / "data", password="x", log=tmp_path / "log", settings={"shared_buffers": "lots"}
    )
    with pytest.raises(StartError, match='invalid value for parameter "shared_buffers"'):
        await server.start()


async def test_streams_survive_a_crash_of_nats(tmp_path: Path) -> None:
    users = [NatsUser("admin", "test")]
    server = EmbeddedNats(tmp_path, accounts={ACCOUNT: users}, log=tmp_path / "log")
    await server.start()
    client = await nats.connect(server.url, user="admin", password="test")
    await client.jetstream().add_stream(name="KEPT", subjects=["kept.>"])
    await client.jetstream().publish("kept.one", b"1")
    await client.close()
    server.kill()
    await server.start()
    client = await nats.connect(server.url, user="admin", password="test")
    assert (await client.jetstream().stream_info("KEPT")).state.messages == 1
    await client.close()
    await server.stop()
