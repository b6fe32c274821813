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
