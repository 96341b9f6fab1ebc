"""The data directory: who may use it, what it keeps."""

import stat
from pathlib import Path

import pytest

from lineside_stack.data_directory import DataDirectory
from lineside_stack.failures import DirectoryInUseError, NotRunningError


def test_a_second_user_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    with (
        directory.locked(),
        pytest.raises(DirectoryInUseError, match=r"in use by process \d+"),
        DataDirectory(tmp_path / "data").locked(),
    ):
        pass


def test_a_lock_left_by_a_dead_process_stops_nobody(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    (tmp_path / "lock").write_text("999999999")
    assert directory.holder() is None
    with directory.locked():
        assert directory.holder() is not None
    assert directory.holder() is None


def test_passwords_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    first = directory.passwords(["a", "b"])
    again = directory.passwords(["b", "c"])
    assert again["b"] == first["b"]
    assert len({*again.values()}) == 3
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_a_stack_that_is_not_running_has_no_state(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    directory.write_state({"ready": True})
    with pytest.raises(NotRunningError, match="lineside up"):
        directory.state()
