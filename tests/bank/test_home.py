"""The folder that a bank lives in, and the settings that lead to it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from bank.config import DEMO_TIMING, BankConfig
from bank.home import default_home, open_home, secret_key
from nightlatch.errors import SettingError


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_nothing_needs_to_be_configured(tmp_path: Path) -> None:
    """With a folder alone, everything else has a value: both databases lie inside it."""
    home = tmp_path / "deep" / "home"

    config = BankConfig.from_env({"BANK_HOME": str(home)})

    assert config.database_url == f"sqlite:///{home}/bank.db"
    assert config.session_store == f"sqlite:///{home}/sessions.db"
    assert config.timing == {}
    assert not config.demo


def test_the_demonstration_has_the_timing_of_the_article(tmp_path: Path) -> None:
    """--demo means 14, 6 and 2 seconds."""
    config = BankConfig.from_env({"BANK_HOME": str(tmp_path)}, demo=True)

    assert config.demo
    assert {name: span.total_seconds() for name, span in config.timing.items()} == {
        "idle": 14,
        "warn": 6,
        "ping_every": 2,
    }


def test_other_limits_can_be_tried_from_the_environment(tmp_path: Path) -> None:
    """Seconds in the environment win over the timing of either kind of start."""
    environ = {"BANK_HOME": str(tmp_path), "BANK_IDLE_S": "900", "BANK_WARN_S": ""}

    assert BankConfig.from_env(environ).timing == {"idle": timedelta(minutes=15)}
    assert BankConfig.from_env(environ, demo=True).timing == {
        **DEMO_TIMING,
        "idle": timedelta(minutes=15),
    }


@pytest.mark.parametrize("text", ["an hour", "1.5", "9" * 30])
def test_a_limit_that_is_no_number_is_named(tmp_path: Path, text: str) -> None:
    """The refusal names the variable, its value and the unit."""
    with pytest.raises(SettingError, match=r"BANK_WARN_S is .* whole number of seconds"):
        BankConfig.from_env({"BANK_HOME": str(tmp_path), "BANK_WARN_S": text})


def test_the_environment_names_other_stores(tmp_path: Path) -> None:
    """BANK_DATABASE_URL and NIGHTLATCH_STORE win over the files in the folder."""
    config = BankConfig.from_env(
        {
            "BANK_HOME": str(tmp_path),
            "BANK_DATABASE_URL": "sqlite:////srv/people.db",
            "NIGHTLATCH_STORE": "sqlite:////srv/sessions.db",
        }
    )

    assert config.database_url == "sqlite:////srv/people.db"
    assert config.session_store == "sqlite:////srv/sessions.db"


def test_the_folder_and_the_key_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Modes are 0700 and 0600, the key has 256 bits, and no draft of it is left."""
    home = open_home(tmp_path / "home")

    key = secret_key(home)

    assert mode(home) == 0o700
    assert mode(home / "secret-key") == 0o600
    assert len(key) >= 43  # 32 random bytes in base64
    assert [entry.name for entry in sorted(home.iterdir())] == [".lock", "secret-key"]


def test_the_key_stays_the_same(tmp_path: Path) -> None:
    """A second start reads the key of the first: forms survive it."""
    assert secret_key(tmp_path) == secret_key(tmp_path)


@pytest.mark.parametrize("round_", range(10))
def test_starts_that_race_get_one_key(tmp_path: Path, round_: int) -> None:
    """Eight that find a new folder at one moment agree on one key, and it is the one kept."""
    together = Barrier(8)

    def start(_: int) -> str:
        together.wait()
        return secret_key(tmp_path)

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(start, range(8)))

    assert keys == {secret_key(tmp_path)}


def test_neither_the_key_nor_an_address_shows_in_the_repr(tmp_path: Path) -> None:
    """A configuration that ends in a log gives nothing away."""
    config = BankConfig.from_env(
        {"BANK_HOME": str(tmp_path), "BANK_DATABASE_URL": "postgresql://bank:canary@db/bank"}
    )

    assert config.secret_key not in repr(config)
    assert "canary" not in repr(config)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """The refusal says which folder was meant, by which setting."""
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(SettingError, match=r"BANK_HOME is .*file/home"):
        open_home(file / "home")


def test_a_checkout_keeps_its_data_in_its_own_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From a checkout, data goes to its var folder wherever it is started from."""
    monkeypatch.chdir(tmp_path)

    assert default_home() == Path(__file__).resolve().parents[2] / "var"


def test_a_copy_without_a_checkout_uses_the_working_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a pyproject.toml beside it, data goes to var in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bank.home.__file__", str(tmp_path / "site" / "bank" / "home.py"))

    assert default_home() == Path(os.getcwd()) / "var"
