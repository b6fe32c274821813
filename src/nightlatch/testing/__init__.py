"""For tests, the product's own and its users': a clock to move, and the store conformance suite.

:mod:`nightlatch.testing.conformance` needs pytest and is imported by its own name.
"""

from nightlatch.testing.clock import FakeClock

__all__ = ["FakeClock"]
