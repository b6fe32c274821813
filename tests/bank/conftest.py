"""A bank in a folder of its own, with a clock that the test moves."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from werkzeug.test import TestResponse

from bank import Bank, BankConfig, bank_of, create_app
from nightlatch.testing import FakeClock
from tests.bank.canary import Canary
from tests.bank.visitor import Visitor


@pytest.fixture(scope="session", autouse=True)
def canary() -> Iterator[Canary]:
    """Reads every log, page and output of every test here; see :func:`no_secret_gets_out`."""
    canary = Canary()
    open_page, invoke = FlaskClient.open, FlaskCliRunner.invoke

    def opened(self: FlaskClient, *args: Any, **kwargs: Any) -> TestResponse:
        canary.type(kwargs.get("data"))
        response = open_page(self, *args, **kwargs)
        canary.read(f"page {response.request.path} ({response.status_code})", response.text)
        canary.read("headers", str(response.headers))
        return response

    def invoked(self: FlaskCliRunner, *args: Any, **kwargs: Any) -> Result:
        result = invoke(self, *args, **kwargs)
        canary.read("output of a command", result.output)
        return result

    root = logging.getLogger()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FlaskClient, "open", opened)
        patch.setattr(FlaskCliRunner, "invoke", invoked)
        root.addHandler(canary)
        yield canary
        root.removeHandler(canary)


@pytest.fixture(autouse=True)
def no_secret_gets_out(canary: Canary, tmp_path: Path) -> Iterator[None]:
    """Holds for every test of the bank: no password and no hash in anything that is shown."""
    canary.take()
    yield
    canary.read_files(tmp_path.rglob("audit.jsonl"))
    assert canary.take() == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """What a test has left on stdout and stderr is read, too."""
    report = yield
    canary = item.funcargs.get("canary") if isinstance(item, pytest.Function) else None
    if isinstance(canary, Canary) and report.when == "call":
        for name, text in report.sections:
            if name.startswith("Captured std"):
                canary.read(name, text)
    return report


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
