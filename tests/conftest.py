"""Fixtures that every test folder can use, and the order in which files are run."""

import pytest

pytest_plugins = ["real_models"]

LONGEST = (
    "test_killed_builds",
    "test_training",
    "test_picture_spellings",
    "test_label_spellings",
    "test_shared_cache",
)
"""Modules that take minutes: begun first, they do not leave one processor to end alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first; all others keep their order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))
