"""Stores by URL."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nightlatch.errors import SettingError
from nightlatch.stores import open_store
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.testing.conformance.desk import begin


def test_memory() -> None:
    """``memory://`` is a store of its own each time."""
    first, second = open_store("memory://"), open_store("memory://")

    assert isinstance(first, MemoryStore)
    assert first is not second


def test_sqlite_absolute(tmp_path: Path) -> None:
    """Four slashes: an absolute path, taken as it is."""
    path = tmp_path / "O’Connor’s 100%20.db"

    store = open_store(f"sqlite:///{path}")
    begin(store)

    assert isinstance(store, SqliteStore)
    assert path.exists()
    store.close()


def test_sqlite_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three slashes: relative to the working directory."""
    monkeypatch.chdir(tmp_path)

    open_store("sqlite:///var/sessions.db").close()

    assert (tmp_path / "var" / "sessions.db").exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sessions.db",
        "sqlite://",
        "sqlite:///",
        "sqlite://sessions.db",
        "memory://x",
        "memory",
        "mysql://app:hunter2@db/app",
    ],
)
def test_no_such_store(url: str) -> None:
    """Any other URL is refused with what is allowed, and without the password in it."""
    with pytest.raises(SettingError, match=r"^store is .*Allowed: memory://, sqlite:///") as caught:
        open_store(url)

    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(caught.value)


def test_only_the_store_that_is_used_is_loaded() -> None:
    """Opening one store imports no other one."""
    script = (
        "import sys; from nightlatch.stores import open_store; open_store('memory://');"
        "sys.exit('nightlatch.stores.sqlite' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
