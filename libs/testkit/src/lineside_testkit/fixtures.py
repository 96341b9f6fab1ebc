"""The pytest plugin: fixtures every test of the repository may use.

@pytest.fixture(scope="session")
async def harness(lineside_servers):
    async with Harness.start(lineside_servers, services=["planning"]) as harness:
        yield harness
"""

import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from lineside_testkit import servers
from lineside_testkit.servers import Servers

EXTERNAL_DATA_VARIABLE = "LINESIDE_EXTERNAL_DATA"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--backing`."""
    parser.getgroup("lineside").addoption(
        "--backing",
        choices=("auto", "embedded", "external", "containers"),
        default="auto",
        help="where PostgreSQL and NATS come from; auto: external when LINESIDE_TEST_DATABASE_URL "
        "and LINESIDE_TEST_NATS_URL are set, else embedded",
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lineside_servers(request: pytest.FixtureRequest) -> AsyncIterator[Servers]:
    """PostgreSQL and NATS for this test worker."""
    warnings_only = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=warnings_only)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    match _backing(request.config):
        case "external":
            backing = servers.external(worker, is_parallel=count > 1)
        case "containers":
            # imported here: only this backing needs the client of an engine
            from lineside_testkit import containers  # noqa: PLC0415

            backing = containers.start(worker)
        case _:
            backing = servers.embedded(worker)
    async with backing as started:
        yield started


@pytest.fixture(scope="session")
def lineside_external_data() -> Path:
    """The folder of real data sets; tests that need it are skipped where there is none."""
    folder = os.environ.get(EXTERNAL_DATA_VARIABLE)
    if not folder:
        pytest.skip(f"{EXTERNAL_DATA_VARIABLE} does not name a folder of data sets")
    path = Path(folder)
    if not path.is_dir():
        pytest.skip(f"{EXTERNAL_DATA_VARIABLE}={folder} is no folder")
    return path.absolute()


def _backing(config: pytest.Config) -> str:
    chosen: str = config.getoption("--backing")
    if chosen != "auto":
        return chosen
    named = {servers.DATABASE_VARIABLE, servers.NATS_VARIABLE} <= os.environ.keys()
    return "external" if named else "embedded"
