"""Tests that take long run when the variable THOROUGH is set, as `.ci/run` does."""

import os

import pytest

THOROUGH = bool(os.environ.get("THOROUGH"))

only_thorough = pytest.mark.skipif(not THOROUGH, reason="takes long; THOROUGH=1 runs it")
