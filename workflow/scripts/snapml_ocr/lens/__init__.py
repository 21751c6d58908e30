"""The bundle for Lens Studio: models that take plain pixels, settings, scripts, one archive."""
