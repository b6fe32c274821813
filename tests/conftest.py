"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# How long one example takes is the machine's affair; `timeout` in pyproject.toml bounds a test.
settings.register_profile("nightlatch", deadline=None)
settings.load_profile("nightlatch")
