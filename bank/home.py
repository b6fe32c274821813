"""The folder in which a bank keeps what it must not lose: its key and its databases."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nightlatch import SettingError


def default_home() -> Path:
    """``var`` beside the source when it is run from a checkout, else in the working folder."""
    checkout = Path(__file__).resolve().parent.parent
    return (checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()) / "var"


def open_home(path: Path) -> Path:
    """Makes the folder if it is missing, readable by its owner alone.

    :returns: the absolute path.
    :raises SettingError: it cannot be made, or this user may not write in it.
    """
    path = path.expanduser().absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(path):
            return path
    except OSError as error:
        raise SettingError(
            "BANK_HOME",
            path,
            f"a folder that this user may make and write in ({error.strerror})",
        ) from error


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Holds the folder against other processes that prepare the same one."""
    # Opened with mode 0600: whoever else can open a lock file can also hold it for ever.
    handle = os.open(home / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def secret_key(home: Path, name: str = "secret-key") -> str:
    """The key that signs forms, or the one named: made at the first start, the same ever after.

    Two processes that start together get the same key.
    """
    path = home / name
    with locked(home):
        try:
            return path.read_text(encoding="ascii")
        except FileNotFoundError:
            key = secrets.token_urlsafe(32)
            # Complete under another name first: a process killed here leaves no half key.
            draft = path.with_suffix(".new")
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(handle, "w", encoding="ascii") as file:
                file.write(key)
            draft.replace(path)
            return key
