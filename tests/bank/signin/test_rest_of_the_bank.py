"""What else of the bank depends on its database: all of that once more, on PostgreSQL."""

from __future__ import annotations

import pytest

from bank import BankConfig
from tests.bank.test_accounts import *  # noqa: F403 - all of its tests, with the bank below
from tests.bank.test_transfers import *  # noqa: F403 - the same

pytestmark = pytest.mark.process


@pytest.fixture
def config(config_on_postgres: BankConfig) -> BankConfig:
    return config_on_postgres
