"""Whatever is sent to the running system, the answer is one that its OpenAPI document tells.

Schemathesis sends every operation its examples, the edges of its schema and what lies beyond them,
and some more made by chance (always the same chance). Addresses mostly name what really exists, so
that not everything ends at "not found".
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Final

import httpx
import pytest

from lineside_contracts import registry
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey

CONFIGURATION: Final = Path(__file__).parent / "data" / "schemathesis.toml"
HOOKS: Final = Path(__file__).with_name("schemathesis_hooks.py")
PREFIX: Final = "/api/v1"
CODE_FIELDS: Final = {f"/{kind.path}": kind.code_field for kind in registry.MASTER_DATA}
REAL: Final = 0.7
"""So many of the addresses name what exists."""


@pytest.mark.timeout(600)
async def test_no_answer_is_undocumented(chain: Harness, tmp_path: Path) -> None:
    journey = await Journey.begin(chain)
    await journey.confirm(journey.document("SO-1"))
    await journey.production_orders(count=1, status="routed")
    async with journey.http() as http:
        document = (await http.get(f"{chain.http_url}/openapi.json")).json()
        tables = [await existing(http, path) for path in document["paths"]]
    configuration = tmp_path / "schemathesis.toml"
    hooks = f"hooks = {json.dumps(str(HOOKS))}\n"
    configuration.write_text(hooks + CONFIGURATION.read_text() + "".join(tables))
    token = chain.token("admin", tenant_id=journey.tenant_id)
    status, told = await run_schemathesis(
        f"{chain.http_url}/openapi.json", configuration, token=token
    )
    assert status == 0, told


async def existing(http: httpx.AsyncClient, path: str) -> str:
    """Configure an operation's path parameter with what the list above it holds."""
    collection, _, rest = path.removeprefix(PREFIX).partition("/{")
    parameter = rest.partition("}")[0]
    if not parameter or "{" in rest:
        return ""
    listed = await http.get(collection)
    if listed.status_code != httpx.codes.OK or "items" not in listed.json():
        return ""
    field = CODE_FIELDS.get(collection, "id" if parameter.endswith("_id") else parameter)
    values = [item[field] for item in listed.json()["items"] if field in item]
    return table(path, parameter, values) if values else ""


def table(path: str, parameter: str, values: list[str]) -> str:
    """Write what exists as a table of the configuration; deletions are left to chance."""
    name = f"{path}#{parameter}"
    return (
        f"\n[dictionaries.{json.dumps(name)}]\nvalues = {json.dumps(values)}\n"
        f'\n[[operations]]\ninclude-path = {json.dumps(path)}\nexclude-method = "DELETE"\n'
        f"[operations.parameters]\n"
        f'"path.{parameter}" = {{ dictionary = {json.dumps(name)}, probability = {REAL} }}\n'
    )


async def run_schemathesis(url: str, configuration: Path, *, token: str) -> tuple[int, str]:
    """Run it as a process of its own, so that the services here go on; what it printed."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        "--no-color",
        f"--config-file={configuration}",
        "run",
        f"--header=Authorization: Bearer {token}",
        url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=configuration.parent,
    )
    told, _nothing = await process.communicate()
    return process.returncode or 0, told.decode()
