"""The settings of a bank from the environment: what they mean and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from bank import BankConfig
from nightlatch import Cap, SettingError


def read(tmp_path: Path, **environ: str) -> BankConfig:
    return BankConfig.from_env({"BANK_HOME": str(tmp_path / "home"), **environ})


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    """1,000 pounds, five minutes, and any number of sessions."""
    config = read(tmp_path, BANK_SESSIONS_MAX="")

    assert (config.confirm_above_pence, config.confirm_within_ms) == (100_000, 300_000)
    assert config.cap is None


def test_wrong_passwords_are_counted_in_the_bank_and_no_proxy_is_believed(tmp_path: Path) -> None:
    """Unless somebody says otherwise; and no list of breached passwords is looked for."""
    config = read(tmp_path, BANK_PROXIES="", BANK_THROTTLE_STORE="", BANK_BREACHED_DIR="")

    assert (config.throttle_store, config.proxies, config.breached) == (None, 0, None)


@pytest.mark.parametrize("scheme", ["redis", "rediss", "redis+unix"])
def test_guesses_can_be_counted_elsewhere(tmp_path: Path, scheme: str) -> None:
    """In any Redis; its address may hold a password and is in no repr."""
    url = f"{scheme}://:canary@cache/0"

    config = read(
        tmp_path, BANK_THROTTLE_STORE=url, BANK_PROXIES="2", BANK_BREACHED_DIR=str(tmp_path)
    )

    assert (config.throttle_store, config.proxies, config.breached) == (url, 2, tmp_path)
    assert "canary" not in repr(config)


def test_what_is_no_redis_is_refused_without_being_repeated(tmp_path: Path) -> None:
    """An address with a slip in it may hold a password too."""
    with pytest.raises(SettingError) as refusal:
        read(tmp_path, BANK_THROTTLE_STORE="http://:canary@cache/0")

    assert "BANK_THROTTLE_STORE" in str(refusal.value)
    assert "redis://localhost:6379/0" in str(refusal.value)
    assert "canary" not in str(refusal.value)


def test_every_setting_is_read(tmp_path: Path) -> None:
    """Pence, minutes, sessions, and what becomes of one too many."""
    config = read(
        tmp_path,
        BANK_CONFIRM_ABOVE_P="0",
        BANK_CONFIRM_WITHIN_MIN="1",
        BANK_SESSIONS_MAX="3",
        BANK_SESSIONS_WHEN_FULL="refuse",
    )

    assert (config.confirm_above_pence, config.confirm_within_ms) == (0, 60_000)
    assert config.cap == Cap(3, "refuse")
    assert read(tmp_path, BANK_SESSIONS_MAX="3").cap == Cap(3, "end-oldest")


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("BANK_CONFIRM_ABOVE_P", "-1", "a whole number of pence, 0 or more"),
        ("BANK_CONFIRM_ABOVE_P", "£5", "a whole number of pence, 0 or more"),
        ("BANK_CONFIRM_ABOVE_P", "٣", "a whole number of pence, 0 or more"),
        ("BANK_CONFIRM_ABOVE_P", "1" * 5_000, "a whole number of pence, 0 or more"),
        ("BANK_CONFIRM_WITHIN_MIN", "0", "a whole number of minutes, 1 or more"),
        ("BANK_CONFIRM_WITHIN_MIN", "1.5", "a whole number of minutes, 1 or more"),
        ("BANK_SESSIONS_MAX", "0", "a whole number of sessions, 1 or more"),
        ("BANK_SESSIONS_MAX", "many", "a whole number of sessions, 1 or more"),
        ("BANK_SESSIONS_WHEN_FULL", "explode", "refuse or end-oldest"),
        ("BANK_PROXIES", "one", "a whole number of proxies, 0 or more"),
        ("BANK_BREACHED_DIR", "no/such/folder", "a folder that is there"),
    ],
)
def test_what_cannot_be_right_is_named(
    tmp_path: Path, variable: str, value: str, allowed: str
) -> None:
    """The setting, its value, and what is allowed; the bank does not start."""
    with pytest.raises(SettingError) as refusal:
        read(tmp_path, **{variable: value})

    assert variable in str(refusal.value)
    assert value in str(refusal.value)
    assert allowed in str(refusal.value)
