"""Rewrites that bring a model into the form SnapML takes; one rule per module."""
