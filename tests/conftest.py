"""Fixtures that every test folder can use."""

pytest_plugins = ["real_models"]
