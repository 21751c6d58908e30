"""The bundle for Lens Studio: models that take plain pixels, settings, import records, scripts, one archive."""
