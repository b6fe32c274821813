"""Proof that a store keeps the contract of :mod:`nightlatch.stores.base`. Needs pytest.

A store joins with one fixture, which gives an empty store and closes it::

    from nightlatch.testing.conformance import StoreConformance

    class TestMyStore(StoreConformance):
        @pytest.fixture
        def store(self):
            store = MyStore(...)
            yield store
            store.close()

Every test says in its docstring which sentence of the contract it checks. No test waits, and
no test needs the machine's clock: *now* is an argument of every verb.
"""

from __future__ import annotations

import pytest

# Before they are imported, so that a failed assertion shows its values.
pytest.register_assert_rewrite(
    *(
        f"{__name__}.{part}"
        for part in (
            "creating",
            "replacing",
            "opening",
            "rotating",
            "saving",
            "ending",
            "scanning",
            "racing",
            "drafts",
        )
    )
)

from nightlatch.testing.conformance.creating import Creating  # noqa: E402
from nightlatch.testing.conformance.ending import Ending  # noqa: E402
from nightlatch.testing.conformance.opening import Opening  # noqa: E402
from nightlatch.testing.conformance.racing import Racing  # noqa: E402
from nightlatch.testing.conformance.replacing import Replacing  # noqa: E402
from nightlatch.testing.conformance.rotating import Rotating  # noqa: E402
from nightlatch.testing.conformance.saving import Saving  # noqa: E402
from nightlatch.testing.conformance.scanning import Scanning  # noqa: E402

__all__ = ["StoreConformance"]


class StoreConformance(Creating, Replacing, Opening, Rotating, Saving, Ending, Scanning, Racing):
    """Every promise of a session store, as tests. Subclass it and give it a ``store`` fixture."""
