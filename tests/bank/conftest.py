"""A bank in a folder of its own, with a clock that the test moves."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from bank import Bank, BankConfig, bank_of, create_app
from nightlatch.testing import FakeClock
from tests.bank.visitor import Visitor


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def planted_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with people in it, to be copied: hashing their passwords takes its time."""
    home = tmp_path_factory.mktemp("planted") / "home"
    config = BankConfig.from_env({"BANK_HOME": str(home)})
    bank_of(create_app(config, clock=FakeClock())).close()
    return home


@pytest.fixture
def config(planted_home: Path, tmp_path: Path) -> BankConfig:
    home = shutil.copytree(planted_home, tmp_path / "home")
    return BankConfig.from_env({"BANK_HOME": str(home)})


@pytest.fixture
def app(config: BankConfig, clock: FakeClock) -> Iterator[Flask]:
    app = create_app(config, clock=clock)
    yield app
    bank_of(app).close()


@pytest.fixture
def bank(app: Flask) -> Bank:
    return bank_of(app)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


@pytest.fixture
def another_visitor(app: Flask) -> Visitor:
    return Visitor(app)


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Visitor]:
    """Makes visitors who are signed in."""

    def make(name: str = "george") -> Visitor:
        visitor = Visitor(app)
        assert visitor.sign_in(name).status_code == 303
        return visitor

    return make
