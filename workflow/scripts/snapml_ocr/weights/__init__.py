"""Fetch model files: sources, checksums, safe archives."""
