"""Tests that take long run when the variable EXTENDED is set, as `.ci/run` does."""

import os

import pytest

EXTENDED = bool(os.environ.get("EXTENDED"))

only_extended = pytest.mark.skipif(not EXTENDED, reason="takes long; EXTENDED=1 runs it")
