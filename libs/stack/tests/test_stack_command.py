"""The `lineside` command as people run it: one real `up`, looked at from outside."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lineside_stack.embedded import children

SECONDS = 60
LINESIDE = [sys.executable, "-m", "lineside_stack"]


class Up:
    """A running `lineside up`."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.ready_file = folder / "ready.json"
        self.output = folder / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(  # noqa: S603 -- our own command
                [
                    *(*LINESIDE, "up", "--data", str(self.data)),
                    *("--http-port", str(children.free_port())),
                    *("--ready-file", str(self.ready_file)),
                ],
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        eventually(self.ready_file.exists, what=self.said)

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ready_file.read_text())
        return found

    def said(self) -> str:
        return self.output.read_text()

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603 -- our own command
            [*LINESIDE, *arguments, "--data", str(self.data)],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)


def eventually(is_so: Callable[[], bool], *, what: Callable[[], str]) -> None:
    for _ in range(SECONDS * 10):
        if is_so():
            return
        time.sleep(0.1)
    pytest.fail(what())


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    running = Up(tmp_path_factory.mktemp("up"))
    yield running
    if running.process.poll() is None:
        running.stop()


def test_the_ready_file_names_everything_that_runs(up: Up) -> None:
    assert {"supervisor", "postgres", "nats", "planning", "gateway"} <= up.state["pids"].keys()
    assert answers(up.state["http_url"])
    assert up.ready_file.stat().st_mode & 0o077 == 0


def test_a_second_up_on_the_same_data_is_refused(up: Up) -> None:
    second = up.command("up")
    assert second.returncode == 1
    assert f"in use by process {up.process.pid}" in second.stderr


def test_a_token_opens_the_api(up: Up) -> None:
    token = up.command("token", "--role", "viewer").stdout.strip()
    url = f"{up.state['http_url']}/api/v1/products"
    answer = httpx.get(url, headers={"authorization": f"Bearer {token}"})
    assert answer.json() == {"items": [], "next_cursor": None}


def test_an_import_tells_every_fault_and_loads_nothing(up: Up, tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text(
        "unit_code,unit_name,dimension,decimals,factor\nX,Ex,count,0,1\n,None,count,0,1\n"
    )
    refused = up.command("import", "units", str(file))
    assert refused.returncode == 1
    assert "row 3.unit_code" in refused.stderr
    file.write_text("unit_code,unit_name,dimension,decimals,factor\nX,Ex,count,0,1\n")
    assert "1 rows of units: 1 were created" in up.command("import", "units", str(file)).stdout
    bills = tmp_path / "boms.csv"
    bills.write_text("product_code,line_number,component_code,quantity\nGHOST,10,SPOOK,1\n")
    for option in ((), ("--dry-run",)):
        refused = up.command("import", "boms", str(bills), *option)
        assert refused.returncode == 1
        assert "row 2.component_code" in refused.stderr


def test_planning_answers_in_the_terminal(up: Up) -> None:
    assert json.loads(up.command("stock", "--json").stdout) == {"stock": []}
    assert json.loads(up.command("requisitions", "--json").stdout) == []
    checked = json.loads(up.command("mrp", "check", "--json").stdout)
    assert (checked["status"], checked["differences"]) == ("completed", [])
    for command in (("order", "MO-1"), ("promise", "GHOST", "5"), ("mrp", "item", "GHOST")):
        refused = up.command(*command)
        assert (refused.returncode, refused.stdout) == (1, ""), command
        assert refused.stderr


def test_a_watcher_is_shown_what_came_since(up: Up) -> None:
    assert up.command("mrp", "run", "--json").returncode == 0
    since = ("--resume-from", "0.-", "--count", "1")
    (line,) = up.command("watch", "mrp_run.*", *since, "--json").stdout.splitlines()
    event = json.loads(line)
    assert event["event"] == "mrp_run_changed"
    assert event["id"].partition(".")[0].isdecimal()
    shown = up.command("watch", *since).stdout
    assert "mrp run changed" in shown or "mrp_run_changed" in shown
    refused = up.command("watch", "no pattern", "--count", "1")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "no subject pattern" in refused.stderr


def test_verify_passes_on_what_up_installed(up: Up) -> None:
    verified = up.command("verify", "--quiet")
    assert verified.returncode == 0, verified.stdout
    assert " 0 failed" in verified.stdout


@pytest.mark.parametrize("name", ["routing", "nats", "postgres"])
def test_what_crashes_comes_back(up: Up, name: str) -> None:
    old = up.state["pids"][name]
    os.kill(old, signal.SIGKILL)
    eventually(lambda: up.state["pids"][name] not in {old, None}, what=up.said)
    ports = [about["http_port"] for about in up.state["services"].values()]
    eventually(lambda: all(answers(f"http://127.0.0.1:{port}") for port in ports), what=up.said)
    assert f"{name} ended (signal 9)" in up.said()


def test_a_stop_leaves_nothing_running_and_exits_cleanly(up: Up) -> None:
    pids = up.state["pids"].values()
    assert up.stop() == 0
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
    token = up.command("orders")
    assert token.returncode == 1
    assert "lineside up" in token.stderr
