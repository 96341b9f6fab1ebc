"""The data directory: what is kept between runs, what is running now, and who may touch it.

secrets.json   passwords, made once           issuer/    development keys
stack.json     where everything is right now  logs/      one file per process
postgres/ nats/                               lock       held by the running `lineside up`
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from lineside_stack.failures import DirectoryInUseError, NotRunningError

DEFAULT = Path(".lineside")
_SECRET_BYTES = 18
_LOCK_TRIES = 5
_LOCK_PAUSE_SECONDS = 0.05


class DataDirectory:
    """Paths and small files below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.root / "logs"

    @property
    def issuer(self) -> Path:
        """Keys of the development issuer."""
        return self.root / "issuer"

    def make(self) -> None:
        """Create the folder; others may pass through it (PostgreSQL runs as somebody else)."""
        self.logs.mkdir(parents=True, exist_ok=True)
        ignore = self.root / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory while something runs on it.

        Raises:
            DirectoryInUseError: Somebody else holds it; the message names their process.
        """
        self.make()
        with (self.root / "lock").open("a+") as file:
            if not _take(file):
                file.seek(0)
                raise DirectoryInUseError(
                    f"{self.root} is in use by process {file.read().strip() or 'unknown'}: "
                    "stop it first, or choose another --data directory"
                )
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield
            file.truncate(0)

    def holder(self) -> int | None:
        """The process that holds the directory; None when nobody does."""
        path = self.root / "lock"
        if not path.exists():
            return None
        with path.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read().strip() or 0)
        return None

    def passwords(self, names: Sequence[str]) -> dict[str, str]:
        """Passwords by name, made on first use and kept."""
        path = self.root / "secrets.json"
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        missing = [name for name in names if name not in known]
        if missing:
            known |= {name: secrets.token_urlsafe(_SECRET_BYTES) for name in missing}
            write_private(path, known)
        return known

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Say where everything is."""
        write_private(self.root / "stack.json", state)

    def last_state(self) -> dict[str, Any]:
        """What was said last, whether it still runs or not."""
        path = self.root / "stack.json"
        state: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return state

    def state(self) -> dict[str, Any]:
        """Where everything is.

        Raises:
            NotRunningError: Nothing runs on this directory, or it is not ready yet.
        """
        if self.holder() is None:
            raise NotRunningError(f"nothing runs on {self.root}: start it with `lineside up`")
        state = self.last_state()
        if not state.get("ready"):
            raise NotRunningError(f"what runs on {self.root} is still starting")
        return state


def _take(file: IO[str]) -> bool:
    """Take the lock; a command that only looks who holds it does so for an instant."""
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOCK_PAUSE_SECONDS)
        else:
            return True
    return False


def write_private(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a JSON file at once; only its owner may read it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=2) + "\n")
    draft.replace(path)
