"""The guard around every log handler stands only while a test of it runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from bank import Bank
from bank.audit import redaction


@pytest.fixture
def guard() -> Iterator[None]:
    redaction.install()
    yield
    redaction.uninstall()


@pytest.fixture
def lines(bank: Bank) -> Callable[[], list[dict[str, object]]]:
    """The lines of the bank's trail, read as any program reads them."""

    def read() -> list[dict[str, object]]:
        text = bank.audit.chain.path.read_text(encoding="ascii")
        return [json.loads(line) for line in text.splitlines()]

    return read
