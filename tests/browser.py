"""The browser that tests look at pages with."""

import os
import shutil

import pytest


def chromium() -> str:
    """Path of Chromium; without one the test is skipped, or fails where REQUIRE_BROWSER=1."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        message = "no Chromium here; install it to look at the page"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return found
