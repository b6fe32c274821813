"""Tokens cannot be guessed, and comparing them tells nothing."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing

import pytest

import nightlatch.stores.memory
import nightlatch.stores.sqlite
from nightlatch import Limits, Manager
from nightlatch.stores.memory import MemoryStore
from nightlatch.stores.sqlite import SqliteStore
from nightlatch.token import mint

MANY = 100_000


def test_100_000_tokens_have_no_sid_in_common_and_all_bytes_equally_often(monkeypatch) -> None:
    """From the system's random source: the ordinary generator is not even asked."""
    for name in ("random", "getrandbits", "randbytes", "choice"):
        monkeypatch.delattr(random, name)

    sids = [mint().sid for _ in range(MANY)]

    assert len(set(sids)) == MANY
    counts = Counter(byte for sid in sids for byte in bytes.fromhex(sid))
    expected = MANY * 16 / 256
    chi_squared = sum((counts[byte] - expected) ** 2 / expected for byte in range(256))
    # 255 degrees of freedom: beyond these about once in ten million runs.
    assert 145 < chi_squared < 390


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_secret_is_compared_in_constant_time_and_a_wrong_one_touches_nothing(
    kind, tmp_path, monkeypatch
) -> None:
    """``hmac.compare_digest`` sees both hashes, whole; ``seen`` stays where it was."""
    module = getattr(nightlatch.stores, kind)
    compared = []
    real = module.compare_digest
    monkeypatch.setattr(
        module, "compare_digest", lambda one, other: compared.append(other) or real(one, other)
    )
    store = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "sessions.db")
    with closing(store):
        manager = Manager(store, Limits())
        started = manager.start("george")
        wrong = mint(started.record.sid)

        assert manager.extend(wrong.text()) is None

        assert compared == [wrong.hash]
        assert manager.peek(started.token.text()).record.seen == started.record.seen
