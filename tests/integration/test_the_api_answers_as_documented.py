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

from lineside_contracts import registry, shopfloor
from lineside_testkit.builders import PLANT
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey

CONFIGURATION: Final = Path(__file__).parent / "data" / "schemathesis.toml"
HOOKS: Final = Path(__file__).with_name("schemathesis_hooks.py")
PREFIX: Final = "/api/v1"
CODE_FIELDS: Final = {f"/{kind.path}": kind.code_field for kind in registry.MASTER_DATA}
ENDS: Final = ("/cancel", "/close", "/complete", "/retire", "/maintenance")
REAL: Final = 0.7
"""So many of the addresses name what exists."""


@pytest.mark.timeout(600)
async def test_no_answer_is_undocumented(chain: Harness, tmp_path: Path) -> None:
    journey = await Journey.begin(chain)
    await journey.confirm(journey.document("SO-1"), journey.document("SO-2"))
    await journey.production_orders(count=2, status="routed")
    await open_the_floor(journey)
    async with journey.http() as http:
        document = (await http.get(f"{chain.http_url}/openapi.json")).json()
        tables = [await existing(http, path) for path in document["paths"]]
        tables += [await named_in_bodies(http)]
    configuration = tmp_path / "schemathesis.toml"
    hooks = f"hooks = {json.dumps(str(HOOKS))}\n"
    configuration.write_text(hooks + CONFIGURATION.read_text() + "".join(tables))
    token = chain.token("admin", tenant_id=journey.tenant_id)
    status, told = await run_schemathesis(
        f"{chain.http_url}/openapi.json", configuration, token=token
    )
    assert status == 0, told


async def open_the_floor(journey: Journey) -> None:
    """A lane, and work orders that wait for it."""
    lane = shopfloor.LaneFields(
        lane_number="L-1", lane_name="Press 1", plant_code=PLANT, lane_type="fabrication"
    )
    await journey.granted(shopfloor.LANES.create, lane)
    async with journey.http() as http:
        for order in await journey.work_orders(count=4):
            released = await http.post(f"/work-orders/{order.id}/release")
            assert released.status_code in {httpx.codes.OK, httpx.codes.CONFLICT}, released.text


async def named_in_bodies(http: httpx.AsyncClient) -> str:
    """Let bodies name work orders and lanes that exist."""
    values, parameters = "", "\n[parameters]\n"
    for field, collection in (("work_order_id", "/work-orders"), ("lane_id", "/lanes")):
        listed = (await http.get(collection)).json()["items"]
        values += dictionary(field, spared([item["id"] for item in listed], is_end=False))
        parameters += drawn(f"body.{field}", field)
    return values + parameters


async def existing(http: httpx.AsyncClient, path: str) -> str:
    """Configure an operation's path parameter with what the list above it holds."""
    collection, _, rest = path.removeprefix(PREFIX).partition("/{")
    parameter = rest.partition("}")[0]
    if not parameter or "{" in rest:
        return ""
    listed = await http.get(collection)
    if listed.status_code != httpx.codes.OK or "items" not in listed.json():
        return ""
    by_code = CODE_FIELDS.get(collection, parameter)
    field = "id" if parameter.endswith("_id") else by_code
    values = [item[field] for item in listed.json()["items"] if field in item]
    return table(path, parameter, spared(values, is_end=path.endswith(ENDS))) if values else ""


def spared(values: list[str], *, is_end: bool) -> list[str]:
    """Let what ends things end the first one only, and the rest of them work with the others."""
    return values[:1] if is_end or len(values) == 1 else values[1:]


def table(path: str, parameter: str, values: list[str]) -> str:
    """Write what exists as a table of the configuration; deletions are left to chance."""
    name = f"{path}#{parameter}"
    return (
        f"{dictionary(name, values)}"
        f'\n[[operations]]\ninclude-path = {json.dumps(path)}\nexclude-method = "DELETE"\n'
        f"[operations.parameters]\n{drawn(f'path.{parameter}', name)}"
    )


def dictionary(name: str, values: list[str]) -> str:
    """Write values under a name."""
    return f"\n[dictionaries.{json.dumps(name)}]\nvalues = {json.dumps(values)}\n"


def drawn(parameter: str, name: str) -> str:
    """Write that a parameter is mostly one of those values."""
    source = f"{{ dictionary = {json.dumps(name)}, probability = {REAL} }}"
    return f"{json.dumps(parameter)} = {source}\n"


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
