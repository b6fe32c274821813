"""Breached passwords, looked up in range files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bank.signin.breached import Breached

STOLEN = "wombat fiddle quay"


def range_file(folder: Path, password: str, *, times: int = 3, name: str = "{}.txt") -> Path:
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    path = folder / name.format(digest[:5])
    path.write_text(f"{'0' * 35}:7\r\n{digest[5:]}:{times}\r\n{'F' * 35}:1", encoding="ascii")
    return path


@pytest.mark.parametrize("name", ["{}.txt", "{}"])
def test_a_password_of_a_breach_is_found(tmp_path: Path, name: str) -> None:
    """Under either name that downloaders give the files, and no other password."""
    range_file(tmp_path, STOLEN, name=name)
    range_file(tmp_path, "another one", name=name).write_text(f"{'0' * 35}:7")
    breached = Breached(tmp_path)

    assert breached.holds(STOLEN)
    assert not breached.holds("another one")


def test_it_is_looked_up_as_it_is_kept(tmp_path: Path) -> None:
    """Composed, whichever keyboard has typed it."""
    range_file(tmp_path, "café wombat fiddle")

    assert Breached(tmp_path).holds("cafe\u0301 wombat fiddle")


def test_padding_is_no_breach(tmp_path: Path) -> None:
    """Lines that count nothing are there to hide how many there are."""
    range_file(tmp_path, STOLEN, times=0)

    assert not Breached(tmp_path).holds(STOLEN)


def test_without_a_folder_nothing_is_breached() -> None:
    """A bank may have no such list."""
    assert not Breached(None).holds(STOLEN)


def test_a_range_that_is_away_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    """Every range of the real list has passwords, so a file that is missing is a fault."""
    with pytest.raises(FileNotFoundError):
        Breached(tmp_path).holds(STOLEN)


def test_what_is_no_range_file_is_told(tmp_path: Path) -> None:
    """A page of some portal, saved in its place, is not taken for a list."""
    range_file(tmp_path, STOLEN).write_text("<p>Zoë", encoding="utf-8")

    with pytest.raises(ValueError, match="ascii"):
        Breached(tmp_path).holds(STOLEN)
