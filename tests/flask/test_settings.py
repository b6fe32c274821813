"""Settings: read from options, configuration and environment; a bad one stops the start."""

from datetime import timedelta
from pathlib import Path

import pytest

from nightlatch import Cap, Limits, SettingError
from nightlatch.flask import Nightlatch
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.sqlite import SqliteStore
from tests.flask.apps import bare_app, new_app

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def limits(configuration=None, **options):
    """The limits that an application gets."""
    app = new_app()
    app.config.update(configuration or {})
    Nightlatch(app, store=MemoryStore(), **options)
    return app.extensions["nightlatch"].manager.limits


BAD = [
    # options, the setting, its value, a word of what is allowed
    ({"idle": 15 * MINUTE, "warn": 15 * MINUTE}, "warn", "0:15:00", "shorter than"),
    ({"idle": 15 * MINUTE, "warn": 20 * MINUTE}, "warn", "0:20:00", "shorter than"),
    ({"warn": 19 * SECOND}, "warn", "0:00:19", "WCAG 2.2.1"),
    ({"idle": -MINUTE}, "idle", "-0:01:00", "longer than zero"),
    ({"idle": 0 * MINUTE}, "idle", "0:00:00", "longer than zero"),
    ({"warn": -MINUTE}, "warn", "-0:01:00", "longer than zero"),
    ({"idle": 2 * MINUTE, "absolute": MINUTE}, "absolute", "0:01:00", "idle (0:02:00) or longer"),
    ({"absolute": timedelta(days=401)}, "absolute", "401 days", "400 days"),
    ({"ping_every": 60 * MINUTE}, "ping_every", "1:00:00", "time before the warning"),
    ({"ping_every": 0 * MINUTE}, "ping_every", "0:00:00", "longer than zero"),
    ({"slack": 31 * MINUTE}, "slack", "0:31:00", "half of idle"),
    ({"slack": -MINUTE}, "slack", "-0:01:00", "zero"),
    ({"idle": 900}, "idle", "900", "timedelta"),
    ({"warn": "2 minutes"}, "warn", "'2 minutes'", "timedelta"),
    ({"demo": True, "idle": 14 * SECOND, "warn": 14 * SECOND}, "warn", "0:00:14", "shorter than"),
    ({"profile": "pci"}, "profile", "pci", "pci-dss"),
    ({"profile": "pci-dss", "idle": MINUTE}, "profile", "'pci-dss'", "without idle"),
    ({"store": "mysql://root:hunter2@host/db"}, "store", "mysql://…", "sqlite:///"),
    ({"store": "sessions.db"}, "store", "sessions.db", "sqlite:///"),
    ({"store": Path("sessions.db")}, "store", "Path", "a store"),
    ({"store": 42}, "store", "a int", "a store"),
    ({"cap": 0}, "cap", "0", "from 1"),
    ({"cap": -1}, "cap", "-1", "from 1"),
    ({"cap": True}, "cap", "True", "from 1"),
    ({"cap": "3"}, "cap", "'3'", "from 1"),
    ({"cap": Cap(0)}, "cap", "Cap(count=0", "from 1"),
    ({"cap": Cap(1, "end-newest")}, "cap", "end-newest", "Cap"),
    ({"prefix": "session"}, "prefix", "'session'", "/session"),
    ({"prefix": "/session/"}, "prefix", "'/session/'", "/session"),
    ({"prefix": "/"}, "prefix", "'/'", "/session"),
    ({"prefix": 5}, "prefix", "5", "/session"),
    ({"cookie_name": "my session"}, "cookie_name", "'my session'", "letters"),
    ({"cookie_name": "__Host-latch;"}, "cookie_name", "'__Host-latch;'", "letters"),
    ({"same_site": "None"}, "same_site", "'None'", "'Lax' or 'Strict'"),
    ({"idel": MINUTE}, "idel", "timedelta", "idle"),
]


@pytest.mark.parametrize(
    ("options", "setting", "value", "allowed"), BAD, ids=[f"{bad[1]}-{bad[2]}" for bad in BAD]
)
def test_a_bad_setting_stops_the_start(options, setting, value, allowed):
    """The message names the setting, its value and what is allowed."""
    app = new_app()

    with pytest.raises(SettingError) as refused:
        Nightlatch(app, **({"store": MemoryStore()} | options))

    assert refused.value.setting == setting
    assert str(refused.value).startswith(f"{setting} is ")
    assert value in str(refused.value)
    assert allowed in refused.value.allowed
    assert "hunter2" not in str(refused.value)


def test_a_bad_limit_leaves_no_file_behind(tmp_path):
    """Limits are read before the store is made."""
    path = tmp_path / "sessions.db"

    with pytest.raises(SettingError):
        Nightlatch(new_app(), store=f"sqlite:///{path}", idle=-MINUTE)

    assert not path.exists()


def test_a_misspelt_configuration_is_told_as_it_was_spelled():
    """A misspelt limit would protect nobody."""
    with pytest.raises(SettingError, match="NIGHTLATCH_IDEL is") as refused:
        limits({"NIGHTLATCH_IDEL": MINUTE})

    assert "NIGHTLATCH_IDLE" in refused.value.allowed


def test_a_misspelt_option_is_told_before_there_is_an_application():
    """At the line that has the mistake."""
    with pytest.raises(SettingError, match="idel"):
        Nightlatch(idel=MINUTE)


def test_without_settings_the_limits_are_the_seeds():
    """An hour of idleness, twelve hours in all, warned ten minutes before."""
    assert limits() == Limits()


def test_options_go_before_configuration():
    """And configuration before defaults."""
    found = limits(
        {"NIGHTLATCH_IDLE": 30 * MINUTE, "NIGHTLATCH_ABSOLUTE": timedelta(hours=5)},
        idle=20 * MINUTE,
    )

    assert (found.idle_ms, found.absolute_ms) == (20 * 60_000, 5 * 3_600_000)


def test_demonstration_timing_is_for_demonstrations():
    """14 s, 6 s and 2 s with ``demo``; without it they are refused."""
    times = {"idle": 14 * SECOND, "warn": 6 * SECOND, "ping_every": 2 * SECOND}

    assert limits(demo=True, **times).warn_ms == 6000
    assert limits({"NIGHTLATCH_DEMO": True}, **times).warn_ms == 6000
    with pytest.raises(SettingError, match="WCAG"):
        limits(**times)


def test_a_profile_sets_all_limits():
    """By option or by configuration."""
    assert limits(profile="pci-dss") == Limits.profile("pci-dss")
    assert limits({"NIGHTLATCH_PROFILE": "eu-sca"}) == Limits.profile("eu-sca")


def test_flasks_own_lifetime_is_the_idle_limit_where_somebody_chose_it():
    """PERMANENT_SESSION_LIFETIME, as a time or in seconds; not Flask's default of 31 days."""
    assert limits({"PERMANENT_SESSION_LIFETIME": 20 * MINUTE}).idle_ms == 20 * 60_000
    assert limits({"PERMANENT_SESSION_LIFETIME": 1800}).idle_ms == 30 * 60_000
    assert limits({"PERMANENT_SESSION_LIFETIME": timedelta(days=31)}).idle_ms == 60 * 60_000
    assert limits({"PERMANENT_SESSION_LIFETIME": MINUTE * 20}, idle=MINUTE * 5).idle_ms == 300_000


def test_the_store_comes_from_the_environment(tmp_path, monkeypatch):
    """NIGHTLATCH_STORE, where neither option nor configuration says otherwise."""
    path = tmp_path / "from-the-environment.db"
    monkeypatch.setenv("NIGHTLATCH_STORE", f"sqlite:///{path}")

    app = bare_app(store=None)
    other = bare_app(store="memory://")

    assert path.exists()
    assert isinstance(app.extensions["nightlatch"].manager.store.store, SqliteStore)
    assert isinstance(other.extensions["nightlatch"].manager.store.store, MemoryStore)
    app.extensions["nightlatch"].manager.close()


def test_a_bad_store_in_the_environment_stops_the_start(monkeypatch):
    """As any other setting does, and without its password."""
    monkeypatch.setenv("NIGHTLATCH_STORE", "redis://:hunter2@host?nosuch=1")

    with pytest.raises(SettingError, match=r"^store is ") as refused:
        bare_app(store=None)

    assert "hunter2" not in str(refused.value)


def test_without_a_store_there_is_a_file_in_the_instance_folder(tmp_path, monkeypatch):
    """It survives a restart with nothing configured."""
    from flask import Flask

    monkeypatch.delenv("NIGHTLATCH_STORE", raising=False)
    app = Flask("small_app", instance_path=str(tmp_path / "instance"))

    Nightlatch(app)

    assert (tmp_path / "instance" / "nightlatch.db").exists()
    app.extensions["nightlatch"].manager.close()


@pytest.mark.parametrize("cap", [2, Cap(2), Cap(2, "refuse")])
def test_a_cap_is_a_number_or_a_cap(cap):
    """A number ends the oldest."""
    app = new_app()

    Nightlatch(app, store="memory://", cap=cap)

    assert app.extensions["nightlatch"].manager.cap == (Cap(2) if cap == 2 else cap)
